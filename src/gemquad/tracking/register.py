"""At the end of a run: page and card to the parent, intervals and samples to the rounds, the best student into the registry."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.rounds.stopping import system_name
from gemquad.schema import Completion, Prompt
from gemquad.tracking.runs import CONTENT, parent_run
from gemquad.tracking.samples import Table
from gemquad.tracking.state import State
from gemquad.tracking.store import Store, opened
from gemquad.tracking.traces import log_traces
from gemquad.tracking.values import Point, log_metrics

CURRENT, CHAMPION = "current", "champion"
_DEV, _DEV_SCORE, _FINGERPRINT, _ROUND = "gemquad.dev", "gemquad.dev_score", "gemquad.fingerprint", "gemquad.round"
_TABLES = "mlflow.loggedArtifacts"
_DEV_FILE = "data/prepared/dev.parquet"


@dataclass(frozen=True)
class Outcome:
    """What a run came to: the selected round and its dev score, every score and gain with intervals, and files for people.

    `tables` are rows to read, by round and name; of the prompts and completions a sample is shown, drawn with `seed`.
    """

    best: int
    dev_score: float
    evidence: Mapping[str, Any]
    gains: Mapping[str, Any]
    summary: str
    card: str
    files: Sequence[Path]
    tables: Mapping[int, Mapping[str, Table]]
    prompts: Sequence[Prompt]
    completions: Sequence[Completion]
    seed: int


def register(outcome: Outcome, params: Path, lock: Path) -> None:
    """Complete the parent run of this pipeline state and register the student of its best round, both once.

    The version is `models:/NAME@current`, and `@champion` unless an earlier one did better on the same dev data.

    Raises:
        UserError: the rounds of this state are not in the MLflow store, or the store cannot be written.
    """
    state = State.read(params, lock)
    with opened() as store:
        parent = parent_run(store, state)
        for number, tables in outcome.tables.items():
            child = _logged_round(store, state, number).info.run_id
            log_metrics(store.client, child, _intervals(outcome, number))
            _log_tables(store.client, child, tables)
        for file in outcome.files:
            store.client.log_artifact(parent, str(file))
        store.client.set_tag(parent, "mlflow.note.content", outcome.summary)
        store.client.set_terminated(parent)
        log_traces(store, parent, state.fingerprint, outcome.prompts, outcome.completions, outcome.seed)
        _register_student(store, state, outcome)


def _logged_round(store: Store, state: State, number: int) -> Any:
    complete = [r for r in store.runs(fingerprint=state.fingerprint, round_=str(number)) if CONTENT in r.data.tags]
    if not complete:
        raise UserError(
            f"{system_name(number)} of this run is not in the MLflow store. `gemquad track` logs every round again."
        )
    return complete[0]


def _intervals(outcome: Outcome, number: int) -> list[Point]:
    """The bounds of every score on dev and test, and of every gain on test over the baseline; steps are rounds."""
    name = system_name(number)
    scores = next(system["scores"] for system in outcome.evidence["systems"] if system["system"] == name)
    bounds = [
        (f"{split}_{metric}_{language}_{bound}", value[bound], number)
        for split, languages in scores.items()
        for language, score in languages.items()
        for metric, value in score["metrics"].items()
        for bound in ("low", "high")
    ]
    gains = [
        (f"gain_{metric}_{language}{suffix}", value[bound], number)
        for language, metrics in outcome.gains.get(name, {}).items()
        for metric, value in metrics.items()
        for bound, suffix in (("value", ""), ("low", "_low"), ("high", "_high"))
    ]
    return bounds + gains


def _log_tables(client: Any, run: str, tables: Mapping[str, Table]) -> None:
    """As `mlflow.log_table` does, which would append to what an earlier call logged."""
    for name, rows in tables.items():
        columns = list(rows[0]) if rows else []
        client.log_dict(run, {"columns": columns, "data": [list(row.values()) for row in rows]}, f"{name}.json")
    logged = [{"path": f"{name}.json", "type": "table"} for name in tables]
    client.set_tag(run, _TABLES, json.dumps(logged))


def _register_student(store: Store, state: State, outcome: Outcome) -> None:
    run = _logged_round(store, state, outcome.best)
    (model,) = run.outputs.model_outputs
    name = state.model_name
    if not store.client.search_registered_models(f"name = '{name}'"):
        store.client.create_registered_model(
            name, description=f"Students of {state.title}, the best round of each run."
        )
    versions = store.client.search_model_versions(f"name = '{name}'")
    own = [version for version in versions if version.model_id == model.model_id]
    if own:
        version = own[0]
    else:
        tags = {
            _FINGERPRINT: state.fingerprint,
            _ROUND: str(outcome.best),
            _DEV: state.hashes.get(_DEV_FILE, ""),
            _DEV_SCORE: repr(outcome.dev_score),
        }
        version = store.client.create_model_version(
            name, f"models:/{model.model_id}", run.info.run_id, tags, description=outcome.card, model_id=model.model_id
        )
    store.client.set_registered_model_alias(name, CURRENT, version.version)
    if not any(_did_better(other, version) for other in versions):
        store.client.set_registered_model_alias(name, CHAMPION, version.version)


def _did_better(other: Any, version: Any) -> bool:
    same_dev = other.tags.get(_DEV) == version.tags.get(_DEV)
    return same_dev and float(other.tags[_DEV_SCORE]) > float(version.tags[_DEV_SCORE])
