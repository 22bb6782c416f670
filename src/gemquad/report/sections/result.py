"""The headline table: baseline and rounds by language, on dev and test, with intervals, gains and silver."""

from gemquad.report.cells import delta_axis, delta_cell, delta_scale, delta_whisker, legend, score_cell, system_cell
from gemquad.report.content import METRICS, PageContent, Score, System, score_of
from gemquad.report.languages import language_name
from gemquad.report.markup import join
from gemquad.report.sections import Section
from gemquad.report.tables import Group, Row, table
from gemquad.report.wording import MISSING, count, counted, percent


def section(content: PageContent) -> Section:
    """The languages that were trained on; the others are in the transfer table."""
    deltas = [content.gain(system["system"], x, "f1") for system in content.round_systems for x in content.trained]
    scale = delta_scale(deltas)
    gained = ["gain F1", delta_axis(scale), "gain EM"] if any(deltas) else []
    columns = ["system", "dev F1", "dev EM", "test F1", "test EM", *gained, "silver"]

    def row(number: int, system: System, language: str) -> Row:
        dev, test = (score_of(system, split, language) for split in ("dev", "test"))
        f1, exact_match = (content.gain(system["system"], language, metric) for metric in METRICS)
        gains = [delta_cell(f1), delta_whisker(f1, scale), delta_cell(exact_match)] if gained else []
        cells = [system_cell(system["system"], content.best), *_scores(dev), *_scores(test), *gains]
        return Row([*cells, _silver(content, number, language)], selected=system["system"] == content.best)

    groups = [
        Group(
            [row(n, system, x) for n, system in zip(content.round_numbers, content.round_systems, strict=True)],
            _title(content, x),
        )
        for x in content.trained
    ]
    return Section("result", "Result", join([table("Scores by language and system", columns, groups), legend()]))


def _scores(score: Score | None) -> list[str]:
    return [score_cell(score["f1"]), score_cell(score["exact_match"])] if score else [MISSING, MISSING]


def _title(content: PageContent, language: str) -> str:
    scores = content.round_systems[0]["scores"]
    said = [
        f"{split}: {counted(found['questions'], 'question')} on {counted(found['passages'], 'passage')}"
        for split in ("dev", "test")
        if (found := scores.get(split, {}).get(language))
    ]
    return f"{language_name(language)} · {' · '.join(said)}"


def _silver(content: PageContent, number: int, language: str) -> str:
    counts = content.silver(number, language)
    if not counts:
        return MISSING
    share = percent(counts["silver"] / counts["synthetic"]) if counts["synthetic"] else MISSING
    return f"{count(counts['silver'])} of {count(counts['synthetic'])} ({share})"
