"""The head of a regression: one number within the range that the configuration names."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn
from transformers.utils import ModelOutput

from gemquad.tasks.answers import Answer
from gemquad.tasks.columns import VALUE
from gemquad.tasks.head import Encoded, Input, ReadingSettings
from gemquad.tasks.labelled.head import TextHead
from gemquad.tasks.settings import Similarity


class ValueHead(TextHead):
    """Computes one score, trained by mean squared error on the range scaled to 0..1."""

    settings: Similarity
    output_columns = (VALUE,)

    def __init__(self, settings: Similarity) -> None:
        self.settings = settings
        self._low, self._high = settings.range

    @property
    def options(self) -> dict[str, Any]:
        """A single output; a checkpoint's own head for something else is replaced by a new one."""
        return {"num_labels": 1, "problem_type": "regression", "ignore_mismatched_sizes": True}

    def target(self, label: str) -> float:
        """The number scaled to 0..1."""
        return (float(label) - self._low) / (self._high - self._low)

    def name(self, target: float) -> str:
        """The number in the task's range, for messages."""
        return f"{self._value(target):g}"

    def answers(
        self,
        batch: Sequence[Encoded],
        output: ModelOutput,
        inputs: Sequence[Input],
        settings: ReadingSettings,
        most: int,
    ) -> list[list[Answer]]:
        """The one number of each text, within the range, from logits, (texts, 1)."""
        parts = output["logits"].float().squeeze(-1).clamp(0, 1).tolist()  # (texts, 1) -> (texts,)
        return [[Answer(f"{self._value(part):.4f}", -1, 1.0)] for part in parts]

    def weighted_loss(self, logits: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
        """Squared error, from logits (texts, 1)."""
        errors = nn.functional.mse_loss(logits.float().squeeze(-1), batch["labels"], reduction="none")  # (texts,)
        return (errors * batch["weight"]).mean()

    def output_row(self, answer: Answer) -> dict[str, Any]:
        """The number as the row's `value`."""
        return {"value": float(answer.text)}

    def _value(self, part: float) -> float:
        return self._low + part * (self._high - self._low)
