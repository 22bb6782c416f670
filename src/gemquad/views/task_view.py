"""The protocol of a task's view: how people and the hub see examples, pairs and answers. The method runs without it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from gemquad.params import Filter


class PairView(NamedTuple):
    """A synthetic pair to read: named texts, the answer they were generated for, and its place in `passage` where there is one.

    `start` counts code points of the passage; -1 without a passage.
    """

    lines: Sequence[tuple[str, str]]
    answer: str
    passage: str = ""
    start: int = -1


class AnswerView(NamedTuple):
    """One answer to one example to read: the input, what was expected, what was answered, whether that is correct."""

    input: str
    expected: str
    answer: str
    correct: bool


class Terms(NamedTuple):
    """The nouns for the task's examples, and for what is resampled together (the same for examples that stand alone)."""

    example: str
    group: str


class HubTask(NamedTuple):
    """The hub's names for the task: its pipeline, under which models and data are found, and the finer id of its data."""

    pipeline: str
    task_id: str


class PublishedDelta(NamedTuple):
    """A difference on test that the task's paper reports, in points; `against` is the name of a system."""

    language: str
    metric: str
    against: str
    value: float


class Corrections(NamedTuple):
    """How a file of corrected pairs is written: SQuAD's document where there are no `columns`, else a JSON row for each pair.

    `columns` name those of the texts, in the order of `PairView.lines`, and last that of the label; `id` is that of the id.
    `labels` are the classes by our name with what the label column holds for each, `range` the ends of a number; one of them is
    empty, or both where an answer is a piece of the passage.
    """

    columns: Sequence[str] = ()
    id: str | None = None
    labels: Mapping[str, str] = {}
    range: Sequence[float] = ()


class AnyTaskView(Protocol):
    """A task for people: report, cards, comparisons and MLflow's tables are written against it.

    `terms` are the nouns for its examples, `hub_task` the hub's names for it, `correct_where` the end of the sentence "An answer
    is right where …", `published` the differences that the task's paper reports, `corrections` the form of a file of pairs
    that people corrected. Records are those of the task.
    """

    terms: Terms
    hub_task: HubTask
    correct_where: str
    published: tuple[PublishedDelta, ...]
    corrections: Corrections

    def pair(self, pair: Any) -> PairView:
        """A synthetic pair to read."""

    def answer(self, prediction: Any, example: Any, rule: Filter) -> AnswerView:
        """An answer to `example` to read; `rule` says how far numbers may be apart."""

    def hub_row(self, pair: Any) -> dict[str, Any]:
        """A pair under the names of columns that data of this task have on the hub."""
