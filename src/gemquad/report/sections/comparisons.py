"""The systems beside the rounds: what each is trained on, for how many updates, and how it differs on test."""

from collections.abc import Sequence

from gemquad.report.cells import delta_axis, delta_cell, delta_scale, delta_whisker, legend, score_cell, system_cell
from gemquad.report.content import METRICS, Delta, PageContent, System, score_of
from gemquad.report.languages import language_name
from gemquad.report.markup import Markup, element, join, paragraph
from gemquad.report.scale import Scale
from gemquad.report.sections import Section
from gemquad.report.tables import Group, Row, table
from gemquad.report.wording import MISSING, count, system_label
from gemquad.rounds.stopping import system_name


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
        legend(),
    ]
    return Section("comparisons", "Comparisons", join(parts))


def _heading(text: str) -> Markup:
    return element("h3", text)


def _budgets(content: PageContent) -> Markup:
    columns = ["system", "trained on", "updates by phase", "updates in all", "seeds"]
    rows = [
        Row(
            [
                system_cell(system["system"], content.best),
                _description(system),
                " · ".join(f"{phase} {count(number)}" for phase, number in system["updates"].items()),
                count(sum(system["updates"].values())),
                ", ".join(map(str, system["seeds"])),
            ],
            selected=system["system"] == content.best,
        )
        for system in content.systems_in_order
    ]
    return table("Systems and their budgets", columns, [Group(rows)], texts=(0, 1, 2))


def _description(system: System) -> str:
    usual = "gold alone" if system["system"] == system_name(0) else "silver of this round, then gold"
    return system["description"] or usual


def _scores(content: PageContent) -> Markup:
    systems = content.systems_in_order
    deltas = [content.gain(s["system"], x, metric) for s in systems for x in content.trained for metric in METRICS]
    scale = delta_scale(deltas)
    axis = delta_axis(scale)
    columns = ["system", "F1", "gain F1", axis, "EM", "gain EM", axis]

    def row(system: System, language: str) -> Row:
        found = score_of(system, "test", language)
        cells: list[str] = [system_cell(system["system"], content.best)]
        for metric in METRICS:
            delta = content.gain(system["system"], language, metric)
            value = score_cell(found[metric]) if found else MISSING
            cells += [value, delta_cell(delta), delta_whisker(delta, scale)]
        return Row(cells, selected=system["system"] == content.best)

    groups = [Group([row(system, x) for system in systems], language_name(x)) for x in content.trained]
    return table("Systems on test and their gains over the baseline", columns, groups)


def _others(content: PageContent) -> list[Markup]:
    """Differences between two systems neither of which is the baseline."""
    deltas = [d for d in content.deltas if d["against"] != system_name(0) and d["split"] == "test"]
    if not deltas:
        return []
    scale = delta_scale(deltas)
    axis = delta_axis(scale)
    pairs = list(dict.fromkeys((delta["system"], delta["against"]) for delta in deltas))
    groups = [
        Group(_other_rows(content, system, against, scale), _pair_title(system, against)) for system, against in pairs
    ]
    heading = _heading("The method against each other system, on test")
    return [heading, table("Differences between systems on test", ["language", "F1", axis, "EM", axis], groups)]


def _pair_title(system: str, against: str) -> str:
    return f"{system_label(system)} − {system_label(against)}"


def _other_rows(content: PageContent, system: str, against: str, scale: Scale) -> list[Row]:
    return [
        Row(
            [
                language_name(x),
                *_difference_cells([content.delta(system, against, x, metric) for metric in METRICS], scale),
            ]
        )
        for x in content.tested
        if content.delta(system, against, x, "f1")
    ]


def _difference_cells(deltas: Sequence[Delta | None], scale: Scale) -> list[str]:
    return [cell for delta in deltas for cell in (delta_cell(delta), delta_whisker(delta, scale))]
