"""Which numbers the charts of the page show; `charts` draws them. Charts that stand side by side share their scale."""

from collections.abc import Mapping, Sequence
from itertools import product

from markupsafe import Markup

from gemquad.report.charts import Row, interval_chart, line_chart
from gemquad.report.content import PageContent
from gemquad.report.formatting import capitalised, system_label
from gemquad.report.languages import language_name
from gemquad.rounds.stopping import system_name
from gemquad.schema.results import Delta, Interval
from gemquad.scoring.metrics import Metric

Charts = Mapping[str, Markup]
"""Drawings by their titles."""
_MANY_ROUNDS = 5


def score_charts(content: PageContent) -> Charts:
    """The scores by round, a chart for all languages, each language and metric; those of one metric share their scale."""
    return {
        f"{language_name(language)}, {metric.label}": _score_chart(content, language, metric)
        for language, metric in product(content.shown, content.metrics)
    }


def verdict_chart(content: PageContent, system: str) -> Charts:
    """What a system gains over the baseline, in all languages and in each, by every metric; empty where nothing was measured."""
    deltas = [delta for language in content.shown for delta in content.gains(system, language)]
    title = f"{capitalised(system_label(system))} minus baseline on test, in points"
    rows = [Row(f"{language_name(delta.language)} {content.label(delta.metric)}", delta) for delta in deltas]
    return {title: interval_chart("verdict", title, rows, _limits(deltas, 0.0), with_sign=True)} if deltas else {}


def gain_charts(content: PageContent, name: str, deltas: Sequence[Delta]) -> Charts:
    """Differences, a chart for each language and metric, in it a row for each pair of systems."""
    limits, charts = _limits(deltas, 0.0), {}
    for language, metric in product([*content.pooled, *content.tested], content.metrics):
        rows = [Row(_pair(d), d) for d in deltas if (d.language, d.metric) == (language, metric.name)]
        if rows:
            title = f"{language_name(language)}, {metric.label}"
            charts[title] = interval_chart(f"{name}-{language}-{metric.name}", title, rows, limits, with_sign=True)
    return charts


def precision_charts(content: PageContent) -> Charts:
    """The filter's precision by round, in percent, beside the share of clean pairs before it; a chart for each language."""
    charts = {}
    for language in dict.fromkeys(language for audited in content.audit.values() for language in audited):
        rows = [
            Row(f"round {number}", precision, 100 * audited[language].clean_share)
            for number, audited in content.audit.items()
            if language in audited and (precision := in_percent(audited[language].precision))
        ]
        if rows:
            title = language_name(language)
            charts[title] = interval_chart(f"precision-{language}", title, rows, (0.0, 100.0), with_sign=False)
    return charts


def _score_chart(content: PageContent, language: str, metric: Metric) -> Markup:
    def estimates(split: str, language: str) -> list[Interval | None]:
        return [system.estimate(split, language, metric.name) for system in content.round_systems]

    every = [e for x in content.shown for split in ("test", "dev") for e in estimates(split, x) if e]
    names = [system.system for system in content.round_systems]
    places = [system_label(name) for name in names] if len(names) < _MANY_ROUNDS else map(str, content.round_numbers)
    return line_chart(
        f"scores-{language}-{metric.name}",
        f"{language_name(language)}, {metric.label}",
        list(places),
        {split: estimates(split, language) for split in ("test", "dev")},
        _limits(every) if every else (metric.least, 100.0),
        names.index(content.best) if content.best in names else None,
    )


def _pair(delta: Delta) -> str:
    """The systems of a difference; the baseline goes without saying."""
    against = "" if delta.against == system_name(0) else f"\n− {system_label(delta.against)}"
    return f"{system_label(delta.system)}{against}"


def _limits(estimates: Sequence[Interval], *others: float) -> tuple[float, float]:
    """What encloses all intervals and the other values, with a little room around."""
    values = [*others, *(end for estimate in estimates for end in (estimate.low, estimate.high))]
    low, high = min(values, default=0.0), max(values, default=0.0)
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def in_percent(share: Interval | None) -> Interval | None:
    """A share of 0 to 1 as a score."""
    return Interval(100 * share.value, 100 * share.low, 100 * share.high) if share else None
