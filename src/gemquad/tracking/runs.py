"""The parent run of a pipeline state and the child run of a round: found, adopted from a live training, or made; never twice."""

import hashlib
import json
import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from gemquad.git import git
from gemquad.rounds.stopping import system_name
from gemquad.tracking.state import PipelineState
from gemquad.tracking.store import TrackingStore
from gemquad.workspace import Workspace

PARENT = "parent"
ROUND, FINGERPRINT, CONTENT = "gemquad.round", "gemquad.fingerprint", "gemquad.content"
SYSTEM, CURVE, WORKSPACE, PROCESS = "gemquad.system", "gemquad.curve", "gemquad.workspace", "gemquad.process"
_PARENT_RUN, _GIT_COMMIT = "mlflow.parentRunId", "mlflow.source.git.commit"


def parent_run(store: TrackingStore, state: PipelineState) -> str:
    """The id of the state's parent run. Where two machines made one at once, the older stays."""
    found = store.runs(fingerprint=state.fingerprint, round_=PARENT)
    if found:
        return str(found[0].info.run_id)
    name = f"{os.environ.get('DVC_EXP_NAME') or state.fingerprint[:8]}: {state.title}"
    tags = {FINGERPRINT: state.fingerprint, ROUND: PARENT, _GIT_COMMIT: git_revision()}
    made = str(store.client.create_run(store.experiment, tags=tags, run_name=name).info.run_id)
    oldest = str(store.runs(fingerprint=state.fingerprint, round_=PARENT)[0].info.run_id)
    if made != oldest:
        store.client.delete_run(made)
    return oldest


@dataclass(frozen=True)
class ChildRun:
    """The run of a round. A complete one holds everything that is to be logged of the round."""

    run_id: str
    is_complete: bool


def child_run(
    store: TrackingStore,
    state: PipelineState,
    parent: str,
    number: int,
    content: str,
    curve: Sequence[Mapping[str, Any]],
) -> ChildRun:
    """The run of round `number` below `parent`.

    A complete run of the same `content` stays; others of that round, left by an interrupted or an older call, are deleted. The
    training that gave `curve` becomes the round's run if it was followed live, so that what it took of the machine is kept.
    """
    own = store.runs(fingerprint=state.fingerprint, round_=str(number))
    complete = [run for run in own if run.data.tags.get(CONTENT) == content][:1]
    _delete(store, (run for run in own if run not in complete))
    if complete:
        return ChildRun(str(complete[0].info.run_id), True)
    tags = {_PARENT_RUN: parent, _GIT_COMMIT: git_revision(), FINGERPRINT: state.fingerprint, ROUND: str(number)}
    live = [run for run in _unclaimed(store, system_name(number)) if run.data.tags.get(CURVE) == curve_digest(curve)]
    if live:
        for name, value in tags.items():  # the round last: without it the run is unclaimed, whatever else was written
            store.client.set_tag(live[-1].info.run_id, name, value)
        return ChildRun(str(live[-1].info.run_id), False)
    made = store.client.create_run(store.experiment, tags=tags, run_name=system_name(number))
    return ChildRun(str(made.info.run_id), False)


def live_run(store: TrackingStore, system: str) -> str:
    """A run for a training that begins; below its parent as soon as there is one."""
    remove_abandoned(store, system)
    state = PipelineState.read(Workspace())
    parents = store.runs(fingerprint=state.fingerprint, round_=PARENT)
    tags = {
        SYSTEM: system,
        WORKSPACE: str(Path().resolve()),
        PROCESS: f"{socket.gethostname()}:{os.getpid()}",
        **({_PARENT_RUN: str(parents[0].info.run_id)} if parents else {}),
    }
    return str(store.client.create_run(store.experiment, tags=tags, run_name=system).info.run_id)


def remove_abandoned(store: TrackingStore, system: str) -> None:
    """Delete live runs of `system` that nobody will claim.

    In one workspace trainings follow one another, so that an earlier run of this workspace is abandoned; so is one whose workspace
    is gone, and one whose process was killed.
    """
    _delete(store, (run for run in _unclaimed(store, system) if _is_abandoned(run.data.tags)))


def curve_digest(curve: Sequence[Mapping[str, Any]]) -> str:
    """A key that identifies a training: 16 hexadecimal digits over its learning curve."""
    return hashlib.sha256(json.dumps(list(curve), sort_keys=True).encode()).hexdigest()[:16]


def _unclaimed(store: TrackingStore, system: str) -> list[Any]:
    return [run for run in store.runs(system=system) if ROUND not in run.data.tags]


def _is_abandoned(tags: Mapping[str, str]) -> bool:
    host, _, process = tags[PROCESS].rpartition(":")
    if host != socket.gethostname():
        return False
    workspace = Path(tags[WORKSPACE])
    return (
        workspace == Path().resolve()
        or not workspace.exists()
        or (CURVE not in tags and not psutil.pid_exists(int(process)))
    )


def _delete(store: TrackingStore, runs: Iterable[Any]) -> None:
    for run in runs:
        own = f"source_run_id = '{run.info.run_id}'"
        for model in store.client.search_logged_models([store.experiment], filter_string=own):
            store.client.delete_logged_model(model.model_id)
        store.client.delete_run(run.info.run_id)


def git_revision() -> str:
    """The commit of the checkout, or "unknown" outside of one."""
    return (git("rev-parse", "HEAD") or "unknown").strip()
