"""The metrics by round, the dev score that the stop rule watched, and why the loop ended."""

from gemquad.report.cells import system_cell
from gemquad.report.charts import Series, line_chart
from gemquad.report.content import PageContent
from gemquad.report.formatting import MISSING, capitalised, count, listed, score, system_label
from gemquad.report.languages import language_name
from gemquad.report.markup import Markup, element, join, paragraph
from gemquad.report.scale import round_ticks
from gemquad.report.sections import Section
from gemquad.report.tables import Group, TableRow, table
from gemquad.rounds.stopping import system_name
from gemquad.schema.results import Interval, RoundResult
from gemquad.scoring.metrics import Metric

_MANY = 5


def section(content: PageContent) -> Section:
    """A chart per language and metric; those of one metric share their vertical scale."""
    charts = [_chart(content, language, metric) for language in content.trained for metric in content.metrics]
    key = paragraph(
        element("span", "● test", class_="key label-0"),
        element("span", "■ dev", class_="key label-1"),
        "Whiskers are 95% intervals. Dev alone decides; test is only reported.",
        class_="note",
    )
    title = f"{capitalised(listed([metric.label for metric in content.metrics]))} by round"
    return Section("rounds", title, join([element("div", *charts, class_="panels"), key, _decision(content)]))


def _chart(content: PageContent, language: str, metric: Metric) -> Markup:
    title = f"{language_name(language)}, {metric.label}"
    series = [Series(split, _estimates(content, split, language, metric)) for split in ("test", "dev")]
    chosen = next((i for i, s in enumerate(content.round_systems) if s.system == content.best), None)
    chart = line_chart(title, _places(content), series, round_ticks(_ends(content, metric), 6), chosen)
    return element("figure", element("figcaption", title), chart)


def _estimates(content: PageContent, split: str, language: str, metric: Metric) -> list[Interval | None]:
    return [system.estimate(split, language, metric.name) for system in content.round_systems]


def _ends(content: PageContent, metric: Metric) -> list[float]:
    """The ends of all intervals of a metric; all that is possible where nothing has been scored."""
    estimates = [
        estimate
        for language in content.trained
        for split in ("dev", "test")
        for estimate in _estimates(content, split, language, metric)
        if estimate
    ]
    return [end for estimate in estimates for end in (estimate.low, estimate.high)] or [metric.least, 100.0]


def _places(content: PageContent) -> list[str]:
    """The names of rounds under a chart; numbers alone where there are many."""
    names = [system.system for system in content.round_systems]
    return [system_label(name) for name in names] if len(names) < _MANY else [str(n) for n in content.round_numbers]


def _decision(content: PageContent) -> Markup:
    history = content.decision.history
    columns = ["system", "mean dev score", "synthetic", "silver", "new silver"]
    rows = [TableRow(_history_cells(entry, content.best)) for entry in history]
    verb = "Stopped after" if content.decision.stop else "Not stopped:"
    reason = paragraph(f"{verb} {content.decision.reason}.")
    return join([reason, table("What the stop rule saw", columns, [Group(rows)])])


def _history_cells(entry: RoundResult, best: str) -> list[str]:
    counts = [entry.synthetic, entry.silver, entry.new_silver]
    numbers = [count(number) if entry.round else MISSING for number in counts]
    return [system_cell(system_name(entry.round), best), score(entry.dev_score), *numbers]
