"""What a student of a task computes: from an example to model inputs, and from the model's output to an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from torch import Tensor
from transformers import PreTrainedTokenizerBase
from transformers.utils import ModelOutput

from gemquad.tasks.answers import Answer
from gemquad.tasks.columns import Column
from gemquad.tasks.settings import Settings
from gemquad.text.spans import Span


class ReadingSettings(Protocol):
    """How a student reads and answers: the settings of `params.Student` that a saved student takes along."""

    @property
    def max_length(self) -> int:
        """The most tokens of a model input."""

    @property
    def stride(self) -> int:
        """The number of tokens that two neighbouring windows of a passage share."""

    @property
    def max_answer_tokens(self) -> int:
        """The most tokens of an extracted answer."""

    @property
    def eval_batch_size(self) -> int:
        """The number of model inputs of `max_length` tokens that are answered at once; of shorter ones more."""


@dataclass(frozen=True)
class Input:
    """What the student reads: a text and, where the task has two, a second one.

    `target`, for training, is a place in `text`, the number of a class, or a value from 0 to 1; `weight` is the share of the loss.
    """

    text: str
    second: str = ""
    target: Span | int | float | None = None
    weight: float = 1.0


@dataclass(frozen=True)
class Encoded:
    """One model input: the token ids of `inputs[example]`, or of a window of one that is too long for the model."""

    example: int
    input_ids: list[int]
    segments: list[int] | None = field(default=None, kw_only=True)
    """The text, 0 or 1, that each token belongs to, for models that are told (BERT's); None for all others."""

    @property
    def tokens(self) -> dict[str, list[int]]:
        """The model's inputs by the names that transformers gives them."""
        own = {"input_ids": self.input_ids}
        return own if self.segments is None else {**own, "token_type_ids": self.segments}


X = TypeVar("X", bound=Encoded)


class Head(Protocol[X]):
    """The task-specific part of a student: architecture, encoding, decoding, and the rows of its input and output."""

    @property
    def settings(self) -> Settings:
        """The task that the head was made for."""

    @property
    def architecture(self) -> Any:
        """The `AutoModelFor…` class that gives a checkpoint this head."""

    @property
    def options(self) -> dict[str, Any]:
        """Keyword arguments of the architecture's `from_pretrained`, e.g. the names of the classes."""

    def input(self, record: Any) -> Input:
        """A labelled or synthetic example as the student reads it, with its truth as the target."""

    def check(self, inputs: Sequence[Input]) -> None:
        """Check that a student can learn the task from `inputs`.

        Raises:
            UserError: it cannot, because all have the same truth.
        """

    def losses(self, output: ModelOutput, batch: Mapping[str, Tensor]) -> Tensor:
        """The loss of each row of a training batch, (batch,); it does not depend on the row's neighbours."""

    def encode(self, inputs: Sequence[Input], tokenizer: PreTrainedTokenizerBase, settings: ReadingSettings) -> list[X]:
        """One or more model inputs for each example, in order."""

    def training_item(self, encoded: X, inputs: Sequence[Input]) -> dict[str, Any]:
        """The Trainer's row of one model input: token ids and target."""

    def answers(
        self, batch: Sequence[X], output: ModelOutput, inputs: Sequence[Input], settings: ReadingSettings, most: int
    ) -> list[list[Answer]]:
        """1 to `most` candidate answers for each model input of a batch, the most confident first."""

    @property
    def input_columns(self) -> tuple[Column, ...]:
        """The columns of an input row."""

    @property
    def output_columns(self) -> tuple[Column, ...]:
        """The columns of an output row."""

    @property
    def example_row(self) -> dict[str, str]:
        """A short row of `input_columns`, for signatures and documentation."""

    def input_of_row(self, row: Mapping[str, str]) -> Input:
        """An input row as an `Input` without a target."""

    def output_row(self, answer: Answer) -> dict[str, Any]:
        """An answer as a row of `output_columns`."""


AnyHead = Head[Any]


def mean_loss(losses: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
    """The mean of the rows' losses, (batch,), a scalar; where the batch has `weight`, (batch,), of the losses times that."""
    return (losses * batch["weight"]).mean() if "weight" in batch else losses.mean()
