"""Parameters and metrics as MLflow takes them: within its limits, in batches, and none of them twice."""

import hashlib
import json
import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

_LONGEST_NAME, _PARAMS_AT_ONCE, _METRICS_AT_ONCE = 250, 100, 1000  # MLflow's limits
_NOT_IN_NAMES = re.compile(r"[^\w.\- :]")  # by MLflow, which takes slashes as well, but not wherever they stand
_FILES = re.compile(
    r"data\.(gold$|languages\.)|(generator|student\.model)\.(wheel|parts|sha256|install)|prompting\.labels\.|tuning\.accepted$"
)
"""Settings that name files, their hashes and packages, and the catalogue of words: no table of runs is read by them."""

Point = tuple[str, float, int]
"""Name, value and step of a metric. MLflow shows the metrics `SECTION/…` together, apart from those without a section."""


def log_params(client: Any, run: str, settings: Mapping[str, Any]) -> None:
    """Log what are no names of files; MLflow cuts long values off, and takes the same value again without a word."""
    from mlflow.entities import Param
    from mlflow.utils import chunk_list

    entries = [Param(mlflow_name(name), str(value)) for name, value in settings.items() if not _FILES.match(name)]
    for batch in chunk_list(entries, _PARAMS_AT_ONCE):
        client.log_batch(run, params=batch)


def log_metrics(client: Any, run: str, points: Iterable[Point]) -> None:
    """Log the points that the run does not have yet."""
    from mlflow.entities import Metric
    from mlflow.utils import chunk_list

    now, logged = int(time.time() * 1000), client.get_run(run).data.metrics
    asked = [
        Metric("/".join(map(mlflow_name, name.split("/"))), readable(value), now, step) for name, value, step in points
    ]
    histories = [client.get_metric_history(run, name) for name in {one.key for one in asked} & logged.keys()]
    known = {(point.key, repr(point.value), point.step) for history in histories for point in history}  # NaN is not NaN
    new = [point for point in asked if (point.key, repr(point.value), point.step) not in known]
    for batch in chunk_list(new, _METRICS_AT_ONCE):
        client.log_batch(run, metrics=batch)


def curve_points(curve: Iterable[Mapping[str, Any]]) -> list[Point]:
    """Loss by phase, and the learning rate, of every entry of a learning curve."""
    return [
        (f"training/{name}", value, entry["step"])
        for entry in curve
        for name, value in ((f"loss_{entry['phase']}", entry["loss"]), ("learning_rate", entry["learning_rate"]))
    ]


def readable(value: float) -> float:
    """A value with the four digits that count: 62.27, 1.586, 9.235e-05; from 1,000 on with two after the point."""
    return float(f"{value:.4g}") if abs(value) < 1000 else round(float(value), 2)


def digest(content: object) -> str:
    """16 hexadecimal digits over what JSON can hold."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def mlflow_name(name: str) -> str:
    """A name with what MLflow refuses in it by code point, so that names stay different: "R_26_D" for "R&D"."""
    allowed = _NOT_IN_NAMES.sub(lambda found: f"_{ord(found[0]):x}_", name)
    return allowed if len(allowed) <= _LONGEST_NAME else f"{allowed[: _LONGEST_NAME - 17]}_{digest(allowed)}"
