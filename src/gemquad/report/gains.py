"""The gains that the verdict speaks of, drawn: the selected system, or the best round, against the baseline on test."""

from gemquad.report.cells import delta_axis, delta_cell, delta_scale, delta_whisker, score_cell
from gemquad.report.content import PageContent
from gemquad.report.formatting import system_label
from gemquad.report.languages import language_name
from gemquad.report.markup import Markup
from gemquad.report.scale import Scale
from gemquad.report.tables import Group, TableRow, table
from gemquad.report.verdict import best_round_on_dev
from gemquad.rounds.stopping import system_name
from gemquad.schema.results import Delta


def gains(content: PageContent) -> Markup:
    """A row per trained language and metric; empty where no difference was measured."""
    baseline = system_name(0)
    system = content.best if content.best != baseline else best_round_on_dev(content) or ""
    found = [content.gain(system, language, metric.name) for language in content.trained for metric in content.metrics]
    deltas = [delta for delta in found if delta]
    if not deltas:
        return Markup("")
    scale = delta_scale(deltas)
    columns = ["on test", "difference", delta_axis(scale), baseline, system_label(system)]
    rows = [_row(content, delta, scale) for delta in deltas]
    return table(f"{system_label(system)} against the baseline on test", columns, [Group(rows)])


def _row(content: PageContent, delta: Delta, scale: Scale) -> TableRow:
    name = f"{language_name(delta.language)} {content.label(delta.metric)}"
    before, after = (_score(content, system, delta) for system in (delta.against, delta.system))
    return TableRow([name, delta_cell(delta), delta_whisker(delta, scale), before, after])


def _score(content: PageContent, name: str, delta: Delta) -> str:
    system = next(system for system in content.systems if system.system == name)
    return score_cell(system.estimate(delta.split, delta.language, delta.metric))
