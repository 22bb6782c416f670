"""Extractive question answering: a passage, a question about it, and a span of the passage that answers it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gemquad.params import Filter, Generation
from gemquad.schema import Passage, PassagePrompt, Question, SilverPair, SpanPrediction, SyntheticPair
from gemquad.scoring.metrics import EXTRACTION
from gemquad.scoring.qa import best_over_references, exact_match, f1
from gemquad.tasks.answers import Answer
from gemquad.tasks.base import CLEAN, AuditPair, Facts, PairTexts, Records
from gemquad.tasks.extractive_qa.corruption import CORRUPTIONS, Gold, corrupt
from gemquad.tasks.prompting import PassagePrompting
from gemquad.tasks.settings import ExtractiveQA
from gemquad.text.spans import Span

if TYPE_CHECKING:
    from gemquad.tasks.extractive_qa.format import SquadFormat
    from gemquad.tasks.extractive_qa.head import SpanHead
    from gemquad.tasks.extractive_qa.prompt import PassagePrompter


class ExtractiveQATask:
    """The task of GeMQuAD: SQuAD-style questions, scored as MLQA does."""

    records = Records(Question, SyntheticPair, SilverPair, PassagePrompt, SpanPrediction)
    metrics = tuple(EXTRACTION.values())
    corruptions = CORRUPTIONS

    def __init__(
        self, settings: ExtractiveQA, prompting: PassagePrompting | None = None, generation: Generation | None = None
    ) -> None:
        self.settings, self.name = settings, settings.name
        self._prompting, self._generation = prompting, generation

    @property
    def format(self) -> "SquadFormat":
        """The format of SQuAD v1.1 files."""
        from gemquad.tasks.extractive_qa.format import SquadFormat

        return SquadFormat()

    @cached_property
    def prompter(self) -> "PassagePrompter":
        """The prompter for questions about passages."""
        from gemquad.tasks.extractive_qa.prompt import PassagePrompter

        assert self._prompting and self._generation, "a task without `prompting` asks no generator"
        return PassagePrompter(self._prompting, self._generation)

    def head(self) -> "SpanHead":
        """The head that scores the first and the last token of the answer."""
        from gemquad.tasks.extractive_qa.head import SpanHead

        return SpanHead(self.settings)

    def prediction(self, example: Question, split: str, answer: Answer) -> SpanPrediction:
        """A prediction with F1 and exact match as MLQA defines them, the best over the references."""
        scores = best_over_references(answer.text, example.answers, example.language)
        return SpanPrediction(
            example.id, example.language, split, answer.text, answer.confidence, answer.start, *scores
        )

    def columns(self, predictions: Sequence[SpanPrediction]) -> NDArray[np.float64]:
        """F1 and exact match of each prediction, each 0 to 1, [predictions, 2]."""
        return np.array([[p.f1, p.exact_match] for p in predictions], dtype=np.float64).reshape(-1, 2)

    def group(self, example: Question | SyntheticPair) -> str:
        """The passage: the questions about one passage are resampled together."""
        return example.passage

    def stratum(self, pair: SyntheticPair) -> str:
        """The language."""
        return pair.language

    def with_answer(self, pair: SyntheticPair, answer: Answer) -> SyntheticPair:
        """The pair with another span of its passage."""
        return replace(pair, answer=answer.text, answer_start=answer.start)

    def pair(self, example: Question) -> SyntheticPair:
        """The question with its first answer."""
        answer = Span(example.answer_starts[0], example.answer_starts[0] + len(example.answers[0]))
        return _pair(example, example.id, example.question, answer)

    def agreement(self, answer: str, pair: SyntheticPair, rule: Filter) -> float:
        """F1 or exact match (by `filter.agreement`), 0 to 1, of the weak labeler's answer against the generator's."""
        agreement = exact_match if rule.agreement == "exact" else f1
        return agreement(answer, pair.answer, pair.language)

    def agreement_threshold(self, rule: Filter) -> float:
        """1 for exact match, else `filter.min_f1`."""
        return 1.0 if rule.agreement == "exact" else rule.min_f1

    def audit_pairs(self, examples: Sequence[Question], seed: int) -> list[AuditPair[SyntheticPair]]:
        """A clean and a corrupted pair of every question, language after language; the kinds of corruption take turns."""
        found = []
        for language in dict.fromkeys(question.language for question in examples):
            own = [question for question in examples if question.language == language]
            gold, turns = Gold.of(own), Random(f"{seed}/{language}").sample(range(len(own)), len(own))
            for question, turn in zip(own, turns, strict=True):
                corrupted = corrupt(question, gold, turn, Random(f"{seed}/{language}/{question.id}"))
                if corrupted:
                    answer = Span(question.answer_starts[0], question.answer_starts[0] + len(question.answers[0]))
                    found.append(_audit_pair(question, CLEAN, question.question, answer))
                    found.append(_audit_pair(question, corrupted.corruption, corrupted.asked.question, corrupted.span))
        return found

    def texts(self, pair: SyntheticPair) -> PairTexts:
        """The passage, the question generated about it, and its answer."""
        return PairTexts(pair.passage, (pair.question,), pair.answer)

    def variant(self, prompt: PassagePrompt) -> str:
        """Always "": the prompts have no variants."""
        return ""

    def facts(self, pairs: Sequence[SyntheticPair]) -> Facts:
        """`extractive_share`, 0 to 1: the share of answers that occur in their passage at their offset."""
        extractive = sum(p.passage[p.answer_start : p.answer_start + len(p.answer)] == p.answer for p in pairs)
        return Facts({"extractive_share": extractive / len(pairs) if pairs else 0.0})


def _audit_pair(question: Question, corruption: str, question_text: str, answer: Span) -> AuditPair[SyntheticPair]:
    return AuditPair(_pair(question, f"{question.id}/{corruption or 'clean'}", question_text, answer), corruption)


def _pair(question: Question, identifier: str, question_text: str, answer: Span) -> SyntheticPair:
    return SyntheticPair(
        id=identifier,
        language=question.language,
        passage_id=Passage.id_of(question.passage),
        passage=question.passage,
        question=question_text,
        answer=question.passage[answer.start : answer.end],
        answer_start=answer.start,
    )
