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
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gemquad.errors import UserError
from gemquad.generation.backends.server import ServerBackend
from gemquad.generation.engine import Caps, Engine
from gemquad.generation.grammar import grammar
from gemquad.generation.store import CompletionStore
from gemquad.params import BackendSettings, ModelSource, load_params
from gemquad.sources.squad import read_passages, read_questions
from gemquad.spans import occurrences
from gemquad.tasks.extractive_qa.prompt import PassagePrompter
from gemquad.tasks.prompter import PromptSources
from gemquad.tasks.requests import Field, GenerationResult, Request, SamplingSettings
from gemquad.weights import assemble_gguf

ROOT = Path(__file__).parents[1]
PARAMS = load_params(ROOT / "params.yaml")
SERVER = BackendSettings("openai")
SOURCE = "Ana vive en Lima."
FIELDS = (Field("question", "", "free", 12), Field("answer", "Respuesta:", "extract", 6))
SAMPLING = ("temperature", "top_k", "top_p", "seed")
FAULTS = ["too many requests", "error", "cut off", "no JSON", "no choices", "hang", "no answer"]

Body = dict[str, Any]
Asked = tuple[str, int | None]  # prompt and seed


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP. `cut` announces more than is sent; `hang` outlasts the client; `drop` sends nothing at all."""

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    hang: bool = False
    drop: bool = False


class LocalServer(ThreadingHTTPServer):
    """Answers with what `reply` makes of a request's body and of how often the same was asked; keeps count."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, reply: Callable[[Body, int], Reply]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.reply, self.stopping, self.lock = reply, threading.Event(), threading.Lock()
        self.asked: list[tuple[str, str | None, Body]] = []
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
            self.wfile.write(reply.content)

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
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts a server with its own way to reply, and points the environment to it."""
    for name in ("OPENAI_API_KEY", "GEMQUAD_CONCURRENCY", "GEMQUAD_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    servers: list[LocalServer] = []

    def start(reply: Callable[[Body, int], Reply]) -> LocalServer:
        server = LocalServer(reply)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
        return server

    yield start
    for server in servers:
        server.stopping.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CompletionStore]:
    with closing(CompletionStore(tmp_path / "c.db")) as opened:
        yield opened


def engine(
    store: CompletionStore, settings: BackendSettings = SERVER, caps: Caps | None = None, longest: float = 0.05
) -> Engine:
    return Engine(ServerBackend(settings, ModelSource("a-model"), PARAMS.generation, longest), store, caps)


def complete(asking: Engine, requests: Sequence[Request]) -> list[GenerationResult]:
    return [generated for _, generated in asking.complete(requests, "generating", "prompts")]


def kept(store: CompletionStore) -> int:
    return sum(holding.completions for holding in store.holdings())


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
    complete(engine(store, longest=10.0), [request(0)])
    assert len(times) == 2
    assert 1.0 <= times[1] - times[0] < 4.0


@pytest.mark.parametrize("status", [400, 401])
def test_a_refusal_is_not_repeated_and_what_else_was_completed_is_kept(
    status: int, serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMQUAD_CONCURRENCY", "4")
    server = serve(lambda body, _: Reply(b"not so", status) if body["seed"] == 5 else sound(body))
    with pytest.raises(UserError, match=f"status {status}: 'not so'"):
        complete(engine(store), [request(number) for number in range(60)])
    assert server.attempts[identified(request(5))] == 1
    assert 0 < kept(store) == sum(server.completed().values()) < 59


def test_a_server_that_stays_down_ends_the_run_and_the_next_run_completes_the_rest(
    serve: Serve, store: CompletionStore
) -> None:
    broken = {17, 23}
    server = serve(lambda body, _: Reply(b"", 503) if body["seed"] in broken else sound(body))
    requests = [request(number) for number in range(40)]
    with pytest.raises(UserError, match="no completion in 10 attempts; the last: status 503"):
        complete(engine(store), requests)
    assert max(server.attempts[identified(requests[number])] for number in broken) == 10
    before = kept(store)
    assert 0 < before == sum(server.completed().values()) < 40
    broken.clear()
    results = complete(engine(store), requests)
    assert [result.texts["question"] for result in results] == [question(identified(one)) for one in requests]
    assert server.completed() == {identified(one): 1 for one in requests}
    (holding,) = store.holdings()
    assert (holding.completions, holding.requests, holding.hits) == (40, 80, before)


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


def test_what_is_omitted_is_not_sent(serve: Serve, store: CompletionStore) -> None:
    server = serve(sound)
    asking = engine(store, replace(SERVER, omit=["top_k", "seed"]))
    complete(asking, [request(number) for number in range(4)])
    assert len(server.asked) == len(server.bodies()) == 4
    assert all(set(SAMPLING) & set(body) == {"temperature", "top_p"} for body in server.bodies())
    assert not asking.backend.capabilities.seeds
    assert {"top_k", "seed"} < set(asking.backend.capabilities.ignored)


def test_a_server_that_refuses_temperatures_is_never_sent_one(serve: Serve, store: CompletionStore) -> None:
    serve(lambda body, _: Reply(b"unknown: temperature", 400) if "temperature" in body else sound(body))
    complete(engine(store, replace(SERVER, omit=["temperature"])), [request(0)])
    assert kept(store) == 1


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


def test_without_an_address_the_variable_is_named(store: CompletionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(UserError, match="set OPENAI_BASE_URL"):
        complete(engine(store), [request(0)])


@pytest.mark.parametrize("address", ["127.0.0.1:8000/v1", "ftp://127.0.0.1/v1", "http://127.0.0.1:abc/v1"])
def test_an_address_that_is_none_is_explained(
    address: str, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    with pytest.raises(UserError, match="For example OPENAI_BASE_URL="):
        complete(engine(store), [request(0)])


def test_a_password_in_the_address_is_not_shown(
    serve: Serve, store: CompletionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(lambda body, attempt: Reply(b"no", 401))
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://ana:very-secret@127.0.0.1:{server.server_port}/v1")
    with pytest.raises(UserError, match="status 401") as refused:
        complete(engine(store), [request(0)])
    assert "very-secret" not in str(refused.value)


@pytest.mark.parametrize("usage", [None, "free", {"prompt_tokens": None}])
def test_tokens_that_a_server_does_not_count_are_estimated(usage: object, serve: Serve, store: CompletionStore) -> None:
    choice = {"text": " ¿Qué \ud800?\nRespuesta: Lima\n", "finish_reason": "stop"}
    serve(lambda body, attempt: Reply(json.dumps({"choices": [choice], "usage": usage}).encode()))
    (one,) = complete(engine(store), [request(0)])
    assert one.texts["question"] == "¿Qué ??"
    assert one.prompt_tokens > 5 and one.completion_tokens > 5


def test_a_redirect_never_passes(serve: Serve, store: CompletionStore) -> None:
    server = serve(lambda body, attempt: Reply(b"", 301, {"Location": "/elsewhere"}))
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
