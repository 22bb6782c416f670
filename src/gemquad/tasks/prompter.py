"""What the generator is asked for a task, and how its completions are read.

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
    """What prompts are made of: solved examples, passages where the task has them, and the languages to write in."""

    languages: Sequence[str]
    exemplars: Sequence[E]
    passages: Sequence[Passage]


@dataclass(frozen=True)
class ParsedCompletion(Generic[S_co]):
    """A completion read: the synthetic pair, or the reason why there is none (`outcome` is then not "ok")."""

    outcome: str
    pair: S_co | None = None


class Prompter(Protocol[E, S, Q]):
    """The generator's side of a task: it writes synthetic pairs, ranks them, or solves the task itself."""

    def prompts(self, sources: PromptSources[E], sampling: Sampling, seed: int) -> list[Q]:
        """All prompts of a run, each with its own draw of exemplars and sampling settings.

        Raises:
            UserError: there are fewer exemplars than the settings ask for.
        """

    def request(self, prompt: Q) -> Request:
        """What the backend is asked for a prompt."""

    def parse(self, prompt: Q, generated: GenerationResult) -> ParsedCompletion[S]:
        """Read a completion, and name what, if anything, keeps it from being a pair."""

    def identity(self, pair: S) -> Hashable:
        """Two pairs of one identity are the same pair twice."""

    def block(self, pair: S) -> Hashable:
        """Only pairs of one block may be near-duplicates."""

    def compared_text(self, pair: S) -> str:
        """The text in which near-duplicates are alike."""

    def are_comparable(self, first: S, second: S) -> bool:
        """Whether nearly the same text makes one of the two superfluous."""

    def stratum(self, pair: S) -> Hashable:
        """Pairs are ranked, and the best chosen, among those of one stratum."""

    def ranked_text(self, pair: S, conditioned: bool) -> tuple[str, str]:
        """(prompt, continuation) to score the pair's answer: conditioned on its question or texts or, for its prior, not."""

    def few_shot_exemplars(self, exemplars: Sequence[E], seed: int) -> list[E]:
        """The exemplars, of all `exemplars`, beside which the generator itself is to solve the task few-shot."""

    def solve_requests(self, example: E, exemplars: Sequence[E]) -> list[Request]:
        """What the backend is asked to solve one example few-shot with `exemplars`, or zero-shot without any."""

    def read_answer(self, example: E, results: Sequence[GenerationResult]) -> Answer:
        """The answer in the generator's results for `solve_requests`, in their order."""


AnyPrompter = Prompter[Any, Any, Any]
