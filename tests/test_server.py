"""Completions over HTTP: a local server that fails in every way a server can, and llama.cpp's own with the real weights."""

import gc
import hashlib
import json
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field, replace
from email.message import Message
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from pydantic import ValidationError

from gemquad.errors import UserError
from gemquad.generation.backends.server import ServerBackend
from gemquad.generation.engine import Caps, Engine
from gemquad.generation.grammar import grammar
from gemquad.generation.pairs import PairPlan, read
from gemquad.generation.store import CompletionStore
from gemquad.params import BackendSettings, ModelSource, load_params
from gemquad.schema import PassagePrompt
from gemquad.settings.sections import check
from gemquad.sources.squad import read_passages, read_questions
from gemquad.tasks.extractive_qa.prompt import PassagePrompter
from gemquad.tasks.prompter import PromptSources
from gemquad.tasks.requests import Field, GenerationResult, Request, SamplingSettings
from gemquad.text.spans import occurrences
from gemquad.weights import assemble_gguf
from local_server import listening

ROOT = Path(__file__).parents[1]
PARAMS = load_params(ROOT / "params.yaml")
SERVER = BackendSettings("openai")
SOURCE = "Ana vive en Lima."
FIELDS = (Field("question", "", "free", 12), Field("answer", "Respuesta:", "extract", 6))
PROMPT = PassagePrompt("es-0", "es", [], "Texto", 1.0, 50, 1.0, 0, "p", SOURCE, 0, len(SOURCE))
FINAL = "<|start|>assistant<|channel|>final<|message|>"
SAMPLING = ("temperature", "top_k", "top_p", "seed")
FAULTS = ["too many requests", "error", "cut off", "no JSON", "no choices", "hang", "no answer"]

Body = dict[str, Any]
Asked = tuple[str, int | None]  # prompt and seed


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP. `cut` announces more than is sent; `hang` outlasts the client; `drop` sends nothing; `drip` is slow."""

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    hang: bool = False
    drop: bool = False
    drip: bool = False


class LocalServer(ThreadingHTTPServer):
    """Answers with what `reply` makes of a request's body and of how often the same was asked; keeps count."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, reply: Callable[[Body, int], Reply]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.reply, self.stopping, self.lock = reply, threading.Event(), threading.Lock()
        self.asked: list[tuple[str, str | None, Body]] = []
        self.headers: list[Message] = []
        self.attempts: Counter[Asked] = Counter()
        self.answered: Counter[Asked] = Counter()
        self.at_once = self.most_at_once = 0

    def bodies(self) -> list[Body]:
        """What was asked, without the two requests that try the server first."""
        return [body for _, _, body in self.asked if asked(body)[0].startswith("Texto")]

    def completed(self) -> dict[Asked, int]:
        """How often each request, of those in `bodies`, was answered with a whole completion."""
        return {one: count for one, count in self.answered.items() if count and one[0].startswith("Texto")}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LocalServer

    def do_POST(self) -> None:
        server, body = self.server, json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with server.lock:
            server.asked.append((self.path, self.headers["Authorization"], body))
            server.headers.append(self.headers)
            server.attempts[asked(body)] += 1
            attempt = server.attempts[asked(body)]
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
        reply = server.reply(body, attempt)
        with server.lock:
            server.at_once -= 1
            server.answered[asked(body)] += b'"choices"' in reply.content and not reply.cut
        self.close_connection = reply.cut or reply.hang or reply.drop
        if reply.hang:
            server.stopping.wait(30)
        if reply.hang or reply.drop:
            return
        with suppress(ConnectionError):  # a client may give up on one request when another is refused
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.content) + 100 * reply.cut))
            self.end_headers()
            for byte in reply.content if reply.drip else ():
                self.wfile.write(bytes([byte]))
                time.sleep(0.1)
            self.wfile.write(b"" if reply.drip else reply.content)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


Serve = Callable[[Callable[[Body, int], Reply]], LocalServer]


def asked(body: Body) -> Asked:
    prompt = body["prompt"] if "prompt" in body else body["messages"][0]["content"]
    return prompt, body.get("seed")


def question(one: Asked) -> str:
    return f"¿{hashlib.sha256(repr(one).encode()).hexdigest()}?"


def sound(body: Body, attempt: int = 1, finish_reason: str = "stop", completion_tokens: int = 10) -> Reply:
    """A completion that prompt and seed decide."""
    only_one_word = 'root ::= "gemquad"\n' in (body.get("grammar"), body.get("structured_outputs", {}).get("grammar"))
    text = "gemquad" if only_one_word else f" {question(asked(body))}\nRespuesta: Lima\n"
    choice = {"text": text, "finish_reason": finish_reason}
    usage = {"prompt_tokens": 9, "completion_tokens": completion_tokens}
    return Reply(json.dumps({"choices": [choice], "usage": usage}).encode())


def answer(*choices: Body) -> Reply:
    return Reply(json.dumps({"choices": choices}).encode())


def fault(one: Asked, attempt: int) -> str | None:
    """What goes wrong with a request at an attempt, decided by the two alone; None: nothing does."""
    draw = random.Random(f"{one} {attempt}")
    return draw.choice(FAULTS) if draw.random() < 0.35 else None


def faulty(body: Body, attempt: int) -> Reply:
    whole = sound(body)
    replies = {
        None: whole,
        "too many requests": Reply(b"slow down", 429, {"Retry-After": "7"}),
        "error": Reply(b"oh", 500),
        "cut off": replace(whole, cut=True),
        "no JSON": Reply(b"<html>busy</html>"),
        "no choices": Reply(b'{"error": "busy"}'),
        "hang": Reply(hang=True),
        "no answer": Reply(drop=True),
    }
    return replies[fault(asked(body), attempt)]


def request(number: int) -> Request:
    """Three by three with the same prompt, each with settings of its own."""
    settings = SamplingSettings(0.5 + number / 1000, 20 + number, 0.9 - number / 1000, number)
    return Request(f"Texto: {SOURCE} ({number // 3})\nPregunta:", SOURCE, FIELDS, settings)


def identified(one: Request) -> Asked:
    return one.prompt, one.settings.seed


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between attempts are short."""
    sleep = anyio.sleep
    monkeypatch.setattr(anyio, "sleep", lambda seconds: sleep(min(seconds, 0.05)))


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts a server with its own way to reply, and points the environment to it."""
    for name in ("OPENAI_API_KEY", "GEMQUAD_CONCURRENCY", "GEMQUAD_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    with ExitStack() as running:

        def start(reply: Callable[[Body, int], Reply]) -> LocalServer:
            server = LocalServer(reply)
            address = running.enter_context(listening(server))
            running.callback(server.stopping.set)  # before it is shut down
            monkeypatch.setenv("OPENAI_BASE_URL", f"{address}/v1")
            return server

        yield start


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CompletionStore]:
    with closing(CompletionStore(tmp_path / "c.db")) as opened:
        yield opened


def engine(store: CompletionStore, settings: BackendSettings = SERVER, caps: Caps | None = None) -> Engine:
    return Engine(ServerBackend(settings, ModelSource("a-model"), PARAMS.generation), store, caps)


def complete(asking: Engine, requests: Sequence[Request]) -> list[GenerationResult]:
    return [generated for _, generated in asking.complete(requests, "generating", "prompts")]


def kept(store: CompletionStore) -> int:
    return sum(holding.completions for holding in store.holdings())


@pytest.mark.usefixtures("impatient")
def test_every_fault_passes_and_every_row_is_completed_and_kept_once(
    serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMQUAD_TIMEOUT", "1")
    monkeypatch.setenv("GEMQUAD_CONCURRENCY", "16")
    server = serve(faulty)
    requests = [request(number) for number in range(120)]
    assert {fault(identified(one), 1) for one in requests} == {None, *FAULTS}
    results = complete(engine(store), requests)
    assert [result.texts["question"] for result in results] == [question(identified(one)) for one in requests]
    assert all(result.finished and result.texts["answer"].strip() == "Lima" for result in results)
    assert all((result.prompt_tokens, result.completion_tokens) == (9, 10) for result in results)
    assert len(server.bodies()) > 150
    assert server.completed() == {identified(one): 1 for one in requests}
    (holding,) = store.holdings()
    assert (holding.model, holding.completions, holding.hits) == ("a-model", 120, 0)
    before = len(server.asked)
    assert complete(engine(store), requests) == results
    assert len(server.asked) == before


def test_the_same_request_twice_is_completed_once(serve: Serve, store: CompletionStore) -> None:
    server = serve(sound)
    results = complete(engine(store), [request(0), request(1), request(0)])
    assert results[0] == results[2] != results[1]
    assert server.completed() == {identified(request(0)): 1, identified(request(1)): 1}


def test_no_more_requests_than_allowed_are_under_way(
    serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMQUAD_CONCURRENCY", "4")

    def slow(body: Body, attempt: int) -> Reply:
        time.sleep(0.05)
        return sound(body)

    server = serve(slow)
    complete(engine(store), [request(number) for number in range(24)])
    assert server.most_at_once == 4


def test_a_retry_waits_as_long_as_the_server_asks(serve: Serve, store: CompletionStore) -> None:
    times: list[float] = []

    def busy(body: Body, attempt: int) -> Reply:
        if body["seed"] != 0:
            return sound(body)
        times.append(time.monotonic())
        return sound(body) if attempt > 1 else Reply(b"", 429, {"Retry-After": "1"})

    serve(busy)
    complete(engine(store), [request(0)])
    assert len(times) == 2
    assert 1.0 <= times[1] - times[0] < 4.0


@pytest.mark.parametrize("status", [401, 402, 404])
def test_what_no_request_will_pass_ends_the_run_and_what_else_was_completed_is_kept(
    status: int, serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMQUAD_CONCURRENCY", "4")
    server = serve(lambda body, _: Reply(b"not so", status) if body["seed"] == 5 else sound(body))
    with pytest.raises(UserError, match=rf"status {status}: 'not so'\. Check OPENAI_BASE_URL"):
        complete(engine(store), [request(number) for number in range(60)])
    assert server.attempts[identified(request(5))] == 1
    assert 0 < kept(store) == sum(server.completed().values()) < 59


@pytest.mark.parametrize(
    ("reply", "outcome", "words"),
    [
        (Reply(b"prompt too long", 400), "refused by the server", "status 400: 'prompt too long'"),
        (Reply(b'{"error": {"code": "content_filter"}}', 400), "content filter", "status 400"),
        (Reply(b"not for your country", 451), "refused by the server", "status 451: 'not for your country'"),
        (Reply(b"too long a header", 431), "refused by the server", "status 431"),
        (Reply(b"Input was flagged by moderation", 403), "content filter", "status 403: 'Input was flagged"),
        (answer({"text": None, "finish_reason": "content_filter"}), "content filter", ""),
        (answer({"text": "half a", "finish_reason": "content_filter"}), "content filter", "half a"),
        (answer({"text": None, "finish_reason": "stop"}), "no text", ""),
        (answer(), "no completion", ""),
        (answer({"text": "<think>\nA question about"}), "only a thought", "A question about"),
        (answer({"text": "<reasoning>A question about"}), "only a thought", "A question about"),
        (answer({"text": "<|channel|>analysis A question about"}), "only a thought", "A question about"),
        (answer({"message": {"content": None, "reasoning": "A question"}}), "only a thought", "A question"),
        (
            answer({"message": {"content": "", "reasoning_content": "So"}, "finish_reason": "length"}),
            "only a thought",
            "So",
        ),
    ],
)
def test_a_prompt_without_completion_is_rejected_with_a_reason_and_never_asked_again(
    reply: Reply, outcome: str, words: str, serve: Serve, store: CompletionStore
) -> None:
    server = serve(lambda body, _: reply if body["seed"] == 5 else sound(body))
    requests = [request(number) for number in range(12)]
    for _ in range(2):
        results = complete(engine(store), requests)
        assert [result.rejected for result in results] == [outcome if one == 5 else "" for one in range(12)]
        assert words in results[5].texts.get("server", "")
    assert server.attempts[identified(requests[5])] == 1
    prompt, plan = (
        replace(PROMPT, id="es-5"),
        PairPlan(PassagePrompter(PARAMS.prompting, PARAMS.generation), PARAMS.generation),
    )
    completion = read(prompt, results[5], "key", plan).completion
    assert (completion.id, completion.outcome) == ("es-5", outcome)


@pytest.mark.parametrize("words", [b"no permission", b"your account is flagged"])
def test_a_server_that_forbids_everything_from_now_on_ends_the_run(
    words: bytes, serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMQUAD_CONCURRENCY", "1")
    is_open = iter([True] * 5)
    serve(lambda body, _: sound(body) if next(is_open, False) else Reply(words, 403))
    requests = [replace(request(number), name=f"es-{number}") for number in range(6)]
    with pytest.raises(
        UserError, match=r"refuses the prompt es-3 ending in 'Texto.* and then a short one with status 403"
    ):
        complete(engine(store), requests)
    assert kept(store) == 3  # two answers were to what tries the server


def test_a_refusal_names_the_prompt(serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMQUAD_CONCURRENCY", "1")
    one, named = request(5), replace(request(5), name="es-p5-0")
    assert (one, one.to_json(), hash(one)) == (named, named.to_json(), hash(named))
    serve(lambda body, _: Reply(b"gone", 404) if body["seed"] == 5 else sound(body))
    with pytest.raises(
        UserError, match=r"refuses the prompt es-p5-0 ending in 'Texto.*\(1\)\\nPregunta:' with status 404: 'gone'"
    ):
        complete(engine(store), [named])
    serve(lambda body, _: Reply(b"so?", 400) if body["seed"] > 7 else sound(body))
    with pytest.raises(UserError, match=r"refuses 20 prompts in a row, the last es-p\d+ ending in 'Texto.*status 400"):
        complete(engine(store), [replace(request(number), name=f"es-p{number}") for number in range(8, 40)])


@pytest.mark.usefixtures("impatient")
def test_a_prompt_at_which_the_server_always_fails_is_asked_again_at_the_end_and_then_rejected(
    serve: Serve, store: CompletionStore
) -> None:
    server = serve(lambda body, _: Reply(b"oh", 500) if body["seed"] in range(10, 35) else sound(body))
    results = complete(engine(store), [request(number) for number in range(60)])
    assert [result.rejected for result in results] == [""] * 10 + ["server error"] * 25 + [""] * 25
    assert all(server.attempts[identified(request(number))] == 20 for number in range(10, 35))


def test_many_refusals_in_a_row_end_the_run_and_are_not_kept(
    serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMQUAD_CONCURRENCY", "4")
    server = serve(lambda body, _: Reply(b"top_k?", 400) if body["seed"] >= 12 else sound(body))
    requests = [request(number) for number in range(90)]
    with pytest.raises(
        UserError, match=r"refuses 2\d prompts in a row, the last ending in 'Texto.*status 400: 'top_k\?'"
    ):
        complete(engine(store), requests)
    assert sum(server.completed().values()) <= kept(store) < len(server.bodies()) - 15


@pytest.mark.usefixtures("impatient")
def test_a_server_that_stays_down_ends_the_run_and_the_next_run_completes_the_rest(
    serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMQUAD_CONCURRENCY", "8")
    is_up = iter([True] * 12)
    server = serve(lambda body, _: sound(body) if next(is_up, False) else Reply(b"closed", 503))
    requests = [request(number) for number in range(40)]
    with pytest.raises(UserError, match=r"no completion in up to 10 attempts; the last: status 503: 'closed'"):
        complete(engine(store), requests)
    before = kept(store)
    assert 0 < before == sum(server.completed().values()) < 40
    is_up = iter([True] * 100)
    results = complete(engine(store), requests)
    assert [result.texts["question"] for result in results] == [question(identified(one)) for one in requests]
    assert server.completed() == {identified(one): 1 for one in requests}
    (holding,) = store.holdings()
    assert (holding.completions, holding.requests, holding.hits) == (40, 80, before)


@pytest.mark.usefixtures("impatient")
def test_a_server_that_goes_down_during_the_last_prompts_loses_none_of_them(
    serve: Serve, store: CompletionStore
) -> None:
    is_up = iter([True] * 5)
    serve(lambda body, _: sound(body) if next(is_up, False) else Reply(b"closed", 503))
    with pytest.raises(UserError, match="no completion in up to 10 attempts"):
        complete(engine(store), [request(number) for number in range(6)])
    assert kept(store) == 3  # two answers were to what tries the server


def test_a_cap_holds_even_if_every_completion_is_as_long_as_it_may_be(serve: Serve, store: CompletionStore) -> None:
    server = serve(lambda body, _: sound(body, finish_reason="length", completion_tokens=body["max_tokens"]))
    with pytest.raises(UserError, match="stops before its cap"):
        complete(engine(store, caps=Caps(max_tokens=400)), [request(number) for number in range(40)])
    (holding,) = store.holdings()
    assert holding.completions == len(server.bodies())
    assert 300 < holding.spent.prompt_tokens + holding.spent.completion_tokens <= 400


def test_each_row_is_asked_with_its_own_settings(serve: Serve, store: CompletionStore) -> None:
    server = serve(sound)
    requests = [request(number) for number in range(9)]
    complete(engine(store), requests)
    assert len(server.bodies()) == 9
    for body in server.bodies():
        one = requests[body["seed"]]
        assert {name: body[name] for name in SAMPLING} == {name: getattr(one.settings, name) for name in SAMPLING}
        assert (body["model"], body["prompt"]) == ("a-model", one.prompt)
        assert body["max_tokens"] >= sum(each.max_tokens for each in FIELDS)
        assert not {"grammar", "structured_outputs", "messages"} & set(body)


@pytest.mark.parametrize("name", ["max_tokens", "seed", "stop", "temperature", "top_k", "top_p"])
def test_what_is_omitted_is_never_sent_and_recorded_as_ignored(name: str, serve: Serve, store: CompletionStore) -> None:
    server = serve(lambda body, _: Reply(b"unknown", 400) if name in body else sound(body))
    asking = engine(store, check(BackendSettings, {"name": "openai", "omit": [name]}))
    complete(asking, [request(number) for number in range(4)])
    assert len(server.bodies()) == kept(store) == 4
    assert asking.backend.capabilities.ignored[-1] == name
    assert asking.backend.capabilities.seeds is (name != "seed")


def test_what_cannot_be_omitted_is_refused() -> None:
    with pytest.raises(ValidationError, match="max_tokens"):
        check(BackendSettings, {"name": "openai", "omit": ["model"]})


def test_the_limit_of_tokens_goes_by_the_name_that_the_server_knows(serve: Serve, store: CompletionStore) -> None:
    server = serve(lambda body, _: Reply(b"Unsupported: max_tokens", 400) if "max_tokens" in body else sound(body))
    with pytest.raises(UserError, match=r"Unsupported: max_tokens.*backend.max_tokens_name=max_completion_tokens"):
        complete(engine(store), [request(0)])
    renamed = engine(store, replace(SERVER, max_tokens_name="max_completion_tokens"))
    complete(renamed, [request(0)])
    assert server.bodies()[0]["max_completion_tokens"] == request(0).max_tokens
    assert renamed.backend.identity != engine(store).backend.identity


def test_the_default_identity_is_that_of_earlier_stores() -> None:
    identity = {
        "backend": "openai",
        "version": 1,
        "model": "m",
        "endpoint": "completions",
        "constraint": "none",
        "omit": "",
    }
    for batch in (False, True):
        assert ServerBackend(replace(SERVER, batch=batch), ModelSource("m"), PARAMS.generation).identity == identity


@pytest.mark.parametrize("heeded", [True, False])
def test_whether_seeds_are_heeded_is_tried_and_remembered(heeded: bool, serve: Serve, store: CompletionStore) -> None:
    numbers = iter(range(100))
    serve(sound if heeded else lambda body, _: sound(body | {"seed": next(numbers)}))
    asking = engine(store, replace(SERVER, omit=["top_k"]))
    complete(asking, [request(0)])
    assert asking.backend.capabilities.seeds is heeded
    remembered = store.capabilities(asking.backend.identity)
    assert remembered == asking.backend.capabilities
    assert not remembered.constraint
    assert remembered.ignored[0] == "constrain_answer" and remembered.ignored[-1] == "top_k"


def test_the_constraint_is_sent_as_the_server_reads_it(serve: Serve, store: CompletionStore) -> None:
    server, rules = serve(sound), grammar(request(0))
    for constraint, sent in (("llama.cpp", {"grammar": rules}), ("vllm", {"structured_outputs": {"grammar": rules}})):
        asking = engine(store, replace(SERVER, constraint=constraint))
        complete(asking, [request(0)])
        body = server.bodies()[-1]
        assert {name: body[name] for name in ("grammar", "structured_outputs") if name in body} == sent
        assert asking.backend.capabilities.constraint
    assert kept(store) == 2


def test_a_server_that_does_not_heed_grammars_is_found_out(serve: Serve, store: CompletionStore) -> None:
    server = serve(lambda body, attempt: sound({name: body[name] for name in body if name != "grammar"}))
    with pytest.raises(UserError, match=r"does not heed a grammar.*backend.constraint=llama.cpp"):
        complete(engine(store, replace(SERVER, constraint="llama.cpp")), [request(0)])
    assert not server.bodies() and kept(store) == 0


def test_a_chat_endpoint_gets_a_message_and_may_repeat_the_label(serve: Serve, store: CompletionStore) -> None:
    content = "\nPregunta: ¿Dónde vive Ana?\nRespuesta: Lima"
    answer = json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()
    server = serve(lambda *_: Reply(answer))
    (result,) = complete(engine(store, replace(SERVER, endpoint="chat")), [request(0)])
    assert {path for path, _, _ in server.asked} == {"/v1/chat/completions"}
    (body,) = server.bodies()
    assert body["messages"] == [{"role": "user", "content": request(0).prompt}]
    assert "prompt" not in body
    texts = {name: text.strip() for name, text in result.texts.items()}
    assert texts == {"question": "¿Dónde vive Ana?", "answer": "Lima"}
    assert result.finished
    assert result.prompt_tokens > 5  # an estimate: this server does not count
    assert result.completion_tokens > 5


def test_capabilities_follow_what_is_asked_for_and_what_the_server_reads() -> None:
    free = replace(PARAMS.generation, constrain_answer=False)
    constrained = replace(SERVER, constraint="vllm", omit=["top_k"])
    named = {
        (generation.constrain_answer, settings.constraint): ServerBackend(
            settings, PARAMS.generator, generation
        ).capabilities
        for generation in (PARAMS.generation, free)
        for settings in (SERVER, constrained)
    }
    assert {case: capabilities.constraint for case, capabilities in named.items()} == {
        (True, "none"): False,
        (True, "vllm"): True,
        (False, "none"): False,
        (False, "vllm"): False,
    }
    assert named[True, "none"].ignored[:3] == ("constrain_answer", "answer", "stop_logit_bias")
    assert "top_k" in named[True, "vllm"].ignored and "constrain_answer" not in named[True, "vllm"].ignored
    assert "answer" not in named[False, "none"].ignored


def test_what_the_token_limit_cuts_off_is_unfinished(serve: Serve, store: CompletionStore) -> None:
    serve(partial(sound, finish_reason="length"))
    (whole,) = complete(engine(store), [request(0)])
    assert whole.finished  # the answer's line had ended
    cut = json.dumps({"choices": [{"text": " ¿Dónde?\nRespuesta: Li", "finish_reason": "length"}]}).encode()
    serve(lambda *_: Reply(cut))
    (result,) = complete(engine(store), [request(1)])
    assert (result.texts["answer"].strip(), result.finished) == ("Li", False)


@pytest.mark.parametrize(
    ("choice", "read"),
    [
        ({"text": "<think>\nWell.\n\n</think>\n\n¿Sí?\nRespuesta: Lima"}, ("¿Sí?", "Lima", True)),
        (
            {"message": {"content": [{"type": "text", "text": "¿Sí?"}, {"type": "text", "text": "\nRespuesta: Lima"}]}},
            ("¿Sí?", "Lima", True),
        ),
        ({"message": {"content": "¿Sí?\nRespuesta: Lima", "reasoning": "Well."}}, ("¿Sí?", "Lima", True)),
        *(
            ({"text": f"{thought}\n¿Sí?\nRespuesta: Lima{end}"}, ("¿Sí?", "Lima", True))
            for thought, end in (
                ("<thinking>\nWell.\n\n</thinking>", ""),
                ("<think>\nWell.</think><think>So.</think>", ""),
                ("Well.</reasoning>", "\n<thought>Done.</thought>"),
                ("<Thought type='long'>Well.</Thought>", ""),
                ("[THINK]Well.[/THINK]", ""),
                ("◁think▷Well.◁/think▷", ""),
                ("<|begin_of_thought|>Well.<|end_of_thought|>", ""),
                ("<|START_THINKING|>Well.<|END_THINKING|>", ""),
                ("<|channel>thought\nWell.<channel|>", ""),
                (f"<|channel|>analysis<|message|>Well.<|end|>{FINAL}", "<|return|>"),
            )
        ),
        ({"text": "¿Qué hace <think>?\nRespuesta: Lima"}, ("¿Qué hace <think>?", "Lima", True)),
        ({"message": {"content": None}, "finish_reason": "length"}, ("", "", False)),
    ],
)
def test_parts_are_joined_thoughts_told_apart_and_nothing_at_the_limit_is_unfinished(
    choice: Body, read: tuple[str, str, bool], serve: Serve, store: CompletionStore
) -> None:
    serve(lambda body, _: answer(choice))
    (result,) = complete(engine(store), [request(0)])
    texts = [result.texts.get(name, "").strip() for name in ("question", "answer")]
    assert (*texts, result.finished, result.rejected) == (*read, "")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1:8000/v1",
        "ftp://127.0.0.1/v1",
        "file:///etc/passwd",
        "http://ana:very-secret",
        "http://[::1",
        *(f"http://ana:very-secret@127.0.0.1:{port}/v1" for port in (-1, 0, 65536, 99999, "8o", 10**20)),
        *(
            f"http://ana:very-secret@{host}/v1"
            for host in ("a b", "a..b", "%00", "*", "x" * 64, "x." * 130, "1.2.3.999", "...")
        ),
    ],
)
def test_an_address_that_is_none_is_explained(
    address: str, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    with pytest.raises(UserError, match=r"OPENAI_BASE_URL.*For example OPENAI_BASE_URL=") as error:
        complete(engine(store), [request(0)])
    assert "very-secret" not in str(error.value)


@pytest.mark.parametrize(
    "pasted",
    [
        "/v1/",
        "/v1/completions",
        "/v1/chat/completions/",
        "/v1/responses",
        "/v1/models/",
        "/v1/embeddings",
        "/v1/chat//",
    ],
)
def test_an_address_pasted_with_its_endpoint_is_understood(
    pasted: str, serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(sound)
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_port}{pasted}")
    complete(engine(store), [request(0)])
    assert {path for path, _, _ in server.asked} == {"/v1/completions"}


def test_a_query_is_sent_as_it_stands(serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(sound)
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_port}/models?tag=a&tag=b&empty=")
    complete(engine(store), [request(0)])
    assert {path for path, _, _ in server.asked} == {"/models/completions?tag=a&tag=b&empty="}


def test_azures_version_and_key_are_sent_as_it_wants_them(
    serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(
        lambda body, _: Reply(b"bad version 2024-06-01, key very-secret", 404) if body["seed"] == 1 else sound(body)
    )
    address = f"http://127.0.0.1:{server.server_port}/openai/deployments/d/chat/completions?api-version=2024-06-01"
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    monkeypatch.setenv("OPENAI_API_KEY", "very-secret")
    complete(engine(store), [request(0)])
    assert {path for path, _, _ in server.asked} == {"/openai/deployments/d/completions?api-version=2024-06-01"}
    assert {(headers["api-key"], headers["Authorization"]) for headers in server.headers} == {("very-secret", None)}
    with pytest.raises(UserError, match=r"version 2024-06-01, key \[secret\]"):
        complete(engine(store), [request(1)])


def test_a_password_in_the_address_is_not_shown(
    serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(lambda body, attempt: Reply(b"no very-secret, no other-secret", 401))
    address = f"http://ana:very-secret@127.0.0.1:{server.server_port}/v1?key=other-secret"
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    with pytest.raises(UserError, match="status 401") as refused:
        complete(engine(store), [request(0)])
    assert server.asked[0][1] == "Basic YW5hOnZlcnktc2VjcmV0"
    assert "-secret" not in str(refused.value)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        "free",
        {"prompt_tokens": None},
        {"prompt_tokens": -1, "completion_tokens": 10**30},
        {"prompt_tokens": float("nan"), "completion_tokens": float("-inf")},
        {"prompt_tokens": True, "completion_tokens": "12"},
        {"prompt_tokens": 2.5, "completion_tokens": [1]},
    ],
)
def test_tokens_that_a_server_does_not_count_are_estimated(usage: object, serve: Serve, store: CompletionStore) -> None:
    choice = {"text": " ¿Qué \ud800?\nRespuesta: Lima\n", "finish_reason": "stop"}
    serve(lambda body, attempt: Reply(json.dumps({"choices": [choice], "usage": usage}).encode()))
    (one,) = complete(engine(store), [request(0)])
    assert one.texts["question"] == "¿Qué ??"
    assert one.prompt_tokens > 5 and one.completion_tokens > 5


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "content",
    [
        b"[" * 3000 + b"]" * 3000,
        b'{"choices": [%s]}' % (b"9" * 5000),
        b" " * (2**24 + 1),
        b"<think>" * 2 + b"\x00\xff\xfe",
        b"",
    ],
    ids=["deep", "number", "large", "binary", "empty"],
)
def test_an_answer_made_to_do_harm_is_a_broken_one(content: bytes, serve: Serve, store: CompletionStore) -> None:
    server = serve(lambda body, attempt: Reply(content) if body["seed"] == 0 and attempt < 3 else sound(body))
    (result,) = complete(engine(store), [request(0)])
    assert result.finished
    assert server.attempts[identified(request(0))] == 3


@pytest.mark.usefixtures("impatient")
def test_the_time_limit_is_of_a_whole_request(
    serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMQUAD_TIMEOUT", "1")
    server = serve(lambda body, attempt: replace(sound(body), drip=body["seed"] == 0 and attempt == 1))
    began = time.monotonic()
    complete(engine(store), [request(0)])
    assert server.attempts[identified(request(0))] == 2
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "after", ["1e9", "86400", "-5", "nan", "inf", "Wed, 01 Jan 2300 00:00:00 GMT", "9" * 5000, "soon"]
)
def test_a_retry_never_waits_longer_than_two_minutes(
    after: str, serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    sleep = anyio.sleep
    monkeypatch.setattr(anyio, "sleep", lambda seconds: waits.append(seconds) or sleep(0))  # type: ignore[func-returns-value]
    serve(lambda *_: Reply(b"slow down", 429, {"Retry-After": after}))
    with pytest.raises(UserError, match=r"the last: status 429: 'slow down'.*run again when it answers"):
        complete(engine(store), [request(0)])
    assert all(0 <= seconds <= 120 for seconds in waits)


@pytest.mark.parametrize("to", ["/elsewhere", "file:///etc/passwd", "http://127.0.0.1:1/v1/completions"])
def test_a_redirect_never_passes(to: str, serve: Serve, store: CompletionStore) -> None:
    server = serve(lambda body, attempt: Reply(b"", 301, {"Location": to}))
    with pytest.raises(UserError, match="status 301"):
        complete(engine(store), [request(0)])
    assert len(server.asked) == 1


@pytest.mark.parametrize("repeated", ["", "sk-very-secret"])
def test_the_key_is_sent_and_never_kept_or_shown(
    repeated: str,
    serve: Serve,
    store: CompletionStore,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    refusal = Reply(f"Incorrect API key provided: {repeated}".encode(), 401)
    server = serve(lambda body, _: refusal if body["seed"] == 3 else sound(body))
    asking = engine(store)
    complete(asking, [request(0)])
    assert {authorization for _, authorization, _ in server.asked} == {"Bearer sk-very-secret"}
    with pytest.raises(UserError, match="status 401") as error:
        complete(asking, [request(3)])
    files = list(store.path.parent.glob("c.db*"))
    assert files
    assert not any(b"very-secret" in file.read_bytes() for file in files)
    shown = [str(error.value), str(asking.backend.identity), *capsys.readouterr()]
    assert "very-secret" not in "".join(shown)


def test_a_key_that_cannot_be_sent_is_not_shown(
    serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(sound)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very\nsecret")
    with pytest.raises(UserError) as error:
        complete(engine(store), [request(0)])
    assert "very" not in str(error.value)


@pytest.fixture(scope="module")
def llama_url() -> Iterator[str]:
    """llama.cpp's server with the embedded weights."""
    import xllamacpp

    with tempfile.TemporaryDirectory() as folder:
        params = xllamacpp.CommonParams()
        params.model.path = str(assemble_gguf(PARAMS.generator, Path(folder)))
        params.n_ctx, params.n_parallel, params.verbosity = 8192, 4, 0
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1  # more wait for one another on busy cores
        server = xllamacpp.Server(params)
        yield f"{server.listening_address}/v1"
        del server
        gc.collect()


@pytest.fixture
def llama(llama_url: str, store: CompletionStore, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("OPENAI_BASE_URL", llama_url)
    monkeypatch.setenv("GEMQUAD_CONCURRENCY", "4")
    for name in ("OPENAI_API_KEY", "GEMQUAD_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    return Engine(ServerBackend(replace(SERVER, constraint="llama.cpp"), PARAMS.generator, PARAMS.generation), store)


def test_llama_cpp_writes_answers_that_are_pieces_of_their_sources(llama: Engine) -> None:
    folder = ROOT / "data/sample"
    exemplars = [one for lang in ("es", "hi") for one in read_questions(folder / f"exemplars.{lang}.json", lang)]
    passages = [read_passages(folder / f"passages.{lang}.json", lang)[0] for lang in ("es", "hi")]
    prompter = PassagePrompter(replace(PARAMS.prompting, prompts_per_passage=4), PARAMS.generation)
    prompts = prompter.prompts(PromptSources(["es", "hi"], exemplars, passages), PARAMS.sampling, PARAMS.seed)
    requests = [prompter.request(prompt) for prompt in prompts]
    results = complete(llama, requests)
    finished = [(one.source, result) for one, result in zip(requests, results, strict=True) if result.finished]
    assert len(finished) >= len(requests) / 2
    for source, result in finished:
        assert result.texts["question"].strip()
        assert occurrences(source, result.texts["answer"]), (source, result.texts)
    assert all(result.prompt_tokens > 50 and 0 < result.completion_tokens < 100 for result in results)


def test_llama_cpp_reads_the_grammar_of_any_source(llama: Engine) -> None:
    sources = [
        'Dijo «"sí"» y luego "no".',
        'C:\\Lima\\nueva \\" \\\\ fin\\',
        "uno\tdos\rtres\ncuatro",
        "[a-z]+ ::= (b | c)* {2} # d",
        "महात्मा गांधी का जन्म पोरबंदर में हुआ था।",
        "東京は日本の首都です。",
        "cafe\u0301 — naïve, 1,5 %",
        "…",
    ]
    answer = Field("answer", 'Res"pu\\esta:', "extract", 60)
    requests = [Request(f"Texto: {one}\n", one, (answer,), SamplingSettings(0.7, 50, 0.9, 3)) for one in sources]
    results = complete(llama, requests)
    for source, result in zip(sources[:-1], results, strict=False):
        assert result.finished
        assert occurrences(source, result.texts["answer"]), (source, result.texts)
    assert results[-1].texts["answer"].strip()


def test_llama_cpp_refuses_what_is_no_grammar(llama_url: str) -> None:
    body = {"prompt": "Texto:", "max_tokens": 2, "grammar": "root ::= ("}
    assert httpx2.post(f"{llama_url}/completions", json=body).status_code == 400
