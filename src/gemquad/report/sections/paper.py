"""The paper's own gains beside ours."""

from gemquad.report.cells import delta_cell, system_cell
from gemquad.report.content import METRICS, PageContent, PaperDelta
from gemquad.report.languages import language_name
from gemquad.report.markup import join, paragraph
from gemquad.report.sections import Section
from gemquad.report.tables import Group, Row, table
from gemquad.report.wording import signed, system_label
from gemquad.rounds.stopping import system_name

_NOTE = (
    "The paper (arXiv 2404.09163) gives no intervals. It scores on MLQA test, with XLM-R-base as student and AlexaTM 20B as "
    "generator; the settings of this run stand at the top of the page. Differences are in points."
)


_AGAINST = {"baseline": "against gold alone (baseline)", "translated": "against machine-translated gold (translated)"}


def section(content: PageContent) -> Section:
    """A row per difference that the paper reports, a column per round, and one for the method over several seeds."""
    title = "Beside the paper"
    if not content.paper:
        return Section("paper", title, paragraph("The paper reports nothing for these languages."))
    systems = _ours(content)
    columns = ["language, metric", "paper", *(system_cell(name, content.best) for name in systems)]
    against = dict.fromkeys(entry["against"] for entry in content.paper)
    groups = [
        Group(
            [_row(content, e, systems) for e in content.paper if e["against"] == name],
            _AGAINST.get(name, f"against {system_label(name)}"),
        )
        for name in against
    ]
    return Section(
        "paper", title, join([table("The paper's gains and ours", columns, groups), paragraph(_NOTE, class_="note")])
    )


def _ours(content: PageContent) -> list[str]:
    rounds = [system["system"] for system in content.round_systems if system["system"] != system_name(0)]
    return [*rounds, *(system["system"] for system in content.comparisons if system["system"] == "sequential")]


def _row(content: PageContent, entry: PaperDelta, systems: list[str]) -> Row:
    name = f"{language_name(entry['language'])}, {METRICS[entry['metric']]}"
    found = [content.delta(s, entry["against"], entry["language"], entry["metric"]) for s in systems]
    return Row(
        [name, signed(entry["value"], digits=2), *(delta_cell(delta) if delta else "not compared" for delta in found)]
    )
