"""Any server that speaks the OpenAI protocol: vLLM, llama.cpp, TGI, Ollama, a cloud.

One HTTP request per row, so that each has its own sampling settings and seed; a bounded number at once. Where the server is comes
from the environment: `OPENAI_BASE_URL` (ending in /v1), `OPENAI_API_KEY`, `GEMQUAD_CONCURRENCY` and `GEMQUAD_TIMEOUT` (seconds).
"""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

import httpx2
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from gemquad.environment import positive_number
from gemquad.errors import UserError
from gemquad.generation.backends.protocol import Capabilities
from gemquad.generation.grammar import BLANK_LINE, by_grammar, grammar, read_fields
from gemquad.params import BackendSettings, Generation, ModelSource
from gemquad.tasks.requests import GenerationResult, Request

_ATTEMPTS = 10
_BYTES_PER_TOKEN = 3  # an estimate, for caps and forecasts alone
_VERSION = 1  # raise it when the same request comes to be asked in another way
_RETRIED = {408, 409, 425, 429}
_WORD = "gemquad"
_EXAMPLE = "For example OPENAI_BASE_URL=http://127.0.0.1:8000/v1 (and OPENAI_API_KEY where it asks for one)."


class ServerBackend:
    """Completions over HTTP, with back-off on what passes (429, 5xx, time-outs, broken answers) and an error on what does not."""

    def __init__(
        self, settings: BackendSettings, source: ModelSource, generation: Generation, longest_wait: float = 60.0
    ) -> None:
        self._settings, self._model, self._generation = settings, source.name, generation
        self._longest_wait = longest_wait
        self._seeds = "seed" not in settings.omit
        self._probed = False

    @property
    def capabilities(self) -> Capabilities:
        """Seeds count as honoured unless the server answered two identical requests differently."""
        wanted, constrained = self._generation.constrain_answer, self._settings.constraint != "none"
        unheeded = ("constrain_answer",) if wanted and not constrained else ()
        return Capabilities(
            seeds=self._seeds,
            independent=False,
            constraint=wanted and constrained,
            likelihoods=False,
            ignored=(*unheeded, *by_grammar(wanted), *self._settings.omit),
        )

    @property
    def identity(self) -> dict[str, Any]:
        """The model's name at the server and the form of the requests, but not the server's address."""
        return {
            "backend": "openai",
            "version": _VERSION,
            "model": self._model,
            "endpoint": self._settings.endpoint,
            "constraint": self._settings.constraint,
            "omit": ", ".join(self._settings.omit),
        }

    def batches(self, requests: Sequence[Request]) -> list[list[int]]:
        """One request each; requests with a common prefix are neighbours, for the server's own prefix cache."""
        return [[i] for i in sorted(range(len(requests)), key=lambda i: requests[i].prompt)]

    def run(self, batches: Iterable[list[Request]]) -> Iterator[tuple[list[Request], list[GenerationResult]]]:
        """Send up to `GEMQUAD_CONCURRENCY` (16) requests at once; after a failure, requests in flight are still yielded."""
        concurrency = max(positive_number("GEMQUAD_CONCURRENCY", 16), 1)
        waiting = iter(batches)
        running: dict[asyncio.Task[GenerationResult], list[Request]] = {}
        failure: BaseException | None = None
        with asyncio.Runner() as runner:
            client = self._client()
            runner.run(self._probe(client))
            while True:
                while failure is None and len(running) < concurrency and (batch := next(waiting, None)):
                    running[runner.get_loop().create_task(self._complete(client, batch[0]))] = batch
                if not running:
                    break
                for task in runner.run(_first_done(running)):
                    batch = running.pop(task)
                    failure = failure or task.exception()
                    if task.exception() is None:
                        yield batch, [task.result()]
            runner.run(client.aclose())
        if failure:
            raise failure

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """An estimate from the number of UTF-8 bytes: a server's tokenizer is out of reach."""
        return [len(text.encode()) // _BYTES_PER_TOKEN + 1 for text in texts]

    def _client(self) -> httpx2.AsyncClient:
        key = os.environ.get("OPENAI_API_KEY", "").strip()
        if not (key.isascii() and key.isprintable()):
            raise UserError(
                "OPENAI_API_KEY holds characters that no HTTP header can carry. Set it again, without line breaks."
            )
        try:
            url = httpx2.URL(os.environ.get("OPENAI_BASE_URL", "").strip().rstrip("/"))
        except httpx2.InvalidURL as error:
            raise UserError(f"OPENAI_BASE_URL is no URL: {error}. {_EXAMPLE}") from error
        if url.scheme not in ("http", "https") or not url.host:
            raise UserError(f"backend=openai needs a server: set OPENAI_BASE_URL. {_EXAMPLE}")
        return httpx2.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=max(positive_number("GEMQUAD_TIMEOUT", 120), 1),
            limits=httpx2.Limits(max_connections=None),
        )

    async def _probe(self, client: httpx2.AsyncClient) -> None:
        """Try, once, whether the server heeds seeds (asked the same twice, it answers the same) and grammars (of one word)."""
        if self._probed:
            return
        if "seed" not in self._settings.omit:
            body = self._body("The capital of France", 8, {"temperature": 1.0, "seed": 7})
            first, second = [_text(await self._post(client, body)) for _ in range(2)]
            self._seeds = first == second
        if self._settings.constraint != "none":
            one_word = self._constraint(f'root ::= "{_WORD}"\n')
            text = _text(await self._post(client, self._body("The capital of France", 16, one_word)))
            if text.strip() != _WORD:
                raise UserError(
                    f"server {_address(client)} does not heed a grammar sent for backend.constraint={self._settings.constraint}: "
                    f"asked for {_WORD!r} alone, it wrote {text[:80]!r}. Set backend.constraint to what it understands, or to none."
                )
        self._probed = True

    async def _complete(self, client: httpx2.AsyncClient, request: Request) -> GenerationResult:
        answer = await self._post(
            client,
            self._body(
                request.prompt, request.max_tokens, asdict(request.settings) | self._constraint(grammar(request))
            ),
        )
        text = _text(answer)
        if self._settings.endpoint == "chat":
            text = _without_echo(text, request.prompt)
        generated = read_fields(text, request.fields, answer["choices"][0].get("finish_reason") != "length")
        counted = self.token_counts([request.prompt, text])
        return replace(
            generated,
            prompt_tokens=_used(answer, "prompt_tokens", counted[0]),
            completion_tokens=_used(answer, "completion_tokens", counted[1]),
        )

    def _body(self, prompt: str, max_tokens: int, sampling: dict[str, Any]) -> dict[str, Any]:
        optional = {"stop": [BLANK_LINE], **sampling}
        kept = {name: value for name, value in optional.items() if name not in self._settings.omit}
        chat = self._settings.endpoint == "chat"
        content = {"messages": [{"role": "user", "content": prompt}]} if chat else {"prompt": prompt}
        return {"model": self._model, "max_tokens": max_tokens, **content, **kept}

    def _constraint(self, rules: str) -> dict[str, Any]:
        named: dict[str, dict[str, Any]] = {
            "none": {},
            "llama.cpp": {"grammar": rules},
            "vllm": {"structured_outputs": {"grammar": rules}},
        }
        return named[self._settings.constraint]

    async def _post(self, client: httpx2.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
        path = "/chat/completions" if self._settings.endpoint == "chat" else "/completions"
        try:
            async for attempt in AsyncRetrying(
                stop=stop_after_attempt(_ATTEMPTS),
                wait=_patience(self._longest_wait),
                retry=retry_if_exception_type(_Passing),
                reraise=True,
            ):
                with attempt:
                    return await _ask(client, path, body)
        except _Passing as error:
            raise UserError(
                f"server {_address(client)} gave no completion in {_ATTEMPTS} attempts; the last: {error}. What was "
                "generated is kept: run again when it answers, or lower GEMQUAD_CONCURRENCY."
            ) from error
        raise AssertionError("AsyncRetrying returns or raises")


class _Passing(Exception):
    """A failure that may pass; `wait` is what the server asked to wait, in seconds."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


async def _ask(client: httpx2.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    try:
        response = await client.post(path, json=body)
    except httpx2.HTTPError as error:
        raise _Passing(f"{type(error).__name__} {error}".strip()) from error
    if response.status_code in _RETRIED or response.status_code >= 500:
        raise _Passing(f"status {response.status_code}", _seconds(response.headers.get("retry-after", "")))
    if not response.is_success:
        raise UserError(
            f"server {_address(client)} refuses a request with status {response.status_code}: {_quoted(client, response)}. Check "
            "OPENAI_BASE_URL, OPENAI_API_KEY, generator.name and backend.constraint; a setting it does not know is left out with "
            "-S 'backend.omit=[top_k]'."
        )
    try:
        answer = response.json()
    except ValueError as error:
        raise _Passing(f"an answer that is not JSON: {_quoted(client, response)}") from error
    if not isinstance(answer, dict) or not isinstance(_text(answer), str):
        raise _Passing(f"an answer without completion: {_quoted(client, response)}")
    return answer


def _address(client: httpx2.AsyncClient) -> str:
    """Where the server is, without a user's name and password."""
    return str(client.base_url.copy_with(userinfo=b""))


def _quoted(client: httpx2.AsyncClient, response: httpx2.Response) -> str:
    """The beginning of an answer, without the key it may repeat."""
    key = client.headers.get("authorization", "").removeprefix("Bearer ")
    text = response.text.replace(key, "[OPENAI_API_KEY]") if key else response.text
    return repr(text[:300])


def _text(answer: dict[str, Any]) -> Any:
    """The completion's text in an answer of either endpoint; None where there is none."""
    try:
        choice = answer["choices"][0]
        text = choice["message"]["content"] if "message" in choice else choice["text"]
        return text.encode("utf-8", "replace").decode()  # JSON can hold halves of characters, which no file can
    except (KeyError, IndexError, TypeError, AttributeError):
        return None


def _used(answer: dict[str, Any], name: str, estimate: int) -> int:
    """Tokens as the server counts them, else `estimate`."""
    usage = answer.get("usage")
    count = usage.get(name) if isinstance(usage, dict) else None
    return count if isinstance(count, int) else estimate


def _without_echo(text: str, prompt: str) -> str:
    """A chat model tends to repeat the label the prompt ends with."""
    return text.lstrip().removeprefix(prompt.rsplit("\n", 1)[-1])


def _patience(longest: float) -> Callable[[RetryCallState], float]:
    """Exponential back-off with jitter, or what the server asks for if that is longer, up to `longest` seconds."""
    backoff = wait_random_exponential(multiplier=min(0.5, longest), max=longest)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        return min(max(backoff(state), error.wait if isinstance(error, _Passing) else 0.0), longest)

    return wait


def _seconds(header: str) -> float:
    """`Retry-After` in seconds; dates and what is no number count as none."""
    try:
        return max(float(header), 0.0)
    except ValueError:
        return 0.0


async def _first_done(tasks: Iterable[asyncio.Task[GenerationResult]]) -> set[asyncio.Task[GenerationResult]]:
    return (await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED))[0]
