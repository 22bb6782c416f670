"""The headline table: baseline and rounds by language, on dev and test, with intervals, gains and silver."""

from collections.abc import Sequence

from gemquad.report.cells import delta_axis, delta_cell, delta_scale, delta_whisker, legend, score_cell, system_cell
from gemquad.report.content import PageContent
from gemquad.report.formatting import MISSING, count, counted_examples, percent
from gemquad.report.languages import language_name
from gemquad.report.markup import join
from gemquad.report.scale import Scale
from gemquad.report.sections import Section
from gemquad.report.tables import Group, TableRow, table
from gemquad.schema.results import SystemScores

_SPLITS = ("dev", "test")


def section(content: PageContent) -> Section:
    """The table of the trained languages; all others are in the transfer table."""
    first = content.first_metric.name
    deltas = [content.gain(system.system, x, first) for system in content.round_systems for x in content.trained]
    scale = delta_scale(deltas)
    scored = [f"{split} {metric.label}" for split in _SPLITS for metric in content.metrics]
    gained = _with_drawing([f"gain {metric.label}" for metric in content.metrics], delta_axis(scale))
    columns = ["system", *scored, *(gained if any(deltas) else []), "silver"]

    def row(number: int, system: SystemScores, language: str) -> TableRow:
        gains = _gains(content, system, language, scale) if any(deltas) else []
        cells = [system_cell(system.system, content.best), *_scores(content, system, language), *gains]
        return TableRow([*cells, _silver(content, number, language)], selected=system.system == content.best)

    groups = [
        Group(
            [row(n, system, x) for n, system in zip(content.round_numbers, content.round_systems, strict=True)],
            _title(content, x),
        )
        for x in content.trained
    ]
    made = table("Scores by language and system", columns, groups)
    return Section("result", "Result", join([made, legend(content)]))


def _scores(content: PageContent, system: SystemScores, language: str) -> list[str]:
    return [score_cell(system.estimate(s, language, m.name)) for s in _SPLITS for m in content.metrics]


def _gains(content: PageContent, system: SystemScores, language: str, scale: Scale) -> list[str]:
    deltas = [content.gain(system.system, language, metric.name) for metric in content.metrics]
    return _with_drawing([delta_cell(delta) for delta in deltas], delta_whisker(deltas[0], scale))


def _with_drawing(cells: Sequence[str], drawing: str) -> list[str]:
    """The first metric's cell is drawn beside its numbers."""
    return [cells[0], drawing, *cells[1:]]


def _title(content: PageContent, language: str) -> str:
    parts = [
        f"{split}: {counted_examples(found.examples, found.groups, content.terms)}"
        for split in _SPLITS
        if (found := content.round_systems[0].score(split, language))
    ]
    return f"{language_name(language)} · {' · '.join(parts)}"


def _silver(content: PageContent, number: int, language: str) -> str:
    counts = content.silver(number, language)
    if not counts:
        return MISSING
    share = percent(counts.silver / counts.synthetic) if counts.synthetic else MISSING
    return f"{count(counts.silver)} of {count(counts.synthetic)} ({share})"
