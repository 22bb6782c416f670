"""Extractive question answering for people: a question, and its answer marked in the passage."""

from typing import Any

from gemquad.params import Filter
from gemquad.schema import Question, SpanPrediction, SyntheticPair
from gemquad.views.task_view import AnswerView, Corrections, HubTask, PairView, PublishedDelta, Terms

GEMQUAD = tuple(
    PublishedDelta(language, metric, against, value)
    for language, against, values in (
        ("es", "baseline", (3.81, 3.69)),
        ("hi", "baseline", (5.05, 6.50)),
        ("es", "translated", (0.82, 1.37)),
        ("hi", "translated", (0.22, 1.68)),
    )
    for metric, value in zip(("f1", "exact_match"), values, strict=True)
)
"""The gains that GeMQuAD reports on MLQA test (arXiv 2404.09163, abstract), in points."""


class ExtractiveQAView:
    """Shows questions and their answer spans, as SQuAD has them."""

    terms = Terms("question", "passage")
    hub_task = HubTask("question-answering", "extractive-qa")
    correct_where = "it equals a reference after normalisation"
    published = GEMQUAD
    corrections = Corrections()

    def pair(self, pair: SyntheticPair) -> PairView:
        """The question, and its answer marked in the passage."""
        return PairView([("question", pair.question)], pair.answer, pair.passage, pair.answer_start)

    def answer(self, prediction: SpanPrediction, example: Question, rule: Filter) -> AnswerView:
        """Correct by exact match, whatever the filter asks for."""
        references = " / ".join(dict.fromkeys(example.answers))
        return AnswerView(example.question, references, prediction.answer, prediction.exact_match == 1)

    def hub_row(self, pair: SyntheticPair) -> dict[str, Any]:
        """A row in SQuAD's columns, so that code for SQuAD can train on it."""
        answers = {"text": [pair.answer], "answer_start": [pair.answer_start]}
        return {"id": pair.id, "context": pair.passage, "question": pair.question, "answers": answers}
