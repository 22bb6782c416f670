"""The generator's side of a task: its prompts, and how its completions are read.

`E` is the record of human-labelled examples, `S` that of synthetic ones, `Q` that of prompts.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from gemquad.params import Sampling
from gemquad.schema import Example, Passage, Prompt
from gemquad.tasks.answers import Answer
from gemquad.tasks.requests import GenerationResult, Request

E = TypeVar("E", bound=Example)
S = TypeVar("S", bound=Example)
S_co = TypeVar("S_co", bound=Example, covariant=True)
Q = TypeVar("Q", bound=Prompt)

OK = "ok"


@dataclass(frozen=True)
class PromptSources(Generic[E]):
    """The material of prompts: solved examples, passages where the task has them, and the languages to write in."""

    languages: Sequence[str]
    exemplars: Sequence[E]
    passages: Sequence[Passage]


@dataclass(frozen=True)
class ParsedCompletion(Generic[S_co]):
    """A parsed completion: the synthetic pair, or the reason why there is none (`outcome` is then not "ok")."""

    outcome: str
    pair: S_co | None = None


class Prompter(Protocol[E, S, Q]):
    """Builds prompts, reads synthetic pairs and asks how likely they are, and lets the generator itself solve the task."""

    def prompts(self, sources: PromptSources[E], sampling: Sampling, seed: int) -> list[Q]:
        """All prompts of a run, each with its own draw of exemplars and sampling settings.

        Raises:
            UserError: there are fewer exemplars than the settings ask for.
        """

    def request(self, prompt: Q) -> Request:
        """The request to complete a prompt."""

    def parse(self, prompt: Q, generated: GenerationResult) -> ParsedCompletion[S]:
        """Read a completion; the outcome names the reason if it is not a pair."""

    def identity(self, pair: S) -> Hashable:
        """A key: pairs with equal keys are repeats of each other."""

    def block(self, pair: S) -> Hashable:
        """A key: only pairs with equal keys can be near-duplicates."""

    def compared_text(self, pair: S) -> str:
        """The text that near-duplicate search compares."""

    def are_comparable(self, first: S, second: S) -> bool:
        """Whether one of two pairs with nearly the same text is superfluous."""

    def ranked_text(self, pair: S, conditioned: bool) -> tuple[str, str]:
        """(prompt, continuation) to score the pair's answer: conditioned on its question or texts or, for its prior, not."""

    def turned_round(self, examples: Sequence[E | S], seed: int) -> list[tuple[str, str]]:
        """(prompt, continuation) of each example, of gold or of synthetic pairs, from which a generator learns to write such ones.

        The prompt is the one that would ask for the example, its exemplars drawn from those of `examples` that are over another
        text; the continuation is what `parse` reads the example from.

        Raises:
            UserError: there are fewer examples than a prompt shows.
        """

    def few_shot_exemplars(self, exemplars: Sequence[E], seed: int) -> list[E]:
        """The exemplars, chosen from `exemplars`, with which the generator itself solves the task few-shot."""

    def solve_requests(self, example: E, exemplars: Sequence[E]) -> list[Request]:
        """The requests to solve one example, few-shot with `exemplars` or zero-shot without any."""

    def read_answer(self, example: E, results: Sequence[GenerationResult]) -> Answer:
        """The answer in the results of `solve_requests`, which are in the order of the requests."""


AnyPrompter = Prompter[Any, Any, Any]
