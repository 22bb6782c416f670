"""What a student of a task computes: from an example to model inputs, and from the model's output to an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from transformers import PreTrainedTokenizerBase
from transformers.utils import ModelOutput

from gemquad.params import Student
from gemquad.spans import Span
from gemquad.tasks.answers import Answer


@dataclass(frozen=True)
class Input:
    """What the student reads: a text and, where the task has two, a second one.

    `target`, for training, is a place in `text`, the number of a class, or a value from 0 to 1.
    """

    text: str
    second: str = ""
    target: Span | int | float | None = None


@dataclass(frozen=True)
class Encoded:
    """One model input: the token ids of `inputs[example]`, or of a window of one that is too long for the model."""

    example: int
    input_ids: list[int]


X = TypeVar("X", bound=Encoded)


class Head(Protocol[X]):
    """The task's part of a student: architecture, encoding, decoding."""

    @property
    def architecture(self) -> Any:
        """The `AutoModelFor…` class that gives a checkpoint this head."""

    @property
    def options(self) -> dict[str, Any]:
        """What its `from_pretrained` is told beside the checkpoint, e.g. the names of the classes."""

    def input(self, record: Any) -> Input:
        """A labelled or synthetic example as the student reads it, with its truth as the target."""

    def check(self, inputs: Sequence[Input]) -> None:
        """Whether a student can learn the task from `inputs`.

        Raises:
            UserError: it cannot, because all have the same truth.
        """

    def encode(self, inputs: Sequence[Input], tokenizer: PreTrainedTokenizerBase, settings: Student) -> list[X]:
        """One or more model inputs for each example, in order."""

    def training_item(self, encoded: X, inputs: Sequence[Input]) -> dict[str, Any]:
        """What the Trainer is given of one model input: token ids and target."""

    def answers(
        self, batch: Sequence[X], output: ModelOutput, inputs: Sequence[Input], settings: Student
    ) -> list[Answer]:
        """One candidate answer for each model input of a batch; of an example's candidates the most confident wins."""


AnyHead = Head[Any]
