"""Silver: the synthetic pairs the weak labeler agrees with (WeakDAP, arXiv 2210.14169, section 3.3; GeMQuAD section 3.2).

The student of the round before answers each synthetic question without seeing its answer. Where it finds the same answer, two
models that were trained on different things agree, and the pair is believed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gemquad.params import Filter
from gemquad.schema import Judgement, SyntheticPair
from gemquad.tasks.base import Task


class LabelerAnswer(Protocol):
    """What the weak labeler says to one question."""

    @property
    def text(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def confidence(self) -> float: ...


@dataclass(frozen=True)
class SilverCounts:
    """Numbers of one language in one round."""

    synthetic: int
    silver: int
    new: int


def judge(
    pairs: Sequence[SyntheticPair],
    answers: Sequence[LabelerAnswer],
    previous_silver: set[str],
    rule: Filter,
    task: Task,
) -> list[Judgement]:
    """One judgement per pair, in order.

    With `mode: accumulate` a pair that is silver already (its id is in `previous_silver`) stays so; with `reselect` every pair
    is judged anew.
    """
    return [
        _judge_one(pair, answer, rule, task, stays=rule.mode == "accumulate" and pair.id in previous_silver)
        for pair, answer in zip(pairs, answers, strict=True)
    ]


def silver_pairs(pairs: Iterable[SyntheticPair], judgements: Iterable[Judgement]) -> list[SyntheticPair]:
    """The pairs that were kept."""
    return [pair for pair, judgement in zip(pairs, judgements, strict=True) if judgement.kept]


def why(judgement: Judgement, rule: Filter) -> str:
    """In words, why a pair is silver or is not."""
    agrees = _agrees(judgement.f1, judgement.exact_match, rule)
    if judgement.kept and not (agrees and judgement.labeler_confidence >= rule.min_confidence):
        return "kept from an earlier round"
    if not agrees:
        least = "the same answer" if rule.agreement == "exact" else f"F1 of {rule.min_f1:g}"
        return f"F1 {judgement.f1:.2f}; {least} is asked for"
    if not judgement.kept:
        return f"confidence {judgement.labeler_confidence:.2f} is under {rule.min_confidence:g}"
    return f"the labeler agrees, F1 {judgement.f1:.2f}"


def count(judgements: Sequence[Judgement], seen: set[str]) -> dict[str, SilverCounts]:
    """Per language: all synthetic pairs, silver among them, and silver that no earlier round had (ids not in `seen`)."""
    counts = {}
    for language in dict.fromkeys(judgement.language for judgement in judgements):
        own = [judgement for judgement in judgements if judgement.language == language]
        kept = [judgement.id for judgement in own if judgement.kept]
        counts[language] = SilverCounts(len(own), len(kept), sum(identifier not in seen for identifier in kept))
    return counts


def _judge_one(pair: SyntheticPair, answer: LabelerAnswer, rule: Filter, task: Task, stays: bool) -> Judgement:
    f1, exact = task.agreement(answer.text, pair.answer, pair.language)
    agrees = _agrees(f1, exact, rule)
    return Judgement(
        id=pair.id,
        language=pair.language,
        labeler_answer=answer.text,
        labeler_start=answer.start,
        labeler_confidence=answer.confidence,
        f1=f1,
        exact_match=exact,
        kept=stays or (agrees and answer.confidence >= rule.min_confidence),
    )


def _agrees(f1: float, exact: float, rule: Filter) -> bool:
    return exact == 1.0 if rule.agreement == "exact" else f1 >= rule.min_f1
