"""The task protocol: the one place that knows what an example is.

`E` is the record of human-labelled examples (gold, exemplars, dev, test), `S` that of synthetic ones, `P` that of predictions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from gemquad.params import Filter
from gemquad.schema import Example, Prediction, Prompt
from gemquad.scoring.metrics import Metric
from gemquad.tasks.answers import Answer

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
class Probe(Generic[S_co]):
    """A pair of known truth: gold's own where `corruption` is `CLEAN`, else one that was made wrong in that way."""

    pair: S_co
    corruption: str


@dataclass(frozen=True)
class Shown:
    """A pair for people: named texts, the answer that was asked for, and its place in `passage` where there is one."""

    lines: Sequence[tuple[str, str]]
    answer: str
    passage: str = ""
    start: int = -1


@dataclass(frozen=True)
class Marked:
    """One answer to one example for people: what was asked, what was expected, what was answered, whether that is right."""

    asked: str
    expected: str
    answer: str
    right: bool


@dataclass(frozen=True)
class Nouns:
    """What people call the task's examples, and what is resampled together (the same for examples that stand alone)."""

    example: str
    group: str


@dataclass(frozen=True)
class HubTask:
    """What the hub calls the task: its pipeline, under which models and data are found, and the finer id of its data."""

    pipeline: str
    task_id: str


@dataclass(frozen=True)
class PublishedDelta:
    """A difference on test that the task's paper reports, in points; `against` is the name of a system."""

    language: str
    metric: str
    against: str
    value: float


@dataclass(frozen=True)
class Facts:
    """What a set of synthetic pairs is like: numbers by name, and sentences on what is wrong with it."""

    numbers: Mapping[str, float] = field(default_factory=dict)
    warnings: Sequence[str] = ()


class Task(Protocol[E, S, P]):
    """What an example is, when two answers agree, how answers are scored."""

    @property
    def name(self) -> str:
        """As users know it."""

    @property
    def records(self) -> Records[E, S, P]:
        """The records of its examples, prompts and predictions."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The first one is what a table shows first."""

    @property
    def nouns(self) -> Nouns:
        """What people call its examples."""

    @property
    def hub_task(self) -> HubTask:
        """What the hub calls it."""

    @property
    def right_where(self) -> str:
        """When `marked` calls an answer right: the end of a sentence that begins "An answer is right where"."""

    @property
    def published(self) -> tuple[PublishedDelta, ...]:
        """What the paper of the task reports, to be held against."""

    @property
    def corruptions(self) -> tuple[str, ...]:
        """The ways in which `probes` makes an example wrong."""

    def prediction(self, example: E, split: str, answer: Answer) -> P:
        """An answer beside what was expected."""

    def columns(self, predictions: Sequence[P]) -> NDArray[np.float64]:
        """What the metrics are computed from, [predictions, k]."""

    def group(self, example: E | S) -> str:
        """Examples of one group rise and fall together, so they are resampled together."""

    def agreement(self, answer: str, pair: S, rule: Filter) -> float:
        """How far the weak labeler's answer agrees with what the pair was generated for, 0 to 1."""

    def least_agreement(self, rule: Filter) -> float:
        """The agreement from which a pair can be silver."""

    def probes(self, examples: Sequence[E], seed: int) -> list[Probe[S]]:
        """A clean and a corrupted pair of every example that can be corrupted."""

    def shown(self, pair: S) -> Shown:
        """A pair for people to read."""

    def marked(self, prediction: P, example: E, rule: Filter) -> Marked:
        """The answer to `example`, marked; `rule` says how far numbers may be apart."""

    def hub_row(self, pair: S) -> dict[str, Any]:
        """A pair under the names of columns that data of this task have on the hub."""

    def variant(self, prompt: Any) -> str:
        """The kind of prompt, where the report compares several; else ""."""

    def facts(self, pairs: Sequence[S]) -> Facts:
        """What the synthetic pairs of one language are like."""


AnyTask = Task[Any, Any, Any]
