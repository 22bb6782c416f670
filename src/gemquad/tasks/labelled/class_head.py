"""The head of a classifier: a probability for every class that the configuration names."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor
from transformers.utils import ModelOutput

from gemquad.tasks.answers import Answer
from gemquad.tasks.columns import LABEL, SCORE
from gemquad.tasks.head import Encoded, Input, ReadingSettings, cross_entropy
from gemquad.tasks.labelled.head import TextHead
from gemquad.tasks.settings import Classification


class ClassHead(TextHead):
    """Computes one score per class, in the order of `task.labels`; trained by cross-entropy."""

    settings: Classification
    output_columns = (LABEL, SCORE)

    def __init__(self, settings: Classification) -> None:
        self.settings = settings
        self.classes = tuple(settings.labels)
        self._number = {name: number for number, name in enumerate(self.classes)}

    @property
    def options(self) -> dict[str, Any]:
        """The names of the classes; a checkpoint's own head for other classes is replaced by a new one."""
        return {
            "num_labels": len(self.classes),
            "id2label": dict(enumerate(self.classes)),
            "label2id": self._number,
            "problem_type": "single_label_classification",
            "ignore_mismatched_sizes": True,
        }

    def target(self, label: str) -> int:
        """The index of the class."""
        return self._number[label]

    def name(self, target: int) -> str:
        """The name of the class in quotes, for messages."""
        return f"'{self.classes[target]}'"

    def answers(
        self,
        batch: Sequence[Encoded],
        output: ModelOutput,
        inputs: Sequence[Input],
        settings: ReadingSettings,
        most: int,
    ) -> list[list[Answer]]:
        """The likeliest classes of each text with their probabilities, from logits, (texts, classes)."""
        probabilities = output["logits"].float().softmax(-1)  # (texts, classes)
        ranked = probabilities.cpu().sort(
            stable=True, dim=-1, descending=True
        )  # values and indices, each (texts, classes)
        return [
            [
                Answer(self.classes[number], -1, value)
                for number, value in zip(numbers[:most], values[:most], strict=True)
            ]
            for numbers, values in zip(ranked.indices.tolist(), ranked.values.tolist(), strict=True)
        ]

    def weighted_loss(self, logits: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
        """Cross-entropy, from logits (texts, classes)."""
        return cross_entropy(logits, batch["labels"], batch)

    def output_row(self, answer: Answer) -> dict[str, Any]:
        """The class and its probability, 0 to 1."""
        return {"label": answer.text, "score": answer.confidence}
