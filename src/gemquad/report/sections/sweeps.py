"""Experiments beside one another: what each changed and what it scored; the table sorts by any column."""

from gemquad.report.content import ExperimentRow, PageContent
from gemquad.report.formatting import MISSING, score, system_label
from gemquad.report.markup import element, join, paragraph
from gemquad.report.sections import Section
from gemquad.report.tables import Group, TableRow, table


def section(content: PageContent) -> Section | None:
    """The table of experiments; None where there is nothing to compare."""
    if not content.experiments:
        return None
    changed = list(dict.fromkeys(name for experiment in content.experiments for name in experiment["changed"]))
    scores = list(dict.fromkeys(name for experiment in content.experiments for name in experiment["scores"]))
    columns = ["experiment", *changed, *(name.replace("_", " ") for name in scores), "selected on dev", "stopped"]
    rows = [TableRow(_cells(experiment, changed, scores)) for experiment in content.experiments]
    last = len(columns) - 1
    made = table("Experiments", columns, [Group(rows)], texts=(0, last - 1, last))
    note = paragraph("A click on a column's name sorts by it. An empty place is the default.", class_="note")
    return Section("sweeps", "Sweeps", join([element("div", made, class_="sortable"), note]))


def _cells(experiment: ExperimentRow, changed: list[str], scores: list[str]) -> list[str]:
    values = [str(experiment["changed"].get(name, "")) for name in changed]
    numbers = [_score(experiment["scores"].get(name, MISSING)) for name in scores]
    return [
        experiment["name"],
        *values,
        *numbers,
        system_label(experiment.get("best", "")),
        experiment.get("stopped", ""),
    ]


def _score(value: float | str) -> str:
    return value if isinstance(value, str) else score(value)
