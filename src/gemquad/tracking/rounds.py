"""MLflow: one parent run per pipeline state, one child per round (the baseline is round 0). Nothing else imports mlflow.

Stages are separate processes, so the parent is found by a tag that holds the pipeline's fingerprint: the parameters and the
hashes of what the rounds start from. Logging a round again replaces its child, so a crashed or repeated stage leaves no
duplicate.
"""

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gemquad.checkout import main_checkout
from gemquad.errors import UserError, first_line
from gemquad.params import BESIDE_THE_ROUNDS, flat_settings
from gemquad.rounds.stopping import system_name

EXPERIMENT = "gemquad"
_FINGERPRINT, _ROUND, _PARENT = "gemquad.fingerprint", "gemquad.round", "mlflow.parentRunId"
_GIT_COMMIT = "mlflow.source.git.commit"
_START_STAGES = ("prepare", "prompt", "generate", "baseline")
_PARAMS_PER_BATCH = 100  # MLflow's own limit
_NOT_IN_NAMES = re.compile(r"[^/\w.\- :]")  # by MLflow


@dataclass(frozen=True)
class RoundLog:
    """Everything that is logged of one round."""

    number: int
    student: Path
    scores: Mapping[str, Mapping[str, Mapping[str, float]]]
    silver: Mapping[str, Mapping[str, int]]
    curve: list[dict[str, Any]]
    decision: Mapping[str, Any]
    generation: Mapping[str, Any]
    timing: Mapping[str, Any]


def default_tracking_uri() -> str:
    """`MLFLOW_TRACKING_URI`, or a SQLite store in the main checkout, also from DVC's temporary workspaces."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{main_checkout() / 'mlflow.db'}"


def fingerprint(params: Path, lock: Path) -> str:
    """Identifies a pipeline state: 16 hexadecimal digits over the parameters and the outputs the rounds start from."""
    stages = _load(lock)["stages"]
    outputs = [
        (out["path"], out.get("md5")) for name in _START_STAGES if name in stages for out in stages[name]["outs"]
    ]
    return hashlib.sha256(repr((sorted(_settings(params).items()), sorted(outputs))).encode()).hexdigest()[:16]


def log_round(log: RoundLog, params: Path, lock: Path) -> None:
    """Log one round below the parent run of this pipeline state, replacing what an earlier call logged for it.

    Raises:
        UserError: the MLflow store cannot be reached or written.
    """
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    uri = default_tracking_uri()
    try:
        _log_round(MlflowClient(tracking_uri=uri), log, params, lock)
    except MlflowException as error:
        raise UserError(
            f"MLflow store {uri}: {first_line(error)} Check MLFLOW_TRACKING_URI, then run `dvc repro` again: nothing is lost."
        ) from error


def _log_round(client: Any, log: RoundLog, params: Path, lock: Path) -> None:
    experiment = _experiment_id(client)
    state = fingerprint(params, lock)
    parent = _parent_run(client, experiment, state, params, lock)
    for stale in _children(client, experiment, parent, log.number):
        client.delete_run(stale.info.run_id)
    tags = {
        _PARENT: parent,
        _ROUND: str(log.number),
        _FINGERPRINT: state,
        _GIT_COMMIT: _git_revision(),
        "gemquad.decision": log.decision["reason"],
        "gemquad.generator": json.dumps(log.generation["generator"]),
    }
    child = client.create_run(experiment, tags=tags, run_name=system_name(log.number)).info.run_id
    _log_params(client, child, _settings(params))
    _log_metrics(client, child, _metrics(log), step=log.number)
    for entry in log.curve:
        client.log_metric(child, f"train_loss_{entry['phase']}", entry["loss"], step=entry["step"])
    client.log_artifacts(child, str(log.student), artifact_path="model")
    client.set_terminated(child)
    _log_metrics(client, parent, _metrics(log), step=log.number)
    client.set_tag(parent, "gemquad.decision", log.decision["reason"])
    client.set_terminated(parent)


def _metrics(log: RoundLog) -> dict[str, float]:
    """Flat names, `test_f1_hi`, `silver_hi`, `synthetic_pairs_hi`, so that MLflow can plot and compare them."""
    scores = {
        f"{split}_{metric}_{language}": value
        for split, by_language in log.scores.items()
        for language, values in by_language.items()
        for metric, value in values.items()
    }
    silver = {f"silver_{language}": counts["silver"] for language, counts in log.silver.items()}
    new = {f"new_silver_{language}": counts["new"] for language, counts in log.silver.items()}
    generated = {
        f"synthetic_pairs_{language}": counts["synthetic_pairs"]
        for language, counts in log.generation["languages"].items()
    }
    return {**scores, **silver, **new, **generated, **_spent(log.generation, log.timing)}


def _spent(generation: Mapping[str, Any], timing: Mapping[str, Any]) -> dict[str, float]:
    """Tokens, outcomes and, where `timing` speaks of the same completions, seconds and rates of the generation."""
    total = generation["total"]
    tokens = {name: total[name] for name in ("prompt_tokens", "completion_tokens", "judged_tokens")}
    outcomes = {f"outcome_{name.replace(' ', '_')}": count for name, count in total["outcomes"].items()}
    money = {name: total[name] for name in ("cost", "cost_per_pair")}
    taken = timing.get("time", {}) if timing.get("completions") == generation["completions"] else {}
    return {f"generation_{name}": value for name, value in {**money, **tokens, **outcomes, **taken}.items()}


def _experiment_id(client: Any) -> str:
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(EXPERIMENT)
    if found:
        return str(found.experiment_id)
    artifacts = None if os.environ.get("MLFLOW_TRACKING_URI") else (main_checkout() / "mlartifacts").as_uri()
    try:
        return str(client.create_experiment(EXPERIMENT, artifact_location=artifacts))
    except MlflowException:
        found = client.get_experiment_by_name(EXPERIMENT)  # another pipeline was first
        if found is None:
            raise
        return str(found.experiment_id)


def _parent_run(client: Any, experiment: str, state: str, params: Path, lock: Path) -> str:
    found = client.search_runs([experiment], f"tags.`{_FINGERPRINT}` = '{state}' and tags.`{_ROUND}` = 'parent'")
    if found:
        parent = str(found[0].info.run_id)
    else:
        name = os.environ.get("DVC_EXP_NAME") or f"pipeline-{state[:8]}"
        tags = {_FINGERPRINT: state, _ROUND: "parent", _GIT_COMMIT: _git_revision()}
        parent = str(client.create_run(experiment, tags=tags, run_name=name).info.run_id)
    hashes = {f"md5.{path}": md5 for path, md5 in _data_hashes(lock).items()}
    _log_params(client, parent, {**_settings(params), **hashes})
    return parent


def _children(client: Any, experiment: str, parent: str, number: int) -> list[Any]:
    return list(client.search_runs([experiment], f"tags.`{_PARENT}` = '{parent}' and tags.`{_ROUND}` = '{number}'"))


def _log_metrics(client: Any, run: str, metrics: Mapping[str, float], step: int) -> None:
    logged = client.get_run(run).data.metrics
    for name, value in metrics.items():
        history = client.get_metric_history(run, name) if name in logged else []
        if not any(point.step == step and point.value == value for point in history):
            client.log_metric(run, name, value, step=step)


def _log_params(client: Any, run: str, params: Mapping[str, Any]) -> None:
    """Parameters are write-once in MLflow; writing the same value again changes nothing."""
    from mlflow.entities import Param

    entries = [Param(_allowed(name), str(value)) for name, value in params.items()]
    for at in range(0, len(entries), _PARAMS_PER_BATCH):
        client.log_batch(run, params=entries[at : at + _PARAMS_PER_BATCH])


def _allowed(name: str) -> str:
    """A name with what MLflow refuses in it by code point, so that names stay different: "R_26_D" for "R&D"."""
    return _NOT_IN_NAMES.sub(lambda found: f"_{ord(found[0]):x}_", name)


def _load(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return loaded


def _settings(params: Path) -> dict[str, Any]:
    """Dotted names to values of what the rounds depend on, without unset entries."""
    named = flat_settings(_load(params))
    return {n: value for n, value in named.items() if value is not None and n.split(".")[0] not in BESIDE_THE_ROUNDS}


def _data_hashes(lock: Path) -> dict[str, str]:
    """Path to MD5 of everything the data stages wrote, as DVC recorded it."""
    stages = _load(lock)["stages"]
    return {out["path"]: out["md5"] for name in ("prepare", "generate") for out in stages.get(name, {}).get("outs", [])}


def _git_revision() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
