"""The protocol that every backend implements, so that engine, store and accounting know none of them.

A backend takes requests in batches and returns what it generated, batch by batch, in any order. What it cannot guarantee it says in
its capabilities, and the run records them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gemquad.tasks.requests import GenerationResult, Request


@dataclass(frozen=True)
class Capabilities:
    """What a backend guarantees; recorded with every run.

    Attributes:
        seeds: the same request with the same seed gives the same text, up to floating point.
        independent: a request's text does not depend on what else is running, up to floating point.
        constraint: "extract" fields are pieces of their source.
        likelihoods: a request's `continuation` can be scored.
        ignored: settings that this backend does not apply.
    """

    seeds: bool
    independent: bool
    constraint: bool
    likelihoods: bool
    ignored: tuple[str, ...] = ()


class Backend(Protocol):
    """A source of completions. It is cheap to make: weights are loaded with the first request."""

    @property
    def capabilities(self) -> Capabilities:
        """What this backend guarantees."""

    @property
    def identity(self) -> dict[str, Any]:
        """Everything besides the request that decides a completion: model, revision, precision. Part of the store's key."""

    def batches(self, requests: Sequence[Request]) -> list[list[int]]:
        """The positions of the requests that should run together, decided by the requests alone."""

    def run(self, batches: Iterable[list[Request]]) -> Iterator[tuple[list[Request], list[GenerationResult]]]:
        """Yield every batch with its results as soon as it is done. `batches` is consumed only as capacity frees.

        Raises:
            UserError: the model cannot be loaded or reached, or refuses a request.
        """

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text, estimated where the model's tokenizer is not available."""
