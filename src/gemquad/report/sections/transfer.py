"""Cross-lingual transfer: every language of the test data, trained on or not, under every system."""

from gemquad.report.cells import delta_cell, score_cell, system_cell
from gemquad.report.content import PageContent
from gemquad.report.formatting import counted
from gemquad.report.languages import language_name
from gemquad.report.markup import join, paragraph
from gemquad.report.sections import Section
from gemquad.report.tables import Group, TableRow, table
from gemquad.scoring.metrics import Metric


def section(content: PageContent) -> Section:
    """The table of every tested language: a group of rows per language, a column per system."""
    systems = content.systems_in_order
    columns = ["test", *(system_cell(system.system, content.best) for system in systems)]
    groups = [
        Group(
            [row for metric in content.metrics for row in _rows(content, language, metric)], _title(content, language)
        )
        for language in content.tested
    ]
    if not groups:
        return Section("transfer", "Transfer across languages", paragraph("No system has been scored on test."))
    only = set(content.tested) <= set(content.trained)
    note = (
        "The test data hold only the languages that were trained on."
        if only
        else "Languages that were not trained on show what carries over."
    )
    body = [table("Test scores by language and system", columns, groups), paragraph(note, class_="note")]
    return Section("transfer", "Transfer across languages", join(body))


def _rows(content: PageContent, language: str, metric: Metric) -> list[TableRow]:
    """The scores of all systems, and their gains over the baseline where any was measured."""
    systems = content.systems_in_order
    found = (system.estimate("test", language, metric.name) for system in systems)
    gains = [content.gain(system.system, language, metric.name) for system in systems]
    scores = TableRow([metric.label, *map(score_cell, found)])
    return [scores, TableRow([f"gain {metric.label}", *map(delta_cell, gains)])] if any(gains) else [scores]


def _title(content: PageContent, language: str) -> str:
    trained = "trained on" if language in content.trained else "not trained on"
    scores = (system.score("test", language) for system in content.systems)
    examples = next(score.examples for score in scores if score)
    return f"{language_name(language)} · {trained} · {counted(examples, content.terms.example)}"
