"""What MLflow opens with: the columns of the table of runs and the charts beside it, as a shared view of the experiment."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gemquad.schema.results import ALL

VIEW_KEY = "gemquad"
VIEW = f"mlflow.sharedViewState.{VIEW_KEY}"
"""The experiment's tag that has the view; `viewStateShareKey=gemquad` in an address asks for it."""
GAIN = "gemquad.gain_"
"""Tags of a run with the gain and its interval in one text, which the table has where metrics would take three columns."""

_TESTED, _REST = ("test", "gain"), ("dev", "silver")
_DECISION = {"tags.`gemquad.selected`": 130, "tags.`gemquad.decision`": 260}
_FIXED = {"attributes.`Run Name`": 250, "runDateAndNestInfo": 125}
_GAIN_WIDTH, _WIDTH = 150, 100
_COLLAPSED = ("Model metrics", "generation", "interval", "scores", "silver", "training", "System metrics")
"""Sections that MLflow makes for the metrics that no chart of this view has."""


def shared_view(metrics: Iterable[str]) -> dict[str, Any]:
    """The view of an experiment whose runs have these metrics, as MLflow stores it.

    The test's first metric and the gain with its interval come first, by language; all languages together, dev, silver and the
    decision follow. Settings, data sets and other metrics are a click away in MLflow's list of columns.
    """
    top = _sorted(metrics)
    widths = {_column(name): _GAIN_WIDTH if _kind(name) == "gain" else _WIDTH for name in top} | _DECISION
    sections, charts = _charts(top)
    return {
        "selectedColumns": list(widths),
        "columnOrder": [*_FIXED, *widths],  # the widths of columns that are not among these are not taken
        "columnWidths": {**_FIXED, **widths},
        "compareRunSections": sections,
        "compareRunCharts": charts,
        "isAccordionReordered": True,  # else MLflow sorts the sections by name
    }


def _sorted(metrics: Iterable[str]) -> list[str]:
    """The metrics of a table's columns: in no section, and no ends of an interval."""
    found = {name for name in metrics if "/" not in name}
    found -= {f"{name}_{end}" for name in found for end in ("low", "high")}
    order = [*_TESTED, *_REST]
    return sorted(
        found, key=lambda name: (_kind(name) in _REST, _language(name) == ALL, order.index(_kind(name)), name)
    )


def _kind(name: str) -> str:
    return name.partition("_")[0]


def _language(name: str) -> str:
    return name.rpartition("_")[2]


def _column(name: str) -> str:
    return f"tags.`{GAIN}{name.removeprefix('gain_')}`" if _kind(name) == "gain" else f"metrics.`{name}`"


def _charts(top: Sequence[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Sections and their charts: what differs, every value by run, test and dev by round and language; the rest collapsed."""
    languages = sorted({_language(name) for name in top if _kind(name) == "test"} - {ALL})
    tested = [name for name in top if _kind(name) in _TESTED]
    rounds = {
        language: [f"rounds/{name}" for name in top if _language(name) == language and _kind(name) in ("test", "dev")]
        for language in languages
    }
    differences = {"compareGroups": ["Model metrics", "Parameters"], "showDifferencesOnly": True, "chartName": _DIFFERS}
    by_section: Mapping[str, list[dict[str, Any]]] = {
        "By language": [_chart("BAR", name, metricKey=name) for name in tested],
        "By round": [
            _chart("LINE", language, metricKey=names[0], selectedMetricKeys=names, displayName=f"{language} by round")
            for language, names in rounds.items()
        ],
        _DIFFERS: [_chart("DIFFERENCE", "all", **differences)],
    }
    charts = [{**chart, "metricSectionId": name} for name, found in by_section.items() for chart in found]
    shown = {**dict.fromkeys(by_section, True), **dict.fromkeys(_COLLAPSED, False)}
    return [_section(name, is_open) for name, is_open in shown.items()], charts


_DIFFERS = "What differs"


def _chart(kind: str, of: str, **given: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "uuid": f"{kind}-{of}",
        "isGenerated": False,
        "deleted": False,
        "runsCountToCompare": 20,
        **given,
    }


def _section(name: str, is_open: bool) -> dict[str, Any]:
    return {"uuid": name, "name": name, "display": is_open, "isReordered": True, "deleted": False, "isGenerated": False}
