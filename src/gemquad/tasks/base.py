"""The protocol of a task: the one place that knows what an example is.

A `Definition` says what an example is, when two answers agree and how answers are scored. A `Task` has besides the file format, the
prompts and the student's head of its kind. `E` is the record of human-labelled examples (gold, exemplars, dev, test), `S` that of
synthetic ones, `P` that of predictions.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from gemquad.params import Filter
from gemquad.schema import Example, Prediction, Prompt
from gemquad.scoring.metrics import Metric
from gemquad.tasks.answers import Answer
from gemquad.tasks.settings import Settings

if TYPE_CHECKING:
    from gemquad.sources.format import AnyFormat
    from gemquad.tasks.head import AnyHead
    from gemquad.tasks.prompter import AnyPrompter

E = TypeVar("E", bound=Example)
S = TypeVar("S", bound=Example)
P = TypeVar("P", bound=Prediction)
S_co = TypeVar("S_co", bound=Example, covariant=True)


@dataclass(frozen=True)
class Records(Generic[E, S, P]):
    """The records in which a task's examples cross stage boundaries."""

    example: type[E]
    synthetic: type[S]
    silver: type[S]
    prompt: type[Prompt]
    prediction: type[P]


CLEAN = ""
"""The corruption of a pair that is gold's own."""


@dataclass(frozen=True)
class AuditPair(Generic[S_co]):
    """A pair of known truth: gold's own where `corruption` is `CLEAN`, else one that was made wrong in that way."""

    pair: S_co
    corruption: str


@dataclass(frozen=True)
class PairTexts:
    """The texts of a synthetic pair: the passage it is about ("" without one), what was generated about it, and the answer.

    The labeler reads `passage` and `generated`, and is held against `answer`.
    """

    passage: str
    generated: tuple[str, ...]
    answer: str


@dataclass(frozen=True)
class Facts:
    """Facts about a set of synthetic pairs: numbers by name, and warnings as sentences."""

    numbers: Mapping[str, float] = field(default_factory=dict)
    warnings: Sequence[str] = ()


class Definition(Protocol[E, S, P]):
    """Defines what an example is, when two answers agree and how answers are scored."""

    @property
    def name(self) -> str:
        """The task's name, `task.name`."""

    @property
    def records(self) -> Records[E, S, P]:
        """The records of its examples, prompts and predictions."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The task's metrics; tables show the first one first."""

    @property
    def corruptions(self) -> tuple[str, ...]:
        """The names of the ways in which `audit_pairs` makes an example wrong."""

    def prediction(self, example: E, split: str, answer: Answer) -> P:
        """The prediction record of an answer to `example`, with the expected answer or its scores."""

    def columns(self, predictions: Sequence[P]) -> NDArray[np.float64]:
        """The columns from which the metrics are computed, [predictions, k]."""

    def group(self, example: E | S) -> str:
        """The key of an example's group: the bootstrap resamples a group's correlated examples together."""

    def stratum(self, pair: S) -> Hashable:
        """A key: the likeliest pairs are chosen among those with equal keys."""

    def with_answer(self, pair: S, answer: Answer) -> S:
        """The pair with another answer or label."""

    def pair(self, example: E) -> S:
        """A human-labelled example as a pair, as if it had been generated."""

    def agreement(self, answer: str, pair: S, rule: Filter) -> float:
        """The agreement, 0 to 1, of the weak labeler's answer with the answer or label of the pair."""

    def agreement_threshold(self, rule: Filter) -> float:
        """The least agreement, 0 to 1, at which a pair can be silver."""

    def audit_pairs(self, examples: Sequence[E], seed: int) -> list[AuditPair[S]]:
        """A clean and a corrupted pair of every example that can be corrupted, drawn with `seed`."""

    def texts(self, pair: S) -> PairTexts:
        """The texts of the pair."""

    def variant(self, prompt: Any) -> str:
        """The name of the prompt's variant, where diversity is compared between variants; else ""."""

    def facts(self, pairs: Sequence[S]) -> Facts:
        """Facts about the synthetic pairs of one language."""


class Task(Definition[E, S, P], Protocol[E, S, P]):
    """A complete task: a definition with its file format, its prompter and its head. `loading.load_task` makes it."""

    @property
    def settings(self) -> Settings:
        """The `task` section of params.yaml."""

    @property
    def format(self) -> "AnyFormat":
        """The file format of the task's examples."""

    @property
    def prompter(self) -> "AnyPrompter":
        """Builds the generator's prompts and reads its completions. Requires a task that was loaded with its `prompting`."""

    def head(self) -> "AnyHead":
        """The head of the student. A method, because it imports torch."""


AnyDefinition = Definition[Any, Any, Any]
AnyTask = Task[Any, Any, Any]
