"""The command `ui`."""

import os
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote

from typer import Option

from gemquad.errors import UserError
from gemquad.signals import run


def ui(port: Annotated[int, Option(metavar="PORT", help="on 127.0.0.1; another where it is taken")] = 5000) -> None:
    """Open the runs in MLflow, for this machine alone; Ctrl-C ends it with all its processes.

    $ gemquad ui --port 5001
    """
    from gemquad.tracking.state import PipelineState
    from gemquad.tracking.store import VIEW, default_tracking_uri, opened
    from gemquad.workspace import Workspace

    uri = default_tracking_uri()
    file = Path(unquote(uri.removeprefix("sqlite:///").partition("?")[0]))
    if uri.startswith("sqlite:///") and not file.exists():
        raise UserError(f"{file} does not exist. Run `make repro` first, and `gemquad ui` in the repository root.")
    with opened(PipelineState.read(Workspace())) as store:
        view = "&viewStateShareKey=gemquad" if VIEW in store.client.get_experiment(store.experiment).tags else ""
        runs = f"http://127.0.0.1:{port}/#/experiments/{store.experiment}/runs?workflowType=machine_learning{view}"
    print(f"The runs, once MLflow has started: {runs}", flush=True)
    command = [sys.executable, "-m", "mlflow", "ui", "--host", "127.0.0.1", "--port", str(port)]
    # Not among the arguments, which everybody on this machine can read.
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_BACKEND_STORE_URI": uri}
    sys.exit(run(command, env=environment).returncode)
