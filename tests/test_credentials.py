"""No secret is shown, whichever variable holds it and whichever library repeats it."""

import asyncio
import logging
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from conftest import ROOT
from gemquad.commands.ui import ui
from gemquad.credentials import guard, shown_address, without_secrets
from gemquad.errors import UserError, exit_on_user_error, first_line
from gemquad.generation.backends.connection import Connection
from gemquad.tracking.state import PipelineState
from gemquad.tracking.store import opened

SECRET = "s3cret-W0rd"
PLACES = [
    f"http://ana:{SECRET}@127.0.0.1:9",
    f"http://{SECRET}@127.0.0.1:9",
    f"http://ana:p@{SECRET}@127.0.0.1:9",
    f"http://ana:{SECRET}/x@127.0.0.1:9",
    f"http://ana:{SECRET}?x@127.0.0.1:9",
    f"http://ana:{SECRET}#x@127.0.0.1:9",
    f"http://ana:{SECRET}@127.0.0.1:99999",
    f"http://ana:{SECRET}@127.0.0.1:port",
    f"http://127.0.0.1:{SECRET}",
    f"http://127.0.0.1:9/v1?password={SECRET}",
    f"http://127.0.0.1:9/v1?x={SECRET}#y",
    f"http://127.0.0.1:9/v1#{SECRET}",
    f"http://127.0.0.1:9/hooks/{SECRET}0123456789",
    f"http://[::1:9/{SECRET}0123456789?{SECRET}",
    f"http://ana:%73{SECRET}%40@127.0.0.1:9",
    f"foo://ana:{SECRET}@127.0.0.1",
    f"databricks://{SECRET}",
    f"postgresql://ana:{SECRET}@127.0.0.1:9/runs",
    f"mysql+nodriver://ana:{SECRET}@127.0.0.1:9/runs?ssl_key={SECRET}",
    f"sqlite+pysqlcipher://:{SECRET}@/runs.db",
    f"mssql+pyodbc:///?odbc_connect=PWD%3D{SECRET}",
]
ADDRESSES = ("MLFLOW_TRACKING_URI", "OPENAI_BASE_URL", "HF_ENDPOINT")
KEYS = (
    "OPENAI_API_KEY",
    "HF_TOKEN",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "TOKEN",
)


@pytest.mark.parametrize("url", PLACES)
def test_an_address_is_shown_without_it(url: str) -> None:
    assert SECRET not in shown_address(url)


@pytest.mark.parametrize("url", PLACES)
def test_what_a_library_says_of_an_address_is_told_without_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", url)
    secret = SECRET + "0123456789" * ("0123" in url) if "%73" not in url else f"s{SECRET}@"
    said = without_secrets(f"request to {url}/api/2.0 failed ({url!r}): host {secret}, {url.partition('@')[0]}")
    assert SECRET not in said and said.startswith("request to ") and " failed (" in said


@pytest.mark.parametrize(
    "name", [*KEYS, "OTEL_EXPORTER_OTLP_HEADERS", "openai_api_key", "AZURE_OPENAI_KEY", "MY_APIKEY"]
)
def test_keys_tokens_and_passwords_of_the_environment_are_hidden(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, f" {SECRET}\n")
    assert without_secrets(f"header b'Bearer {SECRET}\\n' is bad") == "header b'Bearer [secret]\\n' is bad"


def test_the_word_for_no_key_stays_in_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    assert without_secrets("there is none") == "there is none"


@pytest.mark.parametrize("name", ["TOKENIZERS_PARALLELISM", "HF_TOKEN_PATH", "KEYBOARD", "PASSAGES", "MONKEY", "PATH"])
def test_other_variables_stay_in_messages(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "false")
    assert without_secrets("this is false") == "this is false"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("see http://ana:b@host/a?x=1#y, please.", "see http://host/a, please."),
        ("(https://host/a/b.json).", "(https://host/a/b.json)."),
        ("'postgresql://ana:b@c@host/runs'", "'postgresql://host/runs'"),
        ("sqlite:////home/a@b/mlflow.db is there", "sqlite:////home/a@b/mlflow.db is there"),
        ("mail ana@host, or 1 != 2?", "mail ana@host, or 1 != 2?"),
    ],
)
def test_addresses_in_a_text_lose_user_query_and_fragment(text: str, told: str) -> None:
    assert without_secrets(text) == told


def test_every_way_out_goes_through_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HF_TOKEN", SECRET)
    for error in (UserError(f"a {SECRET}"), OSError(f"a {SECRET}")):
        with pytest.raises(SystemExit, match=r"^error: a \[secret\]"):
            exit_on_user_error(lambda error=error: raised(error))  # type: ignore[misc]  # a default in a lambda has no type
    assert first_line(ValueError(f"{SECRET}\nmore")) == "[secret]"
    hook, factory = sys.excepthook, logging.getLogRecordFactory()
    guard()
    try:
        sys.excepthook(ValueError, ValueError(f"odd {SECRET}"), None)
        logging.getLogger("x").warning("it is %s", SECRET, exc_info=ValueError(SECRET))
    finally:
        sys.excepthook = hook
        logging.setLogRecordFactory(factory)
    shown = capsys.readouterr().err
    assert "ValueError: odd [secret]" in shown and SECRET not in shown


@pytest.mark.parametrize("variable", ["MLFLOW_TRACKING_URI", "OPENAI_BASE_URL"])
@pytest.mark.parametrize("url", PLACES)
def test_no_server_that_is_gone_is_told_of_with_it(
    variable: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither on the terminal, nor with the traceback of what nobody has thought of, nor in a file."""
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "MLFLOW_HTTP_REQUEST_TIMEOUT"):
        monkeypatch.setenv(name, "0" if name.endswith("RETRIES") else "2")
    for name in KEYS:
        monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv(variable, url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    factory, said = logging.getLogRecordFactory(), ""
    try:
        exit_on_user_error(track if variable == "MLFLOW_TRACKING_URI" else ask)
    except SystemExit as ended:
        said = str(ended.code)
    except Exception as error:
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        logging.setLogRecordFactory(factory)
    shown = capfd.readouterr()
    assert said or "Unanswered" in shown.err or "ExceptionGroup" in shown.err
    assert SECRET not in said + shown.out + shown.err
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and SECRET in path.read_text(errors="replace")]


def track() -> None:
    with opened(PipelineState({"task.name": "qa", "lang": ["es"]}, {}, {})):
        pass


def ask() -> None:
    connection = Connection()
    connection.client.max_retries = 0
    asyncio.run(connection.complete("/completions", {"prompt": "x"}))


def open_page(address: str, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What `gemquad ui` has MLflow's page serve, with this store."""
    served: list[Any] = []
    store = SimpleNamespace(client=MagicMock(), experiment="1")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.setattr("gemquad.tracking.store.opened", lambda *_: nullcontext(store))
    monkeypatch.setattr("gemquad.tracking.page.listening", lambda _: nullcontext())
    monkeypatch.setattr("gemquad.tracking.page.serve", lambda *given: served.append(given))
    monkeypatch.chdir(ROOT)
    ui()
    return served


def test_mlflows_page_is_given_its_store_where_others_do_not_see_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In its own process, so not among the arguments of another, which everybody on this machine can read."""
    address = f"postgresql://ana:{SECRET}@127.0.0.1/runs"
    ((_, served, runs),) = open_page(address, monkeypatch)
    assert served == address and runs == "/experiments/1/runs?workflowType=machine_learning"
    assert SECRET not in capsys.readouterr().out


def test_a_server_of_mlflow_has_a_page_already(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not open_page(f"https://ana:{SECRET}@mlflow.example.org/", monkeypatch)
    said = capsys.readouterr().out
    assert said == "The runs: https://mlflow.example.org/#/experiments/1/runs?workflowType=machine_learning\n"


def raised(error: Exception) -> None:
    raise error
