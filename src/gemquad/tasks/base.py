"""The protocol of a task: the one place that knows what an example is.

A `Definition` says what an example is, when two answers agree and how answers are scored. A `Task` has besides the file format, the
prompts and the student's head of its kind. `E` is the record of human-labelled examples (gold, exemplars, dev, test), `S` that of
synthetic ones, `P` that of predictions.
"""

from collections.abc import Mapping, Sequence
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
    """What a set of synthetic pairs is like: numbers by name, and sentences on what is wrong with it."""

    numbers: Mapping[str, float] = field(default_factory=dict)
    warnings: Sequence[str] = ()


class Definition(Protocol[E, S, P]):
    """What an example is, when two answers agree, how answers are scored."""

    @property
    def name(self) -> str:
        """`task.name`, by which users know it."""

    @property
    def records(self) -> Records[E, S, P]:
        """The records of its examples, prompts and predictions."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The first one is what a table shows first."""

    @property
    def corruptions(self) -> tuple[str, ...]:
        """The ways in which `audit_pairs` makes an example wrong."""

    def prediction(self, example: E, split: str, answer: Answer) -> P:
        """An answer beside what was expected."""

    def columns(self, predictions: Sequence[P]) -> NDArray[np.float64]:
        """What the metrics are computed from, [predictions, k]."""

    def group(self, example: E | S) -> str:
        """A key: the examples that share it rise and fall together, so the bootstrap resamples them together."""

    def agreement(self, answer: str, pair: S, rule: Filter) -> float:
        """How far the weak labeler's answer agrees with what the pair was generated for, 0 to 1."""

    def agreement_threshold(self, rule: Filter) -> float:
        """The agreement, 0 to 1, from which a pair can be silver."""

    def audit_pairs(self, examples: Sequence[E], seed: int) -> list[AuditPair[S]]:
        """A clean and a corrupted pair of every example that can be corrupted, drawn with `seed`."""

    def texts(self, pair: S) -> PairTexts:
        """What the pair consists of."""

    def variant(self, prompt: Any) -> str:
        """The name of the prompt's variety, where diversity is compared between several; else ""."""

    def facts(self, pairs: Sequence[S]) -> Facts:
        """What the synthetic pairs of one language are like."""


class Task(Definition[E, S, P], Protocol[E, S, P]):
    """A definition with the rest of its kind: one folder of `tasks/`. `loading.load_task` makes it."""

    @property
    def settings(self) -> Settings:
        """The `task` section of params.yaml."""

    @property
    def format(self) -> "AnyFormat":
        """The files that its examples come in."""

    @property
    def prompter(self) -> "AnyPrompter":
        """What the generator is asked, and how its completions are read. Only of a task that was loaded with its `prompting`."""

    def head(self) -> "AnyHead":
        """What the student computes. A method, because it loads torch."""


AnyDefinition = Definition[Any, Any, Any]
AnyTask = Task[Any, Any, Any]
