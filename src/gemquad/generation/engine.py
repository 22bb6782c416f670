"""Complete requests with any backend: what is in the store is not generated again, and what is generated is kept at once."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gemquad.errors import UserError
from gemquad.generation.backends.protocol import Backend
from gemquad.generation.store import CompletionStore, Spent, request_key
from gemquad.params import Generation, Prices
from gemquad.progress import Progress
from gemquad.tasks.requests import GenerationResult, Request
from gemquad.text.characters import flaw, on_one_line


@dataclass(frozen=True)
class Caps:
    """Limits of what a run may spend, in tokens (prompt and completion) and money; None is no limit."""

    max_tokens: int | None = None
    max_cost: float | None = None
    prices: Prices = field(default_factory=Prices)

    @classmethod
    def of(cls, generation: Generation, prices: Prices) -> "Caps":
        """The limits that the parameters set."""
        return cls(generation.max_tokens, generation.max_cost, prices)

    @property
    def exist(self) -> bool:
        """Whether any limit is set."""
        return self.max_tokens is not None or self.max_cost is not None

    def allow(self, spent: Spent) -> bool:
        """Whether `spent` is within the limits."""
        within_tokens = self.max_tokens is None or spent.tokens <= self.max_tokens
        return within_tokens and (self.max_cost is None or cost(spent, self.prices) <= self.max_cost)


def cost(spent: Spent, prices: Prices) -> float:
    """The price of `spent`: tokens by the million, and machine hours."""
    tokens = spent.prompt_tokens * prices.prompt_tokens + spent.completion_tokens * prices.completion_tokens
    return tokens / 1e6 + spent.seconds / 3600 * prices.hour


def readable(result: GenerationResult) -> GenerationResult:
    """The result; rejected, and with its texts escaped, if they hold what no text should (NUL, an escape, text turned round)."""
    if not any(map(flaw, result.texts.values())):
        return result
    shown = {name: on_one_line(text) for name, text in result.texts.items()}
    return replace(result, texts=shown, spans={}, rejected=result.rejected or "control characters")


class Engine:
    """Completes requests by a backend and a store, within limits on all that it spends."""

    def __init__(self, backend: Backend, store: CompletionStore, caps: Caps | None = None) -> None:
        self.backend, self.store, self._caps = backend, store, caps or Caps()
        self._model = str(backend.identity["model"])
        self.spent = Spent()
        self._seconds = 0.0  # spent on the batches done since they were planned
        self._began = 0.0

    def keys(self, requests: Sequence[Request]) -> list[str]:
        """The store's keys of `requests`, in order."""
        identity = self.backend.identity
        return [request_key(request, identity) for request in requests]

    def complete(self, requests: Sequence[Request], label: str, unit: str) -> list[tuple[str, GenerationResult]]:
        """One result per request, in order, each with its key in the store.

        Raises:
            UserError: a cap is reached, or the backend fails. What was generated until then is in the store.
        """
        keys = self.keys(requests)
        distinct = dict(zip(keys, requests, strict=True))
        found = self.store.get(list(distinct))
        hits = sum(key in found for key in keys)
        self.store.note_run(self._model, len(requests), hits)
        if hits:
            print(f"{label}: {hits} of {len(requests)} {unit} are in the store", flush=True)
        if len(found) < len(distinct):
            self._generate_missing(distinct, label, unit)
            found = self.store.get(list(distinct))
        self.spent = self.spent + self.store.spent(list(distinct))
        return [(key, readable(found[key])) for key in keys]

    def _generate_missing(self, requests: Mapping[str, Request], label: str, unit: str) -> None:
        """Batches are planned over all requests, so that a resumed run batches, and rounds, as an uninterrupted one."""
        keys, key_of = list(requests), {request: key for key, request in requests.items()}
        plan = [[requests[keys[i]] for i in batch] for batch in self.backend.batches(list(requests.values()))]
        left = len(self.store.missing(keys))
        with Progress(label, left, unit) as progress:
            while left:
                self._seconds, self._began = 0.0, 0.0
                for batch, results in self.backend.run(self._affordable(plan, key_of)):
                    now = time.monotonic()
                    rows = {key_of[request]: one for request, one in zip(batch, results, strict=True)}
                    self.store.add(self.backend.identity, rows, now - self._began)
                    self._seconds += now - self._began
                    self._began = now
                    progress.advance(len(batch))
                before, left = left, len(self.store.missing(keys))
                if left == before:
                    raise self._cap_reached(len(keys) - left, keys, unit)
        self.store.note_capabilities(self.backend.identity, self.backend.capabilities)

    def _affordable(self, plan: Sequence[Sequence[Request]], key_of: Mapping[Request, str]) -> Iterator[list[Request]]:
        """What is missing now, batch by batch, as long as even the longest completions would stay within the caps."""
        reserved = self.spent + self.store.spent(list(key_of.values()))
        for batch in plan:
            missing = self.store.missing([key_of[request] for request in batch])
            rest = [request for request in batch if key_of[request] in missing]
            if rest and self._caps.exist:
                reserved = reserved + self._at_most(rest)
                if not self._caps.allow(reserved + Spent(seconds=self._seconds)):
                    return
            if rest:
                # What a backend loads before its first batch is no part of its time.
                self._began = self._began or time.monotonic()
                yield rest

    def _at_most(self, requests: Sequence[Request]) -> Spent:
        prompt = sum(self.backend.token_counts([request.prompt + request.continuation for request in requests]))
        return Spent(prompt, sum(request.max_tokens for request in requests))

    def _cap_reached(self, done: int, keys: Sequence[str], unit: str) -> UserError:
        spent = self.spent + self.store.spent(keys)
        money = cost(spent, self._caps.prices)
        return UserError(
            f"generation stops before its cap (max_tokens {self._caps.max_tokens}, max_cost {self._caps.max_cost}): "
            f"{done} of {len(keys)} {unit} done for {spent.tokens} tokens, cost {money:.4f}. They are kept. Raise the cap "
            "(-S generation.max_tokens=… or -S generation.max_cost=…) and run again: only the rest is generated."
        )
