"""What the heads over one text or two have in common: how texts are encoded, and that examples of one label are refused.

The model reads marks and texts as GPT does (Radford et al. 2018, "Improving Language Understanding by Generative
Pre-Training", section 3.3): a mark before, between and behind them. XLM-R's tokenizer sets all of its own, Gemma's sets <bos>
before each text; the missing ones are <eos>. So a decoder, whose head reads the last token, sums up at a mark behind both texts.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerBase
from transformers.utils import ModelOutput

from gemquad.errors import UserError
from gemquad.schema import LabelledText, SilverText
from gemquad.tasks.answers import Answer
from gemquad.tasks.columns import SECOND, TEXT, Column
from gemquad.tasks.head import Encoded, Input, ReadingSettings
from gemquad.tasks.settings import Classification, Similarity

_MARKS = 2
"""The most marks that are added to a tokenizer's own: one behind each text."""


class TextHead(ABC):
    """Reads one text or two, as a whole; subclasses compute a class or a number from it."""

    architecture = AutoModelForSequenceClassification
    settings: Classification | Similarity

    @property
    @abstractmethod
    def options(self) -> dict[str, Any]:
        """Keyword arguments of the architecture's `from_pretrained`."""

    @abstractmethod
    def target(self, label: str) -> int | float:
        """The label in the form of the loss: the index of a class, or a value from 0 to 1."""

    @abstractmethod
    def name(self, target: Any) -> str:
        """The label of a target, for messages."""

    @abstractmethod
    def answers(
        self,
        batch: Sequence[Encoded],
        output: ModelOutput,
        inputs: Sequence[Input],
        settings: ReadingSettings,
        most: int,
    ) -> list[list[Answer]]:
        """From logits, (texts, outputs), to at most `most` answers for each text, the likeliest first."""

    @abstractmethod
    def losses(self, output: ModelOutput, batch: Mapping[str, Tensor]) -> Tensor:
        """The loss of each text, (texts,), from logits, (texts, outputs)."""

    @property
    def input_columns(self) -> tuple[Column, ...]:
        """One text, or two where the task is about pairs."""
        return (TEXT, SECOND) if self.settings.columns.second else (TEXT,)

    @property
    def example_row(self) -> dict[str, str]:
        """A short text, or two."""
        return {column.name: "Ana lives in Lima." for column in self.input_columns}

    def input_of_row(self, row: Mapping[str, str]) -> Input:
        """The text, or both texts, of a row."""
        return Input(row["text"], row["second"] if self.settings.columns.second else "")

    def input(self, record: LabelledText) -> Input:
        """The texts with their label as the target."""
        weight = record.weight if isinstance(record, SilverText) else 1.0
        return Input(record.text, record.second, self.target(record.label), weight)

    def check(self, inputs: Sequence[Input]) -> None:
        """Require at least two different labels.

        Raises:
            UserError: all examples have one label.
        """
        if len({one.target for one in inputs}) == 1:
            raise UserError(
                f"All {len(inputs)} training examples have the label {self.name(inputs[0].target)}: a student cannot learn "
                "from one label alone. Add examples of other labels, or correct task.labels and task.columns.label."
            )

    def encode(
        self, inputs: Sequence[Input], tokenizer: PreTrainedTokenizerBase, settings: ReadingSettings
    ) -> list[Encoded]:
        """One model input for each example; what is too long is cut at the end of the longer text."""
        if not inputs:
            return []
        seconds = [one.second for one in inputs]
        encoded = tokenizer(
            [one.text for one in inputs],
            seconds if any(seconds) else None,
            truncation="longest_first",
            max_length=settings.max_length - _MARKS,
        )
        told = encoded.get("token_type_ids")
        result = []
        for example, input_ids in enumerate(encoded["input_ids"]):
            parts = encoded.sequence_ids(example)
            segments = _marked(told[example], parts, None) if told else None
            result.append(Encoded(example, _marked(input_ids, parts, tokenizer.eos_token_id), segments=segments))
        return result

    def training_item(self, encoded: Encoded, inputs: Sequence[Input]) -> dict[str, Any]:
        """The token ids, and the target as `labels`."""
        return {**encoded.tokens, "labels": inputs[encoded.example].target}


def _marked(values: list[int], parts: list[int | None], mark: int | None) -> list[int]:
    """`mark` behind each text behind which the tokenizer sets none; `parts[i]` is the text of token `i`, None for marks.

    `values` are the tokens, or with None as the `mark` their segments: a mark belongs to the text before it.
    """
    marked = []
    for value, part, following in zip(values, parts, [*parts[1:], -1], strict=True):
        marked.append(value)
        if part is not None and following not in (part, None):
            marked.append(value if mark is None else mark)
    return marked
