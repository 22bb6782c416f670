"""Tasks over labelled texts for people: a text, or two, and a label."""

from typing import Any

from gemquad.params import Filter
from gemquad.schema import LabelledText, LabelPrediction
from gemquad.tasks.base import AnyDefinition
from gemquad.tasks.settings import Classification, Similarity
from gemquad.views.task_view import AnswerView, Corrections, HubTask, PairView, PublishedDelta, Terms


class LabelledView:
    """Shows texts with a class or a number."""

    correct_where = "it is the class expected, or a number within `filter.tolerance` of the one expected"
    published: tuple[PublishedDelta, ...] = ()

    def __init__(self, task: AnyDefinition, settings: Classification | Similarity) -> None:
        self._task = task
        columns = [name for name in (settings.columns.text, settings.columns.second, settings.columns.label) if name]
        if isinstance(settings, Similarity):
            self.corrections = Corrections(columns, settings.columns.id, range=settings.range)
        else:
            self.corrections = Corrections(columns, settings.columns.id, settings.labels)
        if isinstance(settings, Similarity):
            self.terms = Terms("example", "pair")
            self.hub_task = HubTask("text-classification", "semantic-similarity-scoring")
        else:
            inputs = "multi-input-text" if settings.columns.second is not None else "multi-class"
            self.terms = Terms("example", "text")
            self.hub_task = HubTask("text-classification", f"{inputs}-classification")

    def pair(self, pair: LabelledText) -> PairView:
        """The texts and the label of a synthetic pair."""
        second = [("second text", pair.second)] if pair.second else []
        return PairView([("text", pair.text), *second], pair.label)

    def answer(self, prediction: LabelPrediction, example: LabelledText, rule: Filter) -> AnswerView:
        """Correct where the filter would keep a pair with that label."""
        texts = " / ".join(text for text in (example.text, example.second) if text)
        correct = self._task.agreement(prediction.answer, example, rule) >= self._task.agreement_threshold(rule)
        return AnswerView(texts, prediction.expected, prediction.answer, correct)

    def hub_row(self, pair: LabelledText) -> dict[str, Any]:
        """The text, or both under the names of transformers' pipeline, and the label."""
        second = {"text_pair": pair.second} if pair.second else {}
        return {"id": pair.id, "text": pair.text, **second, "label": pair.label}
