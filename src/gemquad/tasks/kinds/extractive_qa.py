"""Extractive question answering: a passage, a question about it, and a span of the passage that answers it."""

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gemquad.params import Filter
from gemquad.schema import Passage, PassagePrompt, Question, SpanPrediction, SyntheticPair
from gemquad.scoring.metrics import EXTRACTION
from gemquad.scoring.qa import best_over_references
from gemquad.spans import Span
from gemquad.tasks.answers import Answer
from gemquad.tasks.kinds.base import CLEAN, Facts, HubTask, Marked, Nouns, Probe, PublishedDelta, Records, Shown
from gemquad.tasks.kinds.corruption import CORRUPTIONS, Gold, corrupt
from gemquad.tasks.settings import ExtractiveQA

GEMQUAD = tuple(
    PublishedDelta(language, metric, against, value)
    for language, metric, against, value in [
        ("es", "f1", "baseline", 3.81),
        ("es", "exact_match", "baseline", 3.69),
        ("hi", "f1", "baseline", 5.05),
        ("hi", "exact_match", "baseline", 6.50),
        ("es", "f1", "translated", 0.82),
        ("es", "exact_match", "translated", 1.37),
        ("hi", "f1", "translated", 0.22),
        ("hi", "exact_match", "translated", 1.68),
    ]
)
"""The gains that GeMQuAD reports on MLQA test (arXiv 2404.09163, abstract), in points."""


class ExtractiveQATask:
    """The task of GeMQuAD: SQuAD-style questions, scored as MLQA does."""

    records = Records(Question, SyntheticPair, PassagePrompt, SpanPrediction)
    metrics = tuple(EXTRACTION.values())
    nouns = Nouns("question", "passage")
    hub_task = HubTask("question-answering", "extractive-qa")
    right_where = "it equals a reference after normalisation"
    published = GEMQUAD
    corruptions = CORRUPTIONS

    def __init__(self, settings: ExtractiveQA) -> None:
        self.name = settings.name

    def prediction(self, example: Question, split: str, answer: Answer) -> SpanPrediction:
        """F1 and exact match as MLQA defines them, the best over the references."""
        f1, exact_match = best_over_references(answer.text, example.answers, example.language)
        return SpanPrediction(
            example.id, example.language, split, answer.text, answer.confidence, answer.start, f1, exact_match
        )

    def columns(self, predictions: Sequence[SpanPrediction]) -> NDArray[np.float64]:
        """F1 and exact match of each."""
        return np.array([[p.f1, p.exact_match] for p in predictions], dtype=np.float64).reshape(-1, 2)

    def group(self, example: Question | SyntheticPair) -> str:
        """Questions about one passage."""
        return example.passage

    def agreement(self, answer: str, pair: SyntheticPair, rule: Filter) -> float:
        """F1, or exact match, of the weak labeler's answer against the generator's."""
        f1, exact_match = best_over_references(answer, [pair.answer], pair.language)
        return exact_match if rule.agreement == "exact" else f1

    def least_agreement(self, rule: Filter) -> float:
        """All, or `filter.min_f1`."""
        return 1.0 if rule.agreement == "exact" else rule.min_f1

    def probes(self, examples: Sequence[Question], seed: int) -> list[Probe[SyntheticPair]]:
        """A clean and a corrupted pair of every question, language after language; the kinds of corruption take turns."""
        found = []
        for language in dict.fromkeys(question.language for question in examples):
            own = [question for question in examples if question.language == language]
            gold, turns = Gold.of(own), Random(f"{seed}/{language}").sample(range(len(own)), len(own))
            for question, turn in zip(own, turns, strict=True):
                corrupted = corrupt(question, gold, turn, Random(f"{seed}/{language}/{question.id}"))
                if corrupted:
                    answer = Span(question.answer_starts[0], question.answer_starts[0] + len(question.answers[0]))
                    found.append(_probe(question, CLEAN, question.question, answer))
                    found.append(_probe(question, corrupted.corruption, corrupted.asked.question, corrupted.span))
        return found

    def shown(self, pair: SyntheticPair) -> Shown:
        """The question, and its answer marked in the passage."""
        return Shown([("question", pair.question)], pair.answer, pair.passage, pair.answer_start)

    def marked(self, prediction: SpanPrediction, example: Question, rule: Filter) -> Marked:
        """Right by exact match, whatever the filter asks for."""
        references = " / ".join(dict.fromkeys(example.answers))
        return Marked(example.question, references, prediction.answer, prediction.exact_match == 1)

    def hub_row(self, pair: SyntheticPair) -> dict[str, Any]:
        """As SQuAD has it, so that what trains on SQuAD trains on it."""
        answers = {"text": [pair.answer], "answer_start": [pair.answer_start]}
        return {"id": pair.id, "context": pair.passage, "question": pair.question, "answers": answers}

    def variant(self, prompt: PassagePrompt) -> str:
        """All prompts are alike."""
        return ""

    def facts(self, pairs: Sequence[SyntheticPair]) -> Facts:
        """The share of answers that stand in their passage at their offset."""
        extractive = sum(p.passage[p.answer_start : p.answer_start + len(p.answer)] == p.answer for p in pairs)
        return Facts({"extractive_share": extractive / len(pairs) if pairs else 0.0})


def _probe(question: Question, corruption: str, asked: str, answer: Span) -> Probe[SyntheticPair]:
    pair = SyntheticPair(
        id=f"{question.id}/{corruption or 'clean'}",
        language=question.language,
        passage_id=Passage.id_of(question.passage),
        passage=question.passage,
        question=asked,
        answer=question.passage[answer.start : answer.end],
        answer_start=answer.start,
    )
    return Probe(pair, corruption)
