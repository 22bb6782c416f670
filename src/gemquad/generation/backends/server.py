"""Any server that speaks the OpenAI protocol: vLLM, llama.cpp, TGI, Ollama, a cloud.

One request per row, so that each has its own sampling settings and seed; a bounded number at once. Where the server is comes from
the environment: `OPENAI_BASE_URL` (ending in /v1), `OPENAI_API_KEY`, `GEMQUAD_CONCURRENCY` and `GEMQUAD_TIMEOUT` (seconds).
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from gemquad.environment import positive_number
from gemquad.errors import UserError
from gemquad.generation.backends.answers import read_answer, rejected, said
from gemquad.generation.backends.connection import (
    Connection,
    FilteredError,
    ForbiddenError,
    RefusedError,
    UnansweredError,
)
from gemquad.generation.backends.protocol import Capabilities
from gemquad.generation.grammar import BLANK_LINE, by_grammar, grammar
from gemquad.params import BackendSettings, Generation, ModelSource
from gemquad.tasks.requests import GenerationResult, Request

MANY = 20  # prompts without completion, one after the other: it is the server, not the prompts
_BYTES_PER_TOKEN = 3  # an estimate, for caps and forecasts alone
_VERSION = 1  # raise it when the same request comes to be asked in another way
_WORD = "gemquad"
_SAMPLING = {"temperature": 1.0, "top_k": 50, "top_p": 1.0, "seed": 7}
_Failure = tuple[list[Request], RefusedError | UnansweredError]


class ServerBackend:
    """Completions over HTTP. A prompt that the server refuses or fails at is a rejected completion; many in a row end the run."""

    def __init__(self, settings: BackendSettings, source: ModelSource, generation: Generation) -> None:
        self._settings, self._model, self._generation = settings, source.name, generation
        self._path = "/chat/completions" if settings.endpoint == "chat" else "/completions"
        self._seeds = "seed" not in settings.omit
        self._probed = False
        self._unanswered: set[Request] = set()

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
        """The model's name at the server and the form of the requests, but not the server's address, nor whether in batches."""
        renamed = self._settings.max_tokens_name
        return {
            "backend": "openai",
            "version": _VERSION,
            "model": self._model,
            "endpoint": self._settings.endpoint,
            "constraint": self._settings.constraint,
            "omit": ", ".join(self._settings.omit),
        } | ({"max_tokens_name": renamed} if renamed != "max_tokens" else {})

    def batches(self, requests: Sequence[Request]) -> list[list[int]]:
        """One request each; requests with a common prefix are neighbours, for the server's own prefix cache."""
        return [[i] for i in sorted(range(len(requests)), key=lambda i: requests[i].prompt)]

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """An estimate from the number of UTF-8 bytes: a server's tokenizer is out of reach."""
        return [len(text.encode()) // _BYTES_PER_TOKEN + 1 for text in texts]

    def run(self, batches: Iterable[list[Request]]) -> Iterator[tuple[list[Request], list[GenerationResult]]]:
        """Up to `GEMQUAD_CONCURRENCY` (16) batches at once; after a failure, those in flight are still yielded.

        What fails is settled by the next completion, which shows that the server is up: a refused prompt is rejected, one without
        answer is asked once more at the end.
        """
        concurrency = max(positive_number("GEMQUAD_CONCURRENCY", 16), 1)
        waiting, again = iter(batches), list[list[Request]]()
        running: dict[asyncio.Task[list[GenerationResult]], list[Request]] = {}
        failed: list[_Failure] = []
        stop: BaseException | None = None
        with asyncio.Runner() as runner:
            connection = Connection()
            runner.run(self._probe(connection))
            while True:
                while len(running) < concurrency and not stop:
                    if not (batch := next(waiting, None) or (again or [[]]).pop()):
                        break
                    running[runner.get_loop().create_task(self._complete(connection, batch))] = batch
                if not running and (stop or not failed):
                    break
                is_up = not running
                for task in runner.run(_first_done(running)):
                    batch, error = running.pop(task), task.exception()
                    if error is None:
                        is_up = True
                        yield batch, task.result()
                    elif isinstance(error, (RefusedError, UnansweredError)):
                        failed.append((batch, error))
                    else:
                        stop = stop or error
                if len(failed) >= MANY and not is_up and not stop:
                    stop = runner.run(self._reason_to_stop(connection, failed))
                    is_up = not stop
                if is_up and not stop:
                    yield from _settled(failed, again)
            runner.run(connection.client.close())
        if stop:
            raise stop

    async def _probe(self, connection: Connection) -> None:
        """Try, once, whether the server takes the settings, and heeds seeds (it repeats itself) and grammars (of one word)."""
        if self._probed:
            return
        first = await self._try(connection)
        if self._seeds:
            self._seeds = any(first) and first == await self._try(connection)
        if self._settings.constraint != "none":
            text, _ = await self._try(connection, **self._constraint(f'root ::= "{_WORD}"\n'))
            if text.strip() != _WORD:
                raise UserError(
                    f"server {connection.address} does not heed a grammar sent for backend.constraint="
                    f"{self._settings.constraint}: asked for {_WORD!r} alone, it wrote {text[:80]!r}. Set backend.constraint to "
                    "what it understands, or to none."
                )
        self._probed = True

    async def _try(self, connection: Connection, what: str = "a short request", **optional: Any) -> tuple[str, str]:
        """Text and thought that follow a short prompt; an error that ends the run, of `what` is refused, if there are none."""
        try:
            body = self._body("The capital of France", 16, optional or _SAMPLING)
            return said(await connection.complete(self._path, body, what))[:2]
        except RefusedError as error:
            raise connection.refusal(f"{what} with {error}") from error
        except UnansweredError as error:
            raise connection.silence(str(error)) from error

    async def _reason_to_stop(self, connection: Connection, failed: Sequence[_Failure]) -> UserError | None:
        """None if the server answers a short request: then it was these prompts, or it is up again."""
        refused = [(batch, error) for batch, error in failed if isinstance(error, RefusedError)]
        if len(refused) >= MANY:
            (*_, request), error = refused[-1]
            return connection.refusal(f"{len(refused)} prompts in a row, the last {_named(request)}, with {error}")
        try:
            await self._try(connection)
        except UserError as error:
            return error
        return None

    async def _complete(self, connection: Connection, batch: list[Request]) -> list[GenerationResult]:
        (request,) = batch
        try:
            answer = await connection.complete(self._path, self.body(request), f"the prompt {_named(request)}")
            return [self.read(answer, request)]
        except FilteredError as error:
            return [rejected(error.outcome, error)]
        except ForbiddenError as error:
            await self._try(connection, f"the prompt {_named(request)} and then a short one")
            if error.outcome == FilteredError.outcome:
                return [rejected(error.outcome, error)]
            raise
        except UnansweredError as error:
            if request not in self._unanswered:
                self._unanswered.add(request)
                raise
            await self._try(connection)
            return [rejected("server error", error)]

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON that asks for a completion."""
        return self._body(
            request.prompt, request.max_tokens, asdict(request.settings) | self._constraint(grammar(request))
        )

    def read(self, answer: dict[str, Any], request: Request) -> GenerationResult:
        """The completion in an answer."""
        return read_answer(answer, request, lambda text: self.token_counts([text])[0])

    def _body(self, prompt: str, max_tokens: int, optional: dict[str, Any]) -> dict[str, Any]:
        settings = {"max_tokens": max_tokens, "stop": [BLANK_LINE], **optional}
        kept = {name: value for name, value in settings.items() if name not in self._settings.omit}
        if "max_tokens" in kept:
            kept[self._settings.max_tokens_name] = kept.pop("max_tokens")
        chat = self._settings.endpoint == "chat"
        content = {"messages": [{"role": "user", "content": prompt}]} if chat else {"prompt": prompt}
        return {"model": self._model, **content, **kept}

    def _constraint(self, rules: str) -> dict[str, Any]:
        named: dict[str, dict[str, Any]] = {
            "none": {},
            "llama.cpp": {"grammar": rules},
            "vllm": {"structured_outputs": {"grammar": rules}},
        }
        return named[self._settings.constraint]


def _named(request: Request) -> str:
    return f"{request.name and f'{request.name} '}ending in {request.prompt[-60:]!r}"


def _settled(
    failed: list[_Failure], again: list[list[Request]]
) -> Iterator[tuple[list[Request], list[GenerationResult]]]:
    """Rejected completions for what was refused; what had no answer goes to `again`."""
    for batch, error in failed:
        if isinstance(error, RefusedError):
            yield batch, [rejected(error.outcome, error) for _ in batch]
        else:
            again.append(batch)
    failed.clear()


async def _first_done(
    tasks: Iterable[asyncio.Task[list[GenerationResult]]],
) -> set[asyncio.Task[list[GenerationResult]]]:
    return (await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED))[0] if tasks else set()
