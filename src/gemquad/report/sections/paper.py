"""The paper's own gains beside ours."""

from gemquad.report.cells import delta_cell, system_cell
from gemquad.report.content import PageContent
from gemquad.report.formatting import signed, system_label
from gemquad.report.languages import language_name
from gemquad.report.markup import join, paragraph
from gemquad.report.sections import Section
from gemquad.report.tables import Group, TableRow, table
from gemquad.rounds.stopping import system_name
from gemquad.views.task_view import PublishedDelta

_NOTE = (
    "The paper of this task gives no intervals, and its data, student and generator are its own (docs/paper.md); the settings of "
    "this run stand at the top of the page. Differences are in points, on test."
)
_AGAINST = {"baseline": "against gold alone (baseline)", "translated": "against machine-translated gold (translated)"}


def section(content: PageContent) -> Section | None:
    """A row per difference that the paper reports, a column per round, and one for the method over several seeds.

    None where it reports nothing for these languages.
    """
    if not content.paper:
        return None
    systems = _ours(content)
    columns = ["language, metric", "paper", *(system_cell(name, content.best) for name in systems)]
    against = dict.fromkeys(entry.against for entry in content.paper)
    groups = [
        Group(
            [_row(content, entry, systems) for entry in content.paper if entry.against == name],
            _AGAINST.get(name, f"against {system_label(name)}"),
        )
        for name in against
    ]
    made = table("The paper's gains and ours", columns, groups)
    return Section("paper", "Beside the paper", join([made, paragraph(_NOTE, class_="note")]))


def _ours(content: PageContent) -> list[str]:
    rounds = [system.system for system in content.round_systems if system.system != system_name(0)]
    return [*rounds, *(system.system for system in content.comparisons if system.system == "sequential")]


def _row(content: PageContent, entry: PublishedDelta, systems: list[str]) -> TableRow:
    name = f"{language_name(entry.language)}, {content.label(entry.metric)}"
    found = (content.delta(system, entry.against, entry.language, entry.metric) for system in systems)
    ours = (delta_cell(delta) if delta else "not compared" for delta in found)
    return TableRow([name, signed(entry.value, digits=2), *ours])
