"""What stands in the cells of tables: estimates with their intervals, differences, the names of systems."""

from collections.abc import Sequence

from gemquad.report.charts import whisker, whisker_axis, whisker_scale
from gemquad.report.content import PageContent
from gemquad.report.formatting import MISSING, counted, interval, listed, percent, plural, score, signed, system_label
from gemquad.report.markup import Markup, element, join
from gemquad.report.scale import Scale, round_ticks
from gemquad.schema.results import Delta, Interval

NOT_SIGNIFICANT = "n.s."
"""Stands beside a difference whose interval holds 0."""


def legend(content: PageContent) -> Markup:
    """The explanation of intervals, of what they do not cover, and of “n.s.”."""
    resampled = listed([plural(noun) for noun in dict.fromkeys((content.terms.example, content.terms.group))])
    return element(
        "p",
        f"Small print under a value is its 95% interval. With one seed it speaks of other {resampled}, not of other trainings; "
        "with several, of both. A gain is taken over the seeds that both systems have. Intervals are not corrected for their "
        f"number: of 20 true zeros one looks clear. {_scale(content)}",
        element("abbr", NOT_SIGNIFICANT),
        " (not significant) marks a difference whose interval holds 0; its dot is hollow.",
        class_="note",
    )


def _scale(content: PageContent) -> str:
    """How correlations are written, where there are any."""
    names = [metric.label for metric in content.metrics if metric.least < 0]
    return f"{listed(names)}: a correlation times 100, at most 100. " if names else ""


def score_cell(estimate: Interval | None) -> str:
    """A score in percent over its interval."""
    if estimate is None:
        return MISSING
    return _stacked(score(estimate.value), interval(estimate.low, estimate.high))


def share_cell(estimate: Interval | None) -> str:
    """A share of 0 to 1, written in percent, over its interval."""
    if estimate is None:
        return MISSING
    return _stacked(percent(estimate.value), f"{percent(estimate.low).removesuffix('%')}–{percent(estimate.high)}")


def delta_cell(delta: Delta | None) -> str:
    """A difference in points over its interval, marked where it holds 0."""
    if delta is None:
        return MISSING
    value = signed(delta.value)
    shown = join([value, " ", element("abbr", NOT_SIGNIFICANT)]) if delta.holds_zero else element("b", value)
    seeds = f", {counted(len(delta.seeds), 'seed')}" if len(delta.seeds) > 1 else ""
    return _stacked(shown, f"{signed(delta.low)} to {signed(delta.high)}{seeds}")


def delta_scale(deltas: Sequence[Delta | None]) -> Scale:
    """The scale shared by all `deltas` of a table, with 0 on it."""
    ends = [end for delta in deltas if delta for end in (delta.low, delta.high)]
    return whisker_scale(round_ticks([0.0, *ends], 4))


def delta_axis(scale: Scale) -> Markup:
    """The header of a column of `delta_whisker`."""
    return whisker_axis(scale, with_sign=True)


def delta_whisker(delta: Delta | None, scale: Scale) -> str:
    """The interval of a difference, drawn beside 0."""
    return whisker(delta, scale, 0.0, hollow=delta.holds_zero) if delta else ""


def system_cell(name: str, best: str) -> Markup:
    """The name of a system; the system that dev selected is marked."""
    return join([system_label(name), *([" ", element("span", "selected", class_="tag")] if name == best else [])])


def _stacked(value: str, under: str) -> Markup:
    return join([value, element("span", under, class_="interval")])
