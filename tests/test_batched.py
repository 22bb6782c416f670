"""A provider's batch interface: a local stand-in that keeps files and batches, is killed, resumed, and answers out of order."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import anyio
import pytest

from gemquad.errors import UserError
from gemquad.generation.backends import batched, bounded
from gemquad.generation.backends.registry import load_backend
from gemquad.generation.engine import Engine
from gemquad.generation.store import CompletionStore
from gemquad.params import BackendSettings, ModelSource, load_params
from gemquad.tasks.requests import Field, GenerationResult, Request, SamplingSettings
from local_server import listening

PARAMS = load_params(Path(__file__).parents[1] / "params.yaml")
BATCH = BackendSettings("openai", batch=True)
FIELDS = (Field("question", "", "free", 12), Field("answer", "Respuesta:", "free", 6))
REQUESTS = [Request(f"Texto {n}\nPregunta:", "", FIELDS, SamplingSettings(1.0, 50, 1.0, n)) for n in range(30)]

Json = dict[str, Any]
Answer = Callable[[Json, int], Json]  # a line's answer, by its body and the number of its batch


class Provider(ThreadingHTTPServer):
    """Keeps what is uploaded; a batch is over when it is looked at for the `looks`-th time, with its rows in reverse order."""

    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.looks, self.status = answer, 2, "completed"
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, Json] = {}
        self.looked: list[str] = []

    def create(self, asked: Json) -> Json:
        made = asked | {"id": f"b{len(self.batches)}", "object": "batch", "created_at": 0, "status": "in_progress"}
        self.batches[made["id"]] = made
        return made

    def look(self, name: str) -> Json:
        self.looked.append(name)
        made = self.batches[name]
        if self.looked.count(name) == self.looks:
            number = list(self.batches).index(name)
            asked = [json.loads(line) for line in self.files[made["input_file_id"]].splitlines()]
            lines = [{"custom_id": one["custom_id"], **self.answer(one["body"], number)} for one in reversed(asked)]
            for kind, is_error in (("output_file_id", False), ("error_file_id", True)):
                own = [json.dumps(line) for line in lines if bool(line.get("error")) is is_error]
                self.files[f"{name}-{kind}"] = "\n".join(["", *own, "{broken", ""]).encode()
                made |= {kind: f"{name}-{kind}"} if own else {}
            errors = (
                {"errors": {"object": "list", "data": [{"message": "too many tokens"}]}}
                if self.status == "failed"
                else {}
            )
            made |= errors | {"status": self.status, "request_counts": {"total": 30, "completed": 30, "failed": 0}}
        return made


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Provider

    def do_GET(self) -> None:
        _, _, kind, *rest = self.path.partition("?")[0].split("/")
        if kind == "files":
            self.reply(self.server.files[rest[0]])
        elif rest:
            self.reply(self.server.look(rest[0]))
        else:
            self.reply({"object": "list", "has_more": False, "data": list(self.server.batches.values())})

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/files":
            whole = b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + content
            parts: list[Any] = list(BytesParser().parsebytes(whole).walk())
            (lines,) = (part.get_payload(decode=True) for part in parts if part.get_filename())
            name = f"f{len(self.server.files)}"
            self.server.files[name] = lines
            self.reply({"id": name, "object": "file", "bytes": 1, "created_at": 0, "filename": "", "purpose": "batch"})
        elif self.path == "/v1/batches":
            self.reply(self.server.create(json.loads(content)))
        else:
            self.reply(completion(json.loads(content)))

    def reply(self, value: Json | bytes) -> None:
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


def completion(body: Json) -> Json:
    text = f" ¿{body['seed']}?\nRespuesta: Lima\n"
    return {"choices": [{"text": text, "finish_reason": "stop"}], "usage": {"prompt_tokens": 9, "completion_tokens": 5}}


def sound(body: Json, number: int = 0) -> Json:
    return {"response": {"status_code": 200, "body": completion(body)}, "error": None}


def failing(status: int, words: str = "no") -> Json:
    return {"response": {"status_code": status, "body": {"error": {"message": words}}}, "error": {"code": "failed"}}


EXPIRED = {"response": None, "error": {"code": "batch_expired", "message": "not in time"}}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CompletionStore]:
    monkeypatch.setenv("GEMQUAD_COMPLETIONS", str(tmp_path / "c.db"))
    monkeypatch.setattr(batched, "_PAUSE", 0.01)
    with closing(CompletionStore(tmp_path / "c.db")) as opened:
        yield opened


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], Provider]]:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with ExitStack() as running:

        def start(answer: Answer) -> Provider:
            provider = Provider(answer)
            monkeypatch.setenv("OPENAI_BASE_URL", f"{running.enter_context(listening(provider))}/v1")
            return provider

        yield start


Serve = Callable[[Answer], Provider]


def complete(store: CompletionStore, settings: BackendSettings = BATCH) -> list[GenerationResult]:
    backend = load_backend(settings, ModelSource("a-model"), PARAMS.generation)
    return [result for _, result in Engine(backend, store).complete(REQUESTS, "generating", "prompts")]


def notes(store: CompletionStore) -> list[Path]:
    return list((store.path.parent / "batches").glob("*.json"))


def rows(provider: Provider, batch: str) -> int:
    return len(provider.files[provider.batches[batch]["input_file_id"]].splitlines())


def test_one_batch_answers_every_row_in_any_order_and_nothing_stays_noted(
    serve: Serve, store: CompletionStore, capsys: pytest.CaptureFixture[str]
) -> None:
    provider = serve(sound)
    results = complete(store)
    assert [result.texts["question"].strip() for result in results] == [f"¿{number}?" for number in range(30)]
    assert all(result.finished and (result.prompt_tokens, result.completion_tokens) == (9, 5) for result in results)
    assert list(provider.batches) == ["b0"] and not notes(store)
    assert {provider.batches["b0"][name] for name in ("endpoint", "completion_window")} == {"/v1/completions", "24h"}
    said = capsys.readouterr().err
    assert said.index("batch b0: in_progress") < said.index("batch b0: completed, 30 of 30 answered")


def test_rows_of_a_batch_and_rows_asked_one_by_one_are_the_same_completions(
    serve: Serve, store: CompletionStore
) -> None:
    provider = serve(sound)
    assert complete(store, replace(BATCH, batch=False)) == complete(store)
    assert not provider.batches


def test_a_killed_run_goes_on_with_the_batch_it_had_submitted(
    serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    provider = serve(sound)
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(asyncio, "sleep", kill)
        complete(store)
    assert len(notes(store)) == len(provider.batches) == 1
    assert len(complete(store)) == 30
    assert list(provider.batches) == ["b0"] and not notes(store)


def test_a_run_killed_before_it_noted_the_batch_finds_it_by_its_file(
    serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(path: Path, value: Json) -> None:
        if "batch" in value:
            raise KeyboardInterrupt
        write(path, value)

    write, provider = batched.write_json, serve(sound)
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(batched, "write_json", kill)
        complete(store)
    assert len(complete(store)) == 30
    assert list(provider.batches) == ["b0"]


def test_a_run_killed_during_its_second_batch_reads_the_first_again_and_pays_for_neither(
    serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def kill(seconds: float) -> None:
        if len(provider.batches) == 2:
            raise KeyboardInterrupt

    provider = serve(lambda body, number: sound(body) if number or body["seed"] > 3 else EXPIRED)
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(asyncio, "sleep", kill)
        complete(store)
    assert len(notes(store)) == 2
    assert all(result.finished for result in complete(store))
    assert [rows(provider, batch) for batch in provider.batches] == [30, 4]


def test_what_expired_or_failed_is_submitted_again_alone(serve: Serve, store: CompletionStore) -> None:
    def answer(body: Json, number: int) -> Json:
        troubles = {3: EXPIRED, 4: failing(500), 5: {"response": {"status_code": 200, "body": {"choices": None}}}}
        return troubles.get(body["seed"], sound(body)) if number == 0 else sound(body)

    provider = serve(answer)
    provider.status = "expired"
    results = complete(store)
    assert all(result.finished for result in results)
    assert [rows(provider, batch) for batch in provider.batches] == [30, 3]


def test_a_row_that_is_refused_or_never_answered_is_rejected_and_not_asked_again(
    serve: Serve, store: CompletionStore
) -> None:
    troubles = {3: failing(400, "too long"), 4: failing(400, "content_filter"), 5: failing(503)}
    provider = serve(lambda body, number: troubles.get(body["seed"], sound(body)))
    results = complete(store)
    outcomes = {number: result.rejected for number, result in enumerate(results) if result.rejected}
    assert outcomes == {3: "refused by the server", 4: "content filter", 5: "server error"}
    assert "too long" in results[3].texts["server"]
    assert [rows(provider, batch) for batch in provider.batches] == [30, 1, 1]
    assert complete(store) == results and len(provider.batches) == 3


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (lambda *_: EXPIRED, "expired", r"batch b0 \(expired, without a completion\)"),
        (lambda *_: failing(400, "top_k?"), "completed", "top_k"),
        (lambda *_: failing(404, "no such model"), "completed", "404.*no such model"),
        (lambda *_: EXPIRED, "failed", r"batch b0 \(failed, without a completion\): \['too many tokens'\]"),
    ],
)
def test_a_batch_without_a_completion_ends_the_run_and_the_next_run_submits_another(
    answer: Answer, status: str, words: str, serve: Serve, store: CompletionStore
) -> None:
    provider = serve(answer)
    provider.status = status
    with pytest.raises(UserError, match=words):
        complete(store)
    provider.answer, provider.status = sound, "completed"
    assert all(result.finished for result in complete(store))
    assert list(provider.batches) == ["b0", "b1"]


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("files", b"<html>busy</html>", "an answer without id: b'<html>busy</html>'"),
        ("files", {"id": ["f0"]}, "an answer without id"),
        ("batches", [], "an answer without id"),
        ("batches", {"id": "b0", "status": ["?"]}, "an answer that is no batch"),
        ("batches", {"id": "b0", "status": "in_progress", "request_counts": "all"}, "an answer that is no batch"),
        ("content", b"{}\n" * 400, "an answer of more than 1000 bytes"),
    ],
)
def test_an_answer_of_another_shape_or_size_ends_the_run_in_one_line_and_the_next_goes_on(
    kind: str, value: Json | bytes, words: str, serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply, sleep = Handler.reply, anyio.sleep

    def odd(handler: Handler, sound: Json | bytes) -> None:
        asked = handler.path.split("?")[0].split("/")[2] + ("/content" if handler.path.endswith("/content") else "")
        reply(handler, value if asked in (kind, f"files/{kind}") else sound)

    provider = serve(sound)
    with (
        monkeypatch.context() as harmed,
        pytest.raises(UserError, match=f"the last: .*{words}.*Delete .*json") as ended,
    ):
        harmed.setattr(anyio, "sleep", lambda seconds: sleep(0))
        harmed.setattr(Handler, "reply", odd)
        harmed.setattr(bounded, "LARGEST_FILE", 1000)
        complete(store)
    assert "\n" not in str(ended.value)
    assert len(complete(store)) == 30
    assert list(provider.batches) == ["b0"]


def test_the_time_limit_holds_for_the_file_of_a_batch(
    serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply, sleep, slow = Handler.reply, anyio.sleep, iter([True])

    def drip(handler: Handler, sound: Json | bytes) -> None:
        if handler.path.endswith("/content") and next(slow, False):
            time.sleep(3)
        with suppress(ConnectionError):
            reply(handler, sound)

    monkeypatch.setenv("GEMQUAD_TIMEOUT", "1")
    monkeypatch.setattr(anyio, "sleep", lambda seconds: sleep(0))
    monkeypatch.setattr(Handler, "reply", drip)
    serve(sound)
    began = time.monotonic()
    assert len(complete(store)) == 30
    assert time.monotonic() - began < 6
