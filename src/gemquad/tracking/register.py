"""At the end of a run: page and card to the parent, intervals and samples to the rounds, the best student into the registry."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.rounds.stopping import system_name
from gemquad.schema import Completion, Prompt
from gemquad.schema.results import Gains, Intervals
from gemquad.tracking.runs import CONTENT, FINGERPRINT, ROUND, parent_run
from gemquad.tracking.samples import Table
from gemquad.tracking.state import PipelineState
from gemquad.tracking.store import TrackingStore, opened
from gemquad.tracking.traces import log_traces
from gemquad.tracking.values import INTERVAL, Point, log_metrics, text
from gemquad.workspace import Workspace

CURRENT, CHAMPION = "current", "champion"
_DEV, _DEV_METRIC, _DEV_SCORE = "gemquad.dev", "gemquad.dev_metric", "gemquad.dev_score"
_TABLES = "mlflow.loggedArtifacts"
_LONGEST_NOTE, _LONGEST_DESCRIPTION = 8000, 5000
"""MLflow cuts a longer tag off; a longer description is refused by MySQL and PostgreSQL."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run: the selected round and its dev score, scores and gains with intervals, and files to log.

    `tables` are rows to read, by round and name; of the prompts and completions a sample is shown, drawn with `seed`.
    """

    best: int
    dev_score: float
    intervals: Intervals
    gains: Gains
    summary: str
    card: str
    attached: Sequence[Path]
    tables: Mapping[int, Mapping[str, Table]]
    prompts: Sequence[Prompt]
    completions: Sequence[Completion]
    seed: int


def register(outcome: Outcome, files: Workspace) -> None:
    """Complete the parent run of this pipeline state and register the student of its best round, both once.

    The version is `models:/NAME@current`; `@champion` is the best of those with the same dev data and the same metric.

    Raises:
        UserError: the rounds of this state are not in the MLflow store, or the store cannot be written.
    """
    state = PipelineState.read(files)
    with opened() as store:
        parent = parent_run(store, state)
        for number, tables in outcome.tables.items():
            child = _logged_round(store, state, number).info.run_id
            for run in (parent, child):
                log_metrics(store.client, run, _gains(outcome, number))
            log_metrics(store.client, child, _bounds(outcome, number), INTERVAL)
            _log_tables(store.client, child, tables)
        for file in outcome.attached:
            store.client.log_artifact(parent, str(file))
        store.client.set_tag(parent, "mlflow.note.content", text(outcome.summary, _LONGEST_NOTE))
        store.client.set_terminated(parent)
        log_traces(store, parent, state.fingerprint, outcome.prompts, outcome.completions, outcome.seed)
        _register_student(store, state, outcome)


def _logged_round(store: TrackingStore, state: PipelineState, number: int) -> Any:
    complete = [r for r in store.runs(fingerprint=state.fingerprint, round_=str(number)) if CONTENT in r.data.tags]
    if not complete:
        raise UserError(
            f"{system_name(number)} of this run is not in the MLflow store. `gemquad track` logs every round again."
        )
    return complete[0]


def _gains(outcome: Outcome, number: int) -> list[Point]:
    """What a round gained over the baseline on test; the step is the round."""
    return [
        (f"gain_{metric}_{language}", interval.value, number)
        for language, metrics in outcome.gains.get(system_name(number), {}).items()
        for metric, interval in metrics.items()
    ]


def _bounds(outcome: Outcome, number: int) -> list[Point]:
    """The bounds of every score on dev and test, and of every gain."""
    name = system_name(number)
    scores = next(system.scores for system in outcome.intervals.systems if system.system == name)
    bounded = [
        (f"{split}_{metric}_{language}", interval)
        for split, languages in scores.items()
        for language, score in languages.items()
        for metric, interval in score.metrics.items()
    ] + [
        (f"gain_{metric}_{language}", interval)
        for language, metrics in outcome.gains.get(name, {}).items()
        for metric, interval in metrics.items()
    ]
    return [(f"{name}_{end}", getattr(interval, end), number) for name, interval in bounded for end in ("low", "high")]


def _log_tables(client: Any, run: str, tables: Mapping[str, Table]) -> None:
    """As `mlflow.log_table` does, which would append to what an earlier call logged."""
    for name, rows in tables.items():
        columns = list(rows[0]) if rows else []
        client.log_dict(run, {"columns": columns, "data": [list(row.values()) for row in rows]}, f"{name}.json")
    logged = [{"path": f"{name}.json", "type": "table"} for name in tables]
    client.set_tag(run, _TABLES, json.dumps(logged))


def _register_student(store: TrackingStore, state: PipelineState, outcome: Outcome) -> None:
    name = state.model_name
    if not store.client.search_registered_models(f"name = '{name}'"):
        about = f"Students of {state.title}, the best round of each run."
        store.client.create_registered_model(name, description=about)
    version = _version(store, state, outcome)
    versions = store.client.search_model_versions(f"name = '{name}'")
    rivals = [other for other in versions if _is_comparable(other, version)]
    champion = max([version, *rivals], key=lambda one: float(one.tags[_DEV_SCORE]))
    store.client.set_registered_model_alias(name, CURRENT, version.version)
    store.client.set_registered_model_alias(name, CHAMPION, champion.version)


def _version(store: TrackingStore, state: PipelineState, outcome: Outcome) -> Any:
    """The version of this run, found or made; one of another student, selected before a round was replaced, is deleted."""
    name, run = state.model_name, _logged_round(store, state, outcome.best)
    model = run.outputs.model_outputs[-1].model_id
    source = f"models:/{model}"  # by which a version is known: MLflow's database does not keep its model_id
    versions = store.client.search_model_versions(f"name = '{name}'")
    own = [version for version in versions if version.tags.get(FINGERPRINT) == state.fingerprint]
    for version in own:
        if version.source != source:
            store.client.delete_model_version(name, version.version)
    found = [version for version in own if version.source == source]
    if found:
        return found[0]
    tags = {
        FINGERPRINT: state.fingerprint,
        ROUND: str(outcome.best),
        _DEV: state.hashes.get(Workspace().dev.as_posix(), ""),
        _DEV_METRIC: str(state.settings.get("stopping.metric", "")),
        _DEV_SCORE: repr(outcome.dev_score),
    }
    card = text(outcome.card.split("---\n", 2)[-1].strip(), _LONGEST_DESCRIPTION)  # without its YAML
    return store.client.create_model_version(name, source, run.info.run_id, tags, description=card, model_id=model)


def _is_comparable(other: Any, version: Any) -> bool:
    """Whether both have a score by the same metric on the same dev data; a version that somebody else registered has none."""
    return _DEV_SCORE in other.tags and all(other.tags.get(tag) == version.tags[tag] for tag in (_DEV, _DEV_METRIC))
