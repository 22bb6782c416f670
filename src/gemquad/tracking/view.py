"""What MLflow opens with: the columns of the table of runs and the charts beside it, as a shared view of the experiment."""

import json
from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import Any
from zlib import compress

from gemquad.schema.results import ALL

VIEW_KEY = "gemquad"
VIEW = f"mlflow.sharedViewState.{VIEW_KEY}"
"""The experiment's tag that has the view; `viewStateShareKey=gemquad` in an address asks for it."""
GAIN = "gemquad.gain_"
"""Tags of a run with the gain and its interval in one text, which the table has where metrics would take three columns."""

_TESTED, _REST = ("test", "gain"), ("dev", "silver")
_DECISION = {"tags.`gemquad.selected`": 130, "tags.`gemquad.decision`": 260}
_FIXED = {"attributes.`Run Name`": 250, "runDateAndNestInfo": 140}
_GAIN_WIDTH, _WIDTH = 150, 90
_DIFFERS, _LANGUAGES, _ROUNDS = "What differs", "By language", "rounds"
_COLLAPSED = ("Model metrics", "generation", "interval", "scores", "silver", "training", "System metrics")
"""Sections, with `_ROUNDS`, that MLflow fills with the metrics called after them and the others that no chart here has."""


def packed(view: dict[str, Any]) -> str:
    """A view as MLflow's page packs it: as JSON, one of thirty languages is longer than a tag may be."""
    return f"deflate;{b64encode(compress(json.dumps(view).encode())).decode()}"


def shared_view(metrics: Iterable[str]) -> dict[str, Any]:
    """The view of an experiment whose runs have these metrics.

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
    order = [*_TESTED, *_REST]
    found = {name for name in metrics if "/" not in name and _kind(name) in order}
    found -= {f"{name}_{end}" for name in found for end in ("low", "high")}
    return sorted(found, key=lambda one: (_kind(one) in _REST, _language(one) == ALL, order.index(_kind(one)), one))


def _kind(name: str) -> str:
    return name.partition("_")[0]


def _language(name: str) -> str:
    return name.rpartition("_")[2]


def _column(name: str) -> str:
    return f"tags.`{GAIN}{name.removeprefix('gain_')}`" if _kind(name) == "gain" else f"metrics.`{name}`"


def _charts(top: Sequence[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Sections and their charts: the settings that differ between runs, test and gain by language; MLflow makes the others."""
    differs = _chart("DIFFERENCE", "Parameters", _DIFFERS)
    differs |= {"chartName": _DIFFERS, "compareGroups": ["Parameters"], "showDifferencesOnly": True}
    bars = [_chart("BAR", name, _LANGUAGES) | {"metricKey": name} for name in top if _kind(name) in _TESTED]
    wide = _section(_DIFFERS) | {"columns": 1, "cardHeight": 220}
    sections = [wide, _section(_LANGUAGES), _section(_ROUNDS), *(_section(name, False) for name in _COLLAPSED)]
    return sections, [differs, *bars]


def _chart(kind: str, of: str, section: str) -> dict[str, Any]:
    return {"type": kind, "uuid": f"{kind}-{of}", "metricSectionId": section, "runsCountToCompare": 20}


def _section(name: str, is_open: bool = True) -> dict[str, Any]:
    return {"uuid": name, "name": name, "display": is_open, "isReordered": True}
