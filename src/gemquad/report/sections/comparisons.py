"""The systems beside the rounds: what each is trained on, for how many updates, and how it differs on test."""

from collections.abc import Sequence

from gemquad.report.cells import delta_axis, delta_cell, delta_scale, delta_whisker, legend, score_cell, system_cell
from gemquad.report.content import PageContent
from gemquad.report.formatting import MISSING, count, system_label
from gemquad.report.languages import language_name
from gemquad.report.markup import Markup, element, join, paragraph
from gemquad.report.scale import Scale
from gemquad.report.sections import Section
from gemquad.report.tables import Group, TableRow, table
from gemquad.rounds.stopping import system_name
from gemquad.schema.results import SystemScores


def section(content: PageContent) -> Section:
    """Budgets, then scores and gains over the baseline, then the other differences that were taken."""
    if not content.comparisons:
        return Section("comparisons", "Comparisons", paragraph("No system beside the rounds was trained."))
    parts = [
        _heading("What each system is trained on"),
        _budgets(content),
        _heading("On test, against the baseline"),
        _scores(content),
        *_others(content),
        legend(content),
    ]
    return Section("comparisons", "Comparisons", join(parts))


def _heading(text: str) -> Markup:
    return element("h3", text)


def _budgets(content: PageContent) -> Markup:
    columns = ["system", "trained on", "updates by phase", "updates in all", "seeds"]
    rows = [
        TableRow(
            [
                system_cell(system.system, content.best),
                _description(system),
                *_updates(system),
                ", ".join(map(str, system.seeds)),
            ],
            selected=system.system == content.best,
        )
        for system in content.systems_in_order
    ]
    return table("Systems and their budgets", columns, [Group(rows)], texts=(0, 1, 2))


def _description(system: SystemScores) -> str:
    """What the stage of a system says, else its phases: "gold alone", "silver, then gold"."""
    phases = list(system.updates)
    return system.description or (f"{phases[0]} alone" if len(phases) == 1 else ", then ".join(phases)) or MISSING


def _updates(system: SystemScores) -> tuple[str, str]:
    """By phase and in all."""
    updates = system.updates
    if not updates:
        return "prompted, not trained", MISSING
    return " · ".join(f"{phase} {count(number)}" for phase, number in updates.items()), count(sum(updates.values()))


def _scores(content: PageContent) -> Markup:
    systems = content.systems_in_order
    deltas = [content.gain(s.system, x, m.name) for s in systems for x in content.trained for m in content.metrics]
    scale = delta_scale(deltas)
    axis = delta_axis(scale)
    columns = ["system", *(title for m in content.metrics for title in (m.label, f"gain {m.label}", axis))]

    def row(system: SystemScores, language: str) -> TableRow:
        cells: list[str] = [system_cell(system.system, content.best)]
        for metric in content.metrics:
            delta = content.gain(system.system, language, metric.name)
            value = score_cell(system.estimate("test", language, metric.name))
            cells += [value, delta_cell(delta), delta_whisker(delta, scale)]
        return TableRow(cells, selected=system.system == content.best)

    groups = [Group([row(system, x) for system in systems], language_name(x)) for x in content.trained]
    return table("Systems on test and their gains over the baseline", columns, groups)


def _others(content: PageContent) -> list[Markup]:
    """Differences from a system that is not the baseline: of the method, then of every system from a prompted model."""
    deltas = [d for d in content.deltas if d.against != system_name(0) and d.split == "test"]
    scale = delta_scale(deltas)
    pairs = list(dict.fromkeys((delta.system, delta.against) for delta in deltas))
    rivals = [_rival(content, *pair, scale) for pair in pairs if pair[1] not in content.prompted]
    models = [
        _model(content, [system for system, other in pairs if other == against], against, language, scale)
        for against in dict.fromkeys(against for _, against in pairs if against in content.prompted)
        for language in content.tested
    ]
    return [
        *_differences(content, "The method against each other system, on test", "language", rivals, scale),
        *_differences(content, "Against prompting a language model, on test", "system", models, scale),
    ]


def _rival(content: PageContent, system: str, against: str, scale: Scale) -> Group:
    """A row per language."""
    rows = [_difference(content, language_name(x), system, against, x, scale) for x in content.tested]
    return Group([row for row in rows if row], f"{system_label(system)} − {system_label(against)}")


def _model(content: PageContent, systems: Sequence[str], against: str, language: str, scale: Scale) -> Group:
    """A row per system."""
    rows = [_difference(content, system_label(name), name, against, language, scale) for name in systems]
    title = f"{language_name(language)} · {system_label(against)}"
    return Group([row for row in rows if row], title)


def _difference(
    content: PageContent, name: str, system: str, against: str, language: str, scale: Scale
) -> TableRow | None:
    """By every metric; None where it was not measured."""
    deltas = [content.delta(system, against, language, metric.name) for metric in content.metrics]
    cells = [cell for delta in deltas for cell in (delta_cell(delta), delta_whisker(delta, scale))]
    return TableRow([name, *cells]) if any(deltas) else None


def _differences(content: PageContent, heading: str, first: str, groups: Sequence[Group], scale: Scale) -> list[Markup]:
    """A table of the groups that have rows; nothing where none has."""
    shown = [group for group in groups if group.rows]
    axis = delta_axis(scale)
    columns = [first, *(title for metric in content.metrics for title in (metric.label, axis))]
    return [_heading(heading), table(heading, columns, shown)] if shown else []
