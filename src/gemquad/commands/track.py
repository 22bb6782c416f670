"""Log the last run to MLflow again, from its files.

For an empty store, another one (MLFLOW_TRACKING_URI), or one that a crash left incomplete. What is there already stays as it is.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from gemquad.errors import UserError

EXAMPLES = ("gemquad track", "MLFLOW_TRACKING_URI=http://127.0.0.1:5000 gemquad track")


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(args: argparse.Namespace) -> None:
    """Run the stages that log, whether or not DVC thinks they must."""
    from gemquad.params import load_params

    rounds = [number for number in load_params().systems if Path(f"metrics/rounds/{number}/decision.json").exists()]
    if not rounds:
        raise UserError("there is nothing to log: no round has been scored here. Run `dvc repro` first, or `dvc pull`.")
    stages = [f"track@{number}" for number in rounds]
    if Path("models/release/README.md").exists():
        stages.append("register")
    command = [sys.executable, "-m", "dvc", "repro", "--force", "--single-item", *stages]
    if subprocess.run(command, check=False).returncode:
        raise UserError(
            "the run is not logged completely; the lines above say why. `gemquad track` can be called again."
        )
