"""Charts as inline SVG, drawn once and for all: they need no script, print well and take their colours from the style sheet.

What colour says, form says too: series differ in marker and dash, and a difference whose interval holds 0 has a hollow dot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from gemquad.report.formatting import interval, score, signed
from gemquad.report.markup import Markup, element, join
from gemquad.report.scale import Scale
from gemquad.schema.results import Interval

_WHISKER_WIDTH, _WHISKER_HEIGHT, _WHISKER_MARGIN = 168, 34, 14
_ROW_PADDING = 9
_WIDTH, _HEIGHT = 340, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 296, 22, 178
_DODGE = 8
_LABEL_HEIGHT = 13


@dataclass(frozen=True)
class Series:
    """A line: one estimate per place of the horizontal axis, None where there is none."""

    name: str
    estimates: Sequence[Interval | None]


def whisker_scale(ticks: Sequence[float]) -> Scale:
    """The scale that the whiskers of one column share."""
    return Scale(ticks, _WHISKER_MARGIN, _WHISKER_WIDTH - _WHISKER_MARGIN)


def whisker(estimate: Interval, scale: Scale, reference: float, hollow: bool) -> Markup:
    """A dot with its interval beside a line at `reference`, to stand in a cell of a table that holds the numbers."""
    middle = _WHISKER_HEIGHT / 2
    value, low, high = map(scale.at, (estimate.value, estimate.low, estimate.high))
    return _svg(
        _WHISKER_WIDTH,
        _WHISKER_HEIGHT,
        _line(scale.at(reference), -_ROW_PADDING, scale.at(reference), _WHISKER_HEIGHT + _ROW_PADDING, "reference"),
        _line(low, middle, high, middle, "interval-line"),
        _line(low, middle - 4, low, middle + 4, "interval-line"),
        _line(high, middle - 4, high, middle + 4, "interval-line"),
        element("circle", cx=_px(value), cy=_px(middle), r=4, class_="dot hollow" if hollow else "dot"),
        class_="whisker",
        aria_hidden="true",
    )


def whisker_axis(scale: Scale, with_sign: bool) -> Markup:
    """The ticks above a column of whiskers."""
    labels = (
        _text(
            scale.at(tick), 11, f"{tick:g}" if not with_sign or tick == 0 else signed(tick).removesuffix(".0"), "middle"
        )
        for tick in scale.ticks
    )
    return _svg(_WHISKER_WIDTH, 14, *labels, class_="whisker", aria_hidden="true")


def line_chart(
    title: str, places: Sequence[str], series: Sequence[Series], ticks: Sequence[float], chosen: int | None
) -> Markup:
    """Lines with interval whiskers over `places`; labels stand at their ends, and a band marks the place `chosen`."""
    across = _places(len(places))
    up = Scale(ticks, _BOTTOM, _TOP)
    grid = [_grid_line(up, tick) for tick in ticks]
    names = [_text(x, _BOTTOM + 18, place, "middle") for x, place in zip(across, places, strict=True)]
    lines = [_series(line, number, len(series), across, up) for number, line in enumerate(series)]
    return _svg(
        _WIDTH,
        _HEIGHT,
        *([] if chosen is None else [_band(across[chosen])]),
        *grid,
        *names,
        *lines,
        *_end_labels(series, across, up),
        class_="chart",
        role="img",
        aria_label=f"{title}. {' '.join(_spoken(line, places) for line in series)}",
    )


def share_bar(shares: Sequence[tuple[str, float]]) -> Markup:
    """A bar of parts of one whole, each a style class and a share of 0 to 1; what is left stays bare."""
    drawn, start = [], 0.0
    for name, share in shares:
        drawn.append(element("rect", x=_px(start), y=0, width=_px(100 * share), height=10, class_=name))
        start += 100 * share
    return _svg(
        100,
        10,
        element("rect", x=0, y=0, width=100, height=10, class_="bare"),
        *drawn,
        class_="bar",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def _places(number: int) -> list[float]:
    """The middles of equal columns between the left and the right margin."""
    width = (_RIGHT - _LEFT) / number
    return [_LEFT + width * (i + 0.5) for i in range(number)]


def _series(series: Series, number: int, of: int, across: Sequence[float], up: Scale) -> Markup:
    shift = _DODGE * (2 * number - of + 1) / 2
    points = [(x + shift, estimate) for x, estimate in zip(across, series.estimates, strict=True) if estimate]
    segments = (_line(x, up.at(a.value), y, up.at(b.value), "line") for (x, a), (y, b) in pairwise(points))
    return element(
        "g", *segments, *(_point(series.name, x, e, up, number) for x, e in points), class_=f"series-{number}"
    )


def _point(name: str, x: float, estimate: Interval, up: Scale, number: int) -> Markup:
    y, low, high = up.at(estimate.value), up.at(estimate.low), up.at(estimate.high)
    caps = join(_line(x - 3, end, x + 3, end, "interval-line") for end in (low, high))
    marker = (
        element("circle", cx=_px(x), cy=_px(y), r=4, class_="dot")
        if number == 0
        else element("rect", x=_px(x - 3.5), y=_px(y - 3.5), width=7, height=7, class_="dot")
    )
    return element(
        "g", element("title", f"{name} {_numbers(estimate)}"), _line(x, low, x, high, "interval-line"), caps, marker
    )


def _end_labels(series: Sequence[Series], across: Sequence[float], up: Scale) -> list[Markup]:
    """The name of each line beside its last point, pushed apart where two would touch."""
    ends = [
        (up.at(last.value), number, line.name)
        for number, line in enumerate(series)
        if (last := next((e for e in reversed(line.estimates) if e), None))
    ]
    labels: list[Markup] = []
    floor = float("-inf")
    for y, number, name in sorted(ends):
        floor = max(y, floor + _LABEL_HEIGHT)
        labels.append(_text(across[-1] + 16, floor + 4, name, "start", f"label-{number}"))
    return labels


def _band(x: float) -> Markup:
    band = element("rect", x=_px(x - 24), y=_TOP - 8, width=48, height=_BOTTOM - _TOP + 8, rx=4, class_="chosen")
    return join([band, _text(x, _TOP - 12, "selected", "middle", "chosen-label")])


def _grid_line(up: Scale, tick: float) -> Markup:
    y = up.at(tick)
    name = "reference" if up.ticks[0] < tick == 0 else "grid"
    return join([_line(_LEFT, y, _RIGHT, y, name), _text(_LEFT - 6, y + 4, f"{tick:g}".replace("-", "−"), "end")])


def _spoken(series: Series, places: Sequence[str]) -> str:
    texts = (f"{place} {_numbers(e)}" for place, e in zip(places, series.estimates, strict=True) if e)
    return f"{series.name}: {', '.join(texts)}."


def _numbers(estimate: Interval) -> str:
    return f"{score(estimate.value)} ({interval(estimate.low, estimate.high)})"


def _svg(width: int, height: int, *children: str, **attributes: object) -> Markup:
    return element("svg", *children, viewBox=f"0 0 {width} {height}", width=width, height=height, **attributes)


def _line(x1: float, y1: float, x2: float, y2: float, name: str) -> Markup:
    return element("line", x1=_px(x1), y1=_px(y1), x2=_px(x2), y2=_px(y2), class_=name)


def _text(x: float, y: float, content: str, anchor: str, name: str | None = None) -> Markup:
    return element("text", content, x=_px(x), y=_px(y), text_anchor=anchor, class_=name)


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
