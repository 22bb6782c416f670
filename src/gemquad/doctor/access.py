"""What a run needs from elsewhere: data files, the hub, a server of models, an MLflow store."""

import os
from collections.abc import Iterator
from pathlib import Path

from gemquad.doctor.finding import Finding, fail, ok, warn
from gemquad.params import GOLD, HUB, Params
from gemquad.report.formatting import counted
from gemquad.workspace import Workspace

_PATIENCE = 2.0
"""Seconds for a server to say that it is there."""


def reachable(url: str) -> bool:
    """Whether anything answers at `url` within two seconds."""
    import httpx2

    try:
        httpx2.get(url, timeout=_PATIENCE)
    except (httpx2.HTTPError, httpx2.InvalidURL):
        return False
    return True


def without_password(url: str) -> str:
    """A URL without its possible secrets: user, password and query values."""
    address, question, _ = url.partition("?")
    before, separator, rest = address.rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{before}{separator}{host.rpartition('@')[2]}{slash}{path}{question and '?…'}"


def hub(needed: bool) -> tuple[bool, Finding]:
    """Whether the hub answers, which is tried only if the parameters need it, and whether a token is set."""
    from huggingface_hub import constants, get_token

    token = "a token is set" if get_token() else "no token is set (HF_TOKEN; private and gated repositories need one)"
    if not needed:
        return False, ok("hub", f"not needed; {token}")
    if constants.HF_HUB_OFFLINE:
        return False, warn("hub", f"HF_HUB_OFFLINE is set; {token}", "unset HF_HUB_OFFLINE, or bring what is missing")
    shown = without_password(constants.ENDPOINT)
    if not reachable(constants.ENDPOINT):
        advice = "connect to a network, or bring HF_HOME from a machine that has one (docs/data.md)"
        return False, warn("hub", f"{shown} does not answer within {_PATIENCE:g} s; {token}", advice)
    return True, ok("hub", f"{shown} answers; {token}")


def missing_fetches(params: Params, root: Path) -> list[str]:
    """The hub data sets of the parameters that were not fetched yet, by key."""
    return [key for key in params.fetches if not Workspace(root).fetched(key).exists()]


def data(params: Params, root: Path, hub_answers: bool) -> Iterator[Finding]:
    """Whether every data file exists, and which hub data sets must still be fetched."""
    fetched = {Workspace().fetched(key).as_posix() for key in params.fetches}
    own = [(key, path) for key, path in params.data.sources.items() if path not in fetched]
    lost = [(key, path) for key, path in own if not (root / path).exists()]
    for key, path in lost:
        role, language = params.data.role_of(key)
        setting = "data.gold" if role == GOLD else f"data.languages.{language}.{role}"
        yield fail("data", f"{path} does not exist", f"put it there, or -S {setting}=FILE")
    if own and not lost:
        yield ok("data", f"{counted(len(own), 'file')}, all there")
    waiting = missing_fetches(params, root)
    if waiting and not hub_answers:
        advice = f"`dvc repro fetch@{waiting[0]}` on a machine with a network, then `dvc push` and `dvc pull` here"
        yield warn("data", f"to be fetched from the hub, unless HF_HOME has them: {', '.join(waiting)}", advice)
    elif params.fetches:
        yield ok("data", f"{HUB.rstrip(':')} data sets: {len(params.fetches)}, {len(waiting)} of them to be fetched")


def server(params: Params) -> Iterator[Finding]:
    """Whether the server of `backend=openai` answers."""
    if params.backend.name != "openai":
        return
    url = os.environ.get("OPENAI_BASE_URL", "").strip().rstrip("/")
    if not url:
        yield fail("server", "OPENAI_BASE_URL is not set", "export OPENAI_BASE_URL=http://127.0.0.1:8000/v1")
        return
    key = "OPENAI_API_KEY is set" if os.environ.get("OPENAI_API_KEY") else "OPENAI_API_KEY is not set"
    if reachable(f"{url}/models"):
        yield ok("server", f"{without_password(url)} answers; {key}")
    else:
        advice = "start it, or correct OPENAI_BASE_URL; or -S backend=transformers"
        yield fail("server", f"{without_password(url)} does not answer within {_PATIENCE:g} s; {key}", advice)


def tracking_store() -> Finding:
    """Where MLflow runs are logged to."""
    from gemquad.tracking.store import default_tracking_uri

    uri = default_tracking_uri()
    if not uri.startswith(("http://", "https://")):
        return ok("MLflow", without_password(uri))
    if reachable(uri):
        return ok("MLflow", f"{without_password(uri)} answers")
    advice = "start the server, or unset MLFLOW_TRACKING_URI for a store in this checkout"
    return fail("MLflow", f"{without_password(uri)} does not answer within {_PATIENCE:g} s", advice)
