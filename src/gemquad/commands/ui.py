"""The command `ui`."""

from pathlib import Path
from typing import Annotated
from urllib.parse import unquote

from typer import Option

from gemquad.credentials import shown_address
from gemquad.errors import UserError

_PATIENCE = 10.0


def ui(
    port: Annotated[
        int, Option(min=1, max=65535, metavar="PORT", help="on 127.0.0.1; another where it is taken")
    ] = 5000,
) -> None:
    """Open the runs in MLflow, for this machine alone; Ctrl-C ends it.

    $ gemquad ui --port 5001
    """
    from gemquad.tracking.page import listening, serve
    from gemquad.tracking.state import PipelineState
    from gemquad.tracking.store import default_tracking_uri, opened
    from gemquad.tracking.view import VIEW, VIEW_KEY
    from gemquad.workspace import Workspace

    uri = default_tracking_uri()
    file = Path(unquote(uri.removeprefix("sqlite:///").partition("?")[0]))
    if uri.startswith("sqlite:///") and not file.exists():
        raise UserError(f"{file} does not exist. Run `make repro` first, and `gemquad ui` in the repository root.")
    try:
        with opened(PipelineState.read(Workspace()), _PATIENCE) as store:
            view = (
                f"&viewStateShareKey={VIEW_KEY}" if VIEW in store.client.get_experiment(store.experiment).tags else ""
            )
            runs = f"/experiments/{store.experiment}/runs?workflowType=machine_learning{view}"
    except TimeoutError as error:
        raise UserError("a stage writes to the MLflow store; try again in a minute.") from error
    if uri.startswith(("http://", "https://")):
        print(f"The runs: {shown_address(uri).rstrip('/')}/#{runs}")
        return
    with listening(port) as waiting:
        print(f"The runs: http://127.0.0.1:{port}   (Ctrl-C ends it)", flush=True)
        serve(waiting, uri, runs)
