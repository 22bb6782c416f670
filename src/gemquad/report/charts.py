"""Charts as inline SVG, drawn by matplotlib: they need no script, print well and take their colours from the style sheet.

What colour says, form says too: series differ in marker and dash, and the dot of an interval that holds 0 is hollow. Equal values
give equal text. `name` must be unlike that of any other chart of the page: identifiers inside the drawing are made of it.
"""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from markupsafe import Markup, escape

from gemquad.report.formatting import change, interval, score
from gemquad.schema.results import Delta, Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _CHART_HEIGHT, _ROW_HEIGHT, _AXIS_HEIGHT = 340, 210, 28, 26
_DODGE = 0.06
_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))
_VARIABLES = ("accent", "second", "quiet", "rule", "strong-rule", "paper", "accent-wash")
_ACCENT, _SECOND, _QUIET, _RULE, _STRONG, _PAPER, _WASH = (f"#0000a{i}" for i in range(len(_VARIABLES)))
"""What stands for a variable of page.css while matplotlib draws."""
_STYLE: dict[Any, Any] = {
    **{"svg.fonttype": "none", "text.parse_math": False, "font.size": 11},
    **dict.fromkeys(("text.color", "xtick.color", "ytick.color"), _QUIET),
    **dict.fromkeys(("xtick.major.size", "ytick.major.size"), 0),
}
_SERIES = (("o", "-", _ACCENT, _ACCENT), ("s", (0, (4, 2)), _SECOND, _PAPER))
"""Marker, dash, colour and filling of the first and the second series."""
_DOT: dict[str, Any] = {"color": _ACCENT, "markeredgewidth": 1.5, "linewidth": 2, "elinewidth": 1.2, "capsize": 3}


@dataclass(frozen=True)
class Row:
    """A dot with its interval beside a mark at `reference`."""

    label: str
    estimate: Interval
    reference: float = 0.0


def interval_chart(name: str, title: str, rows: Sequence[Row], limits: tuple[float, float], with_sign: bool) -> Markup:
    """A row for each interval, over a scale from `limits[0]` to `limits[1]`."""

    def draw(axes: "Axes") -> None:
        for y, row in enumerate(rows):
            axes.vlines(row.reference, y - 0.5, y + 0.5, color=_STRONG, linewidth=1)
            filling = _PAPER if isinstance(row.estimate, Delta) and row.estimate.holds_zero else _ACCENT
            axes.errorbar(row.estimate.value, y, xerr=_errors([row.estimate]), fmt="o", mfc=filling, **_DOT)
        axes.set(xlim=limits, ylim=(len(rows) - 0.5, -0.5), yticks=range(len(rows)))
        axes.set_yticklabels([row.label for row in rows])
        axes.xaxis.set_major_formatter(lambda tick, _: _tick(tick, with_sign))

    spoken = "; ".join(f"{row.label} {_numbers(row.estimate, with_sign)}" for row in rows)
    height = _AXIS_HEIGHT + sum(_ROW_HEIGHT * (1 + 0.4 * row.label.count("\n")) for row in rows)
    return _svg(name, f"{title}: {spoken}", height, "x", draw)


def line_chart(
    name: str,
    title: str,
    places: Sequence[str],
    series: Mapping[str, Sequence[Interval | None]],
    limits: tuple[float, float],
    chosen: int | None,
) -> Markup:
    """At most two lines with intervals over `places`, their names at their ends; a band marks the place `chosen`."""
    ends = {label: next((e.value for e in reversed(found) if e), 0.0) for label, found in series.items()}
    right = len(places) - 0.7

    def draw(axes: "Axes") -> None:
        if chosen is not None:
            axes.axvspan(chosen - 0.3, chosen + 0.3, color=_WASH, linewidth=0, zorder=0)
            axes.text(chosen, 1.03, "selected", transform=axes.get_xaxis_transform(), ha="center", color=_ACCENT)
        for i, (label, (marker, dash, colour, filling)) in enumerate(zip(series, _SERIES, strict=False)):
            x = [place + (2 * i - 1) * _DODGE for place, estimate in enumerate(series[label]) if estimate]
            found = [estimate for estimate in series[label] if estimate]
            style = {**_DOT, "color": colour, "linestyle": dash, "marker": marker, "mfc": filling}
            axes.errorbar(x, [estimate.value for estimate in found], yerr=_errors(found), **style)
            side = "bottom" if label == max(ends, key=lambda one: ends[one]) else "top"
            axes.text(right, ends[label], label, color=colour, va=side, fontweight="bold")
        axes.set(xlim=(-0.5, right - 0.04), ylim=limits, xticks=range(len(places)))
        axes.set_xticklabels(places)
        axes.yaxis.set_major_formatter(lambda tick, _: _tick(tick, False))

    pairs = [(f"{label} {place}", e) for label in series for place, e in zip(places, series[label], strict=True) if e]
    spoken = (f"{name} {_numbers(estimate)}" for name, estimate in pairs)
    return _svg(name, f"{title}: {'; '.join(spoken)}.", _CHART_HEIGHT, "y", draw)


def _svg(name: str, spoken: str, height: float, axis: Literal["x", "y"], draw: Callable[["Axes"], None]) -> Markup:
    """What `draw` draws; `axis` ("x" or "y") is the one of the values."""
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({**_STYLE, "svg.hashsalt": name})
        figure = Figure(figsize=(_WIDTH / 72, height / 72), layout="constrained")
        axes = figure.subplots()
        axes.spines[:].set_visible(False)
        getattr(axes, f"{axis}axis").set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.grid(axis=axis, color=_RULE)
        axes.set_axisbelow(True)
        draw(axes)
        written = io.StringIO()
        figure.savefig(written, format="svg", transparent=True, metadata=_NO_METADATA)
    return _inline(written.getvalue(), spoken)


def _inline(file: str, spoken: str) -> Markup:
    """The drawing of an SVG file, without the style sheet, the size and the fonts that matplotlib gives it."""
    drawing = file[file.index("<g ") :]
    drawing = re.sub(r"(<g) id=\"[^\"]*\"", r"\1", drawing)
    drawing = re.sub(r"(style=\"[^\"<>]*)font-family: [^;\"<>]*;? ?", r"\1", drawing).replace("\n", " ")
    drawing = re.sub("#0000a(\\d)", lambda found: f"var(--{_VARIABLES[int(found[1])]})", drawing)
    (box,) = re.findall(r"viewBox=\"[^\"]*\"", file)
    return Markup(f'<svg class="chart" {box} role="img" aria-label="{escape(spoken)}">{drawing}')


def _errors(estimates: Sequence[Interval]) -> list[list[float]]:
    return [[e.value - e.low for e in estimates], [e.high - e.value for e in estimates]]


def _tick(value: float, with_sign: bool) -> str:
    return f"{value:{'+' if with_sign and value else ''}g}".replace("-", "−")


def _numbers(estimate: Interval, with_sign: bool = False) -> str:
    if with_sign:
        return change(estimate)
    return f"{score(estimate.value)} ({interval(estimate.low, estimate.high)})"
