"""What tasks over labelled texts have in common."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from gemquad.params import Filter
from gemquad.schema import LabelledText, LabelPrediction, LabelPrompt
from gemquad.scoring.metrics import Metric
from gemquad.tasks.answers import Answer
from gemquad.tasks.kinds.base import Marked, PublishedDelta, Records, Shown


class LabelledTask(ABC):
    """A text, or two, with a label: what does not depend on whether that is a class or a number."""

    records = Records(LabelledText, LabelledText, LabelPrompt, LabelPrediction)
    right_where = "it is the class expected, or a number within `filter.tolerance` of the one expected"
    published: tuple[PublishedDelta, ...] = ()

    @abstractmethod
    def agreement(self, answer: str, pair: LabelledText, rule: Filter) -> float:
        """Of two labels, 0 to 1."""

    @abstractmethod
    def least_agreement(self, rule: Filter) -> float:
        """From which two labels agree."""

    def prediction(self, example: LabelledText, split: str, answer: Answer) -> LabelPrediction:
        """The label that was given beside the true one."""
        return LabelPrediction(
            example.id, example.language, split, answer.text, answer.confidence, expected=example.label
        )

    def group(self, example: LabelledText) -> str:
        """The same texts, in whatever order: some sets ask of a pair both ways."""
        return example.texts_in_any_order

    def shown(self, pair: LabelledText) -> Shown:
        """The texts and the label."""
        second = [("second text", pair.second)] if pair.second else []
        return Shown([("text", pair.text), *second], pair.label)

    def marked(self, prediction: LabelPrediction, example: LabelledText, rule: Filter) -> Marked:
        """Right where the filter would keep a pair with that label."""
        asked = " / ".join(text for text in (example.text, example.second) if text)
        right = self.agreement(prediction.answer, example, rule) >= self.least_agreement(rule)
        return Marked(asked, prediction.expected, prediction.answer, right)

    def hub_row(self, pair: LabelledText) -> dict[str, Any]:
        """The text, or both under the names of transformers' pipeline, and the label."""
        second = {"text_pair": pair.second} if pair.second else {}
        return {"id": pair.id, "text": pair.text, **second, "label": pair.label}

    def variant(self, prompt: LabelPrompt) -> str:
        """With and without a task word."""
        return "with task words" if prompt.words else "without task words"


def chosen_metrics(names: Sequence[str], known: Mapping[str, Metric]) -> tuple[Metric, ...]:
    """The metrics that the configuration names, in its order."""
    return tuple(known[name] for name in names)
