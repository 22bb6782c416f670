"""Log the last run to MLflow again, from its files.

For an empty store, another one (MLFLOW_TRACKING_URI), or one that a crash left incomplete. What is there already stays as it is.
"""

import argparse
import json
import subprocess
import sys
from typing import Any

from gemquad.errors import UserError
from gemquad.workspace import Workspace

EXAMPLES = ("gemquad track", "MLFLOW_TRACKING_URI=http://127.0.0.1:5000 gemquad track")

_LOGGING = ("track", "register")


def arguments(parser: argparse.ArgumentParser) -> None:
    """This command takes no arguments."""


def run(args: argparse.Namespace) -> None:
    """Run the stages that log to MLflow again, even where DVC finds them up to date."""
    from gemquad.params import load_params

    files = Workspace()
    rounds = [number for number in load_params().rounds if files.round(int(number)).decision.exists()]
    if not rounds:
        raise UserError("there is nothing to log: no round has been scored here. Run `dvc repro` first, or `dvc pull`.")
    if stale := _stale():
        raise UserError(
            f"these results are of other parameters or data: DVC would run {', '.join(stale)} again. "
            "Run `dvc repro`, which logs as well."
        )
    stages = [f"track@{number}" for number in rounds]
    if files.registered.exists():
        stages.append("register")
    command = [sys.executable, "-m", "dvc", "repro", "--force", "--single-item", *stages]
    if subprocess.run(command, check=False).returncode:
        raise UserError(
            "the run is not logged completely; the lines above say why. `gemquad track` can be called again."
        )


def _stale() -> list[str]:
    """The stages, but for those that log, that DVC would run again for another reason than newer code."""
    done = subprocess.run([sys.executable, "-m", "dvc", "status", "--json"], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise UserError("DVC cannot tell what is up to date here; the lines above say why.")
    changed: dict[str, list[Any]] = json.loads(done.stdout)
    return [name for name, why in changed.items() if name.split("@")[0] not in _LOGGING and any(map(_is_stale, why))]


def _is_stale(change: Any) -> bool:
    """Of an entry such as `{"changed deps": {"code.lock.yaml": {"filter": "modified"}}}` or `"changed command"`."""
    paths = [path for of in change.values() for path in of] if isinstance(change, dict) else []
    return any(path != Workspace().code_lock.name for path in paths)
