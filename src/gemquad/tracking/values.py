"""Parameters, metrics, data sets and texts as MLflow takes them: within its limits, in batches, and none of them twice."""

import hashlib
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PER_BATCH = {"params": 100, "metrics": 1000}
_LONGEST_NAME, _LONGEST_VALUE = 250, 6000
_NOT_IN_NAMES = re.compile(r"[^\w.\- :]")  # by MLflow, which takes slashes as well, but not wherever they stand

_CUT = "\n\n… The whole text is among the artefacts of the parent run."

Point = tuple[str, float, int]
"""Name, value and step of a metric."""

TRAINING, INTERVAL = "training/", "interval/"
"""Sections of metrics; the scores stand in none."""


@dataclass(frozen=True)
class Versioned:
    """A file under DVC's control that a run used: `context` says for what ("training", "evaluation", …)."""

    path: str
    md5: str
    context: str


def log_params(client: Any, run: str, params: Mapping[str, Any]) -> None:
    """Parameters are write-once in MLflow; writing the same value again changes nothing.

    A value that MLflow would cut off is replaced by its hash; params.yaml among the parent's artefacts has it whole.
    """
    from mlflow.entities import Param

    entries = [Param(_name(name), _value(str(value))) for name, value in params.items()]
    for at in range(0, len(entries), _PER_BATCH["params"]):
        client.log_batch(run, params=entries[at : at + _PER_BATCH["params"]])


def log_metrics(client: Any, run: str, points: Sequence[Point], section: str = "") -> None:
    """Log the points that the run does not have yet; MLflow shows the metrics of a `section` together."""
    from mlflow.entities import Metric

    logged = client.get_run(run).data.metrics
    named = [(section + _name(name), float(value), step) for name, value, step in points]
    histories = (client.get_metric_history(run, name) for name in {name for name, _, _ in named} & logged.keys())
    known = {_same(point.key, point.value, point.step) for history in histories for point in history}
    now = int(time.time() * 1000)
    new = [Metric(name, value, now, step) for name, value, step in named if _same(name, value, step) not in known]
    for at in range(0, len(new), _PER_BATCH["metrics"]):
        client.log_batch(run, metrics=new[at : at + _PER_BATCH["metrics"]])


def curve_points(curve: Sequence[Mapping[str, Any]]) -> list[Point]:
    """Loss by phase, and the learning rate, of every entry of a learning curve."""
    points: list[Point] = []
    for entry in curve:
        points.append((f"loss_{entry['phase']}", entry["loss"], entry["step"]))
        points.append(("learning_rate", entry["learning_rate"], entry["step"]))
    return points


def log_data(client: Any, run: str, files: Sequence[Versioned], revision: str) -> None:
    """The data sets of a run, each known by its DVC hash; `revision` is the Git commit whose dvc.lock has them or precedes it."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    inputs = []
    for file in files:
        source = json.dumps({"path": file.path, "md5": file.md5, "git": revision})
        dataset = Dataset(name=Path(file.path).stem, digest=file.md5, source_type="dvc", source=source)
        inputs.append(DatasetInput(dataset, [InputTag("mlflow.data.context", file.context)]))
    client.log_inputs(run, inputs)


def _same(name: str, value: float, step: int) -> tuple[str, str, int]:
    """What equal points share; by itself no NaN is like another."""
    return name, repr(value), step


def text(markdown: str, limit: int) -> str:
    """A text within `limit` characters, without its last lines where it is longer."""
    if len(markdown) <= limit:
        return markdown
    return markdown[: limit - len(_CUT)].rpartition("\n")[0] + _CUT


def _name(name: str) -> str:
    """A name with what MLflow refuses in it by code point, so that names stay different: "R_26_D" for "R&D"."""
    allowed = _NOT_IN_NAMES.sub(lambda found: f"_{ord(found[0]):x}_", name)
    return allowed if len(allowed) <= _LONGEST_NAME else f"{allowed[: _LONGEST_NAME - 17]}_{_digest(allowed)}"


def _value(value: str) -> str:
    return (
        value if len(value) <= _LONGEST_VALUE else f"{len(value)} characters, sha256 {_digest(value)}: see params.yaml"
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
