"""The difference of two runs as Markdown."""

from collections.abc import Iterator, Sequence
from typing import Any

from gemquad.diff.answered import Flip
from gemquad.diff.difference import Difference, File, ScoreDifference
from gemquad.report.formatting import MISSING, counted, interval, score, signed, system_label
from gemquad.report.markdown import table
from gemquad.schema.results import Interval

_LONGEST = 60


def markdown(found: Difference, most: int) -> str:
    """Parameters, data and code that differ, scores on test, and up to `most` examples that flipped each way."""
    a, b = found.names
    settings = [[f"`{name}`", *map(_value, values)] for name, values in found.settings.items()]
    data = [[f"`{path}`", *map(_file, files)] for path, files in found.data.items()]
    parts = [
        f"# {a} → {b}",
        "## Parameters",
        table(["parameter", a, b], settings) or "No setting differs.",
        "## Data",
        table(["file", a, b], data) or "Prepared and generated data are the same.",
        *_code(found.code),
        "## Scores on test",
        table(_header(found), map(_score, found.scores)) or "Neither run was scored on test.",
        *_answers(found, most),
    ]
    return "\n\n".join(parts)


def _code(stages: Sequence[str]) -> list[str]:
    return [f"The code differs too, of {', '.join(f'`{stage}`' for stage in stages)}."] if stages else []


def _header(found: Difference) -> list[str]:
    sides = [f"{name} ({system_label(system)})" for name, system in zip(found.names, found.systems, strict=True)]
    return ["language", "metric", *sides, "difference", "examples"]


def _score(row: ScoreDifference) -> list[str]:
    delta = row.delta
    holds = " n.s." if delta and delta.holds_zero else ""
    difference_text = (
        f"{signed(delta.value)} ({signed(delta.low)} to {signed(delta.high)}){holds}" if delta else MISSING
    )
    return [row.language, row.metric, _estimate(row.a), _estimate(row.b), difference_text, str(row.common or MISSING)]


def _estimate(estimate: Interval | None) -> str:
    if estimate is None:
        return MISSING
    return f"{score(estimate.value)} ({interval(estimate.low, estimate.high)})"


def _answers(found: Difference, most: int) -> Iterator[str]:
    if found.answers is None:
        yield found.reason
        return
    a, b = found.names
    yield (
        f"The difference is {b} minus {a} in points on the examples that both answered, with its paired 95% interval; "
        "n.s. marks one that holds 0."
    )
    yield f"## Examples that flipped\n\nAn answer is right where {found.answers.correct_where}."
    for right, wrong, flips in ((a, b, found.answers.lost), (b, a, found.answers.won)):
        shown = f", {most} shown" if most < len(flips) else ""
        yield f"Right in {right}, wrong in {wrong}: {counted(len(flips), 'example')}{shown}."
        if flips[:most]:
            yield table(["language", "id", "asked", "expected", a, b], map(_flip, flips[:most]))


def _flip(flip: Flip) -> list[str]:
    return [flip.language, flip.id, *map(_short, (flip.input, flip.expected, flip.answer_a, flip.answer_b))]


def _file(file: File | None) -> str:
    if file is None:
        return MISSING
    return file.md5[:7] if file.records is None else f"{counted(file.records, 'record')} ({file.md5[:7]})"


def _value(value: Any) -> str:
    return MISSING if value is None else _short(str(value))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
