"""At the end of a run: answer, page and card to the parent, intervals and samples to the rounds, the best student registered."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gemquad.errors import UserError
from gemquad.files import read_result
from gemquad.report.formatting import change
from gemquad.rounds.stopping import system_name
from gemquad.schema.results import ALL, AVERAGED, GAINS, INTERVALS, SELECTION
from gemquad.tracking.model import log_student
from gemquad.tracking.samples import log_tables, log_traces
from gemquad.tracking.state import PipelineState
from gemquad.tracking.store import CONTENT, FINGERPRINT, ROUND, TrackingStore, opened
from gemquad.tracking.values import Point, log_metrics
from gemquad.tracking.view import GAIN, VIEW, packed, shared_view
from gemquad.workspace import Workspace

_DEV, _DEV_METRIC, _DEV_SCORE = "gemquad.dev", "gemquad.dev_metric", "gemquad.dev_score"


def register(files: Workspace, tables: Mapping[int, Mapping[str, pd.DataFrame]], prompts: pd.DataFrame) -> None:
    """Complete the parent run of this pipeline state and register the student of its best round, both once.

    `tables` are by round and name. A `UserError` says that a round is not in the store, or that it cannot be written.
    """
    with opened(PipelineState.read(files)) as store:
        parent = store.parent()
        for number, rows in tables.items():
            child = _logged(store, number).info.run_id
            log_metrics(store.client, child, _intervals(files, system_name(number), number))
            log_tables(store.client, child, rows)
            _tag_gains(store, child, files, system_name(number))
        for file in (files.page, files.summary, files.model_card, files.intervals):
            store.client.log_artifact(parent, str(file))
        _answer(store, parent, files)
        log_traces(store, parent, prompts)
        _register_student(store, files)
        store.client.set_terminated(parent)


def _logged(store: TrackingStore, number: int) -> Any:
    complete = [run for run in store.runs(number) if CONTENT in run.data.tags]
    if not complete:
        raise UserError(f"{system_name(number)} of this run is not in the MLflow store. Log it again: gemquad track.")
    return complete[0]


def _intervals(files: Workspace, name: str, number: int) -> list[Point]:
    """What a system gained over the baseline on test, its scores that no round has logged, and the ends of every interval.

    In no section stands what a table of runs should show: the first metric's gain, and its score over all languages.
    """
    scores = next(one.scores for one in read_result(files.intervals, INTERVALS).systems if one.system == name)
    found = [(split, lang, score.metrics) for split, languages in scores.items() for lang, score in languages.items()]
    found += [("gain", lang, metrics) for lang, metrics in read_result(files.gains, GAINS).get(name, {}).items()]
    points: list[Point] = []
    for kind, language, metrics in found:
        for at, (metric, interval) in enumerate(metrics.items()):
            own, is_new = f"{kind}_{metric}_{language}", kind == "gain" or language == ALL or name == AVERAGED
            is_first = at == 0 and is_new
            ends = [(f"{own}_{end}", getattr(interval, end), number) for end in ("low", "high")]
            points += ends if is_first else [(f"interval/{point}", value, step) for point, value, step in ends]
            if is_new:  # what `evaluate` measured is logged already
                points.append((own if is_first else f"scores/{own}", interval.value, number))
    return points


def _answer(store: TrackingStore, parent: str, files: Workspace) -> None:
    """The parent shows the selected student: its first metrics, and the verdict in name and description."""
    selection = read_result(files.selection, SELECTION)
    shown = store.client.get_run(parent)
    if selection.system == AVERAGED:
        log_metrics(store.client, parent, _intervals(files, AVERAGED, selection.round))
    else:
        for name, value in _logged(store, selection.round).data.metrics.items():
            if "/" not in name and shown.data.metrics.get(name) != value:
                store.client.log_metric(parent, name, value)
    runs = store.client.search_runs([store.experiment])
    view = shared_view(name for run in runs for name in run.data.metrics)
    store.client.set_experiment_tag(store.experiment, VIEW, packed(view))
    _tag_gains(store, parent, files, selection.system)
    gains = read_result(files.gains, GAINS).get(selection.system, {}).items()
    said = ", ".join(f"{language} {next(iter(metrics.values())).value:+.1f}" for language, metrics in gains)
    store.client.set_tag(parent, "mlflow.note.content", files.summary.read_text(encoding="utf-8"))
    store.client.set_tag(parent, "gemquad.selected", selection.system)
    experiment = shown.info.run_name.rpartition(" · ")[2]
    store.client.update_run(parent, name=f"{selection.system}{said and f': {said}'} · {experiment}")


def _tag_gains(store: TrackingStore, run: str, files: Workspace, system: str) -> None:
    """The first metric's gains with their intervals as texts, those of another system removed."""
    gains = read_result(files.gains, GAINS).get(system, {}).items()
    firsts = {language: next(iter(metrics.items())) for language, metrics in gains}
    texts = {f"{GAIN}{metric}_{language}": change(gain) for language, (metric, gain) in firsts.items()}
    for name in store.client.get_run(run).data.tags:
        if name.startswith(GAIN) and name not in texts:
            store.client.delete_tag(run, name)
    for name, text in texts.items():
        store.client.set_tag(run, name, text)


def _register_student(store: TrackingStore, files: Workspace) -> None:
    """`@current` is this run's version, `@champion` the best of those with the same dev data and metric.

    A version of another student of this state, selected before a round was replaced, is deleted.
    """
    client, name = store.client, store.state.model_name
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name, description="The student of the best round of each run.")
    run = _logged(store, read_result(files.selection, SELECTION).round).info.run_id
    versions = list(client.search_model_versions(f"name = '{name}'"))
    version, rivals = None, []
    for other in versions:
        if other.tags.get(FINGERPRINT) != store.state.fingerprint:
            rivals.append(other)
        elif other.run_id == run:
            version = other
        else:
            client.delete_model_version(name, other.version)
            store.delete_models(other.run_id)
    version = version or _new_version(store, files, run)
    scored = [other for other in rivals if _DEV_SCORE in other.tags]  # somebody else may have registered one
    equal = [other for other in scored if all(other.tags[tag] == version.tags[tag] for tag in (_DEV, _DEV_METRIC))]
    champion = max([version, *equal], key=lambda one: float(one.tags[_DEV_SCORE]))
    client.set_registered_model_alias(name, "current", version.version)
    client.set_registered_model_alias(name, "champion", champion.version)


def _new_version(store: TrackingStore, files: Workspace, run: str) -> Any:
    selection, state = read_result(files.selection, SELECTION), store.state
    store.delete_models(run)  # left by a call that was interrupted
    model = log_student(store.client, run, files.best, selection.round)
    tags = {
        FINGERPRINT: state.fingerprint,
        ROUND: str(selection.round),
        _DEV: getattr(state.outputs.get(files.dev.as_posix()), "md5", ""),
        _DEV_METRIC: str(state.settings.get("stopping.metric", "")),
        _DEV_SCORE: repr(selection.dev_score),
    }
    card = files.model_card.read_text(encoding="utf-8").split("---\n", 2)[-1].strip()  # without its YAML
    about, source = card[:5000], f"models:/{model}"  # a longer description is refused by MySQL and PostgreSQL
    return store.client.create_model_version(state.model_name, source, run, tags, description=about, model_id=model)
