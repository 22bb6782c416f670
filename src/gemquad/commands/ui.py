"""Open the runs in MLflow, for this machine alone."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from gemquad.errors import UserError

EXAMPLES = ("gemquad ui", "gemquad ui --port 5001")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The port that MLflow's pages are served on."""
    parser.add_argument("--port", type=int, default=5000, help="on 127.0.0.1 (default 5000)")


def run(args: argparse.Namespace) -> None:
    """Serve MLflow's pages until interrupted."""
    from gemquad.tracking.state import PipelineState
    from gemquad.tracking.store import VIEW, default_tracking_uri, opened
    from gemquad.workspace import Workspace

    uri = default_tracking_uri()
    file = Path(uri.removeprefix("sqlite:///"))
    if uri.startswith("sqlite:///") and not file.exists():
        raise UserError(f"{file} does not exist. Run `make repro` first, and `gemquad ui` in the repository root.")
    with opened(PipelineState.read(Workspace())) as store:
        view = "&viewStateShareKey=gemquad" if VIEW in store.client.get_experiment(store.experiment).tags else ""
        runs = f"http://127.0.0.1:{args.port}/#/experiments/{store.experiment}/runs?workflowType=machine_learning{view}"
    print(f"The runs, once MLflow has started: {runs}", flush=True)
    command = [sys.executable, "-m", "mlflow", "ui", "--host", "127.0.0.1", "--port", str(args.port)]
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    try:
        done = subprocess.run([*command, "--backend-store-uri", uri], env=environment, check=False)
    except KeyboardInterrupt:
        return
    if done.returncode:
        raise UserError(
            f"MLflow's UI ended with status {done.returncode}. If port {args.port} is taken: gemquad ui --port 5001."
        )
