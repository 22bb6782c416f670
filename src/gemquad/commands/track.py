"""The command `track`."""

import json
import subprocess
import sys
from typing import Any

from gemquad.errors import UserError
from gemquad.signals import run
from gemquad.workspace import Workspace


def track() -> None:
    """Log the last run to MLflow again, from its files.

    For an empty store, another one (MLFLOW_TRACKING_URI), or one that a crash left incomplete. What is there stays.

    $ gemquad track
    $ MLFLOW_TRACKING_URI=http://127.0.0.1:5000 gemquad track
    """
    from gemquad.params import load_params

    files = Workspace()
    rounds = [number for number in load_params().rounds if files.round(int(number)).decision.exists()]
    if not rounds:
        raise UserError("there is nothing to log: no round has been scored here. Run `dvc repro` first, or `dvc pull`.")
    interrupted = [f"track@{number}" for number in rounds if not files.round(int(number)).tracked.exists()]
    if interrupted:  # DVC removes what a stage wrote before it runs, and other stages depend on it
        run([sys.executable, "-m", "dvc", "checkout", "--quiet", *interrupted])
    if stale := _stale():
        raise UserError(
            f"these results are of other settings or data: DVC would run {', '.join(stale)} again. "
            "Run `dvc repro`, which logs as well."
        )
    stages = [*(f"track@{number}" for number in rounds), *(["register"] if files.registered.exists() else [])]
    command = [sys.executable, "-m", "dvc", "repro", "--force", "--single-item", *stages]
    if run(command).returncode:
        raise UserError("not all is logged; the lines above say why. `gemquad track` can be called again.")


def _stale() -> list[str]:
    """The stages, but for those that log, that DVC would run again for another reason than newer code."""
    done = run([sys.executable, "-m", "dvc", "status", "--json"], stdout=subprocess.PIPE)
    if done.returncode:
        raise UserError("DVC cannot tell what is up to date here; the lines above say why.")
    changes: dict[str, list[Any]] = json.loads(done.stdout)
    return [stage for stage, why in changes.items() if not stage.startswith(("track@", "register")) and _is_stale(why)]


def _is_stale(changes: list[Any]) -> bool:
    """Of entries such as `{"changed deps": {"code.lock.yaml": {"filter": "modified"}}}` and `"changed command"`."""
    paths = [path for change in changes if isinstance(change, dict) for of in change.values() for path in of]
    return any(path != Workspace().code_lock.name for path in paths)
