"""The protocol of a task's view: how people and the hub see examples, pairs and answers. The method runs without it.

`E` is the record of human-labelled examples, `S` that of synthetic ones, `P` that of predictions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from gemquad.params import Filter
from gemquad.schema import Example, Prediction

E_contra = TypeVar("E_contra", bound=Example, contravariant=True)
S_contra = TypeVar("S_contra", bound=Example, contravariant=True)
P_contra = TypeVar("P_contra", bound=Prediction, contravariant=True)


@dataclass(frozen=True)
class PairView:
    """A synthetic pair to read: named texts, the answer they were generated for, and its place in `passage` where there is one.

    `start` counts code points of the passage; -1 without a passage.
    """

    lines: Sequence[tuple[str, str]]
    answer: str
    passage: str = ""
    start: int = -1


@dataclass(frozen=True)
class AnswerView:
    """One answer to one example to read: the input, what was expected, what was answered, whether that is correct."""

    input: str
    expected: str
    answer: str
    correct: bool


@dataclass(frozen=True)
class Terms:
    """The nouns for the task's examples, and for what is resampled together (the same for examples that stand alone)."""

    example: str
    group: str


@dataclass(frozen=True)
class HubTask:
    """The hub's names for the task: its pipeline, under which models and data are found, and the finer id of its data."""

    pipeline: str
    task_id: str


@dataclass(frozen=True)
class PublishedDelta:
    """A difference on test that the task's paper reports, in points; `against` is the name of a system."""

    language: str
    metric: str
    against: str
    value: float


class TaskView(Protocol[E_contra, S_contra, P_contra]):
    """A task for people: report, cards, comparisons and MLflow's tables are written against it."""

    @property
    def terms(self) -> Terms:
        """The nouns for the task's examples."""

    @property
    def hub_task(self) -> HubTask:
        """The hub's names for the task."""

    @property
    def correct_where(self) -> str:
        """The end of the sentence "An answer is right where …": when `answer` counts an answer as correct."""

    @property
    def published(self) -> tuple[PublishedDelta, ...]:
        """The differences that the task's paper reports, to compare with."""

    def pair(self, pair: S_contra) -> PairView:
        """A synthetic pair to read."""

    def answer(self, prediction: P_contra, example: E_contra, rule: Filter) -> AnswerView:
        """An answer to `example` to read; `rule` says how far numbers may be apart."""

    def hub_row(self, pair: S_contra) -> dict[str, Any]:
        """A pair under the names of columns that data of this task have on the hub."""


AnyTaskView = TaskView[Any, Any, Any]
