"""MLflow's page for this machine alone, in one process: opened at its root it shows the runs, not MLflow's welcome."""

import json
import os
import socket
import warnings
from pathlib import Path

from gemquad.errors import UserError

_HOST = "127.0.0.1"
_FIRST_VISIT = {
    "mlflow.workflowType_v1": '"machine_learning"',  # runs and models, without the sections on prompts and agents
    "mlflow.assistant.fab.autoOpenedOnFirstLoad_v1": "true",  # the assistant's panel would cover a quarter of the page
}
"""What a browser that was never here is told to remember; a person's own choices stay."""
_HEAD = """<script>
for (const [name, value] of Object.entries({defaults})) localStorage.getItem(name) ?? localStorage.setItem(name, value);
if (location.hash.length < 3) location.replace({runs});
</script>
<style>
@media (max-width: 600px) {{ aside {{ display: none !important; }} }}
</style>"""
"""In a narrow window MLflow's side bar would take half of it."""


def listening(port: int) -> socket.socket:
    """A socket of this machine that waits for requests. A `UserError` says that the port is taken."""
    try:
        return socket.create_server((_HOST, port))
    except OSError as error:
        raise UserError(
            f"port {port} cannot be used: {os.strerror(error.errno or 0)}. Choose another: gemquad ui --port {port + 1}"
        ) from error


def serve(waiting: socket.socket, store: str, runs: str) -> None:
    """Serve the store at the address `store` until Ctrl-C or SIGTERM; the root opens `runs`, the part of an address after the `#`.

    MLflow's own command starts ten processes for many users; here is one.
    """
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    import uvicorn
    from mlflow.server.constants import BACKEND_STORE_URI_ENV_VAR, SERVE_ARTIFACTS_ENV_VAR

    os.environ |= {BACKEND_STORE_URI_ENV_VAR: store, SERVE_ARTIFACTS_ENV_VAR: "true"}  # read as the next import runs
    import mlflow.server

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what MLflow takes from Starlette
        from mlflow.server.fastapi_app import app
    from starlette.requests import Request
    from starlette.responses import HTMLResponse
    from starlette.routing import Route

    index = Path(str(mlflow.server.app.static_folder), "index.html").read_text(encoding="utf-8")
    head = _HEAD.format(defaults=json.dumps(_FIRST_VISIT), runs=json.dumps(f"#{runs}"))

    def root(_: Request) -> HTMLResponse:
        return HTMLResponse(index.replace("<head>", f"<head>{head}", 1))

    app.router.routes.insert(0, Route("/", root))
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[waiting])
