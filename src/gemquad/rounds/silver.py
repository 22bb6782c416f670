"""Silver: the synthetic pairs the weak labeler agrees with (WeakDAP, arXiv 2210.14169, section 3.3; GeMQuAD section 3.2).

The student of the round before answers each synthetic pair without seeing what it was generated for. Where it gives the same
answer, two models that were trained on different things agree, and the pair is believed. What agreement is, the task says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gemquad.params import Filter
from gemquad.schema import Example, Judgement
from gemquad.schema.results import SilverCounts
from gemquad.tasks.answers import Answer
from gemquad.tasks.base import AnyDefinition

Pair = TypeVar("Pair", bound=Example)


@dataclass(frozen=True)
class Silver(Generic[Pair]):
    """The result of a round's filter: the kept pairs, the judgement of each pair, and counts by language."""

    pairs: Sequence[Pair] = ()
    judgements: Sequence[Judgement] = ()
    counts: dict[str, SilverCounts] = field(default_factory=dict)


def keep(
    pairs: Sequence[Pair], answers: Sequence[Answer], seen: set[str], rule: Filter, task: AnyDefinition
) -> Silver[Pair]:
    """Filter the synthetic pairs: `answers` are the weak labeler's answers to `pairs`, `seen` the ids of all earlier silver."""
    judgements = judge(pairs, answers, seen, rule, task)
    return Silver(silver_pairs(pairs, judgements), judgements, count(judgements, seen))


def judge(
    pairs: Sequence[Pair], answers: Sequence[Answer], previous_silver: set[str], rule: Filter, task: AnyDefinition
) -> list[Judgement]:
    """One judgement per pair, in order.

    With `mode: accumulate` a pair that is silver already (its id is in `previous_silver`) stays so; with `reselect` every pair
    is judged anew.
    """
    return [
        _judge_one(pair, answer, rule, task, stays=rule.mode == "accumulate" and pair.id in previous_silver)
        for pair, answer in zip(pairs, answers, strict=True)
    ]


def silver_pairs(pairs: Iterable[Pair], judgements: Iterable[Judgement]) -> list[Pair]:
    """The pairs that the judgements mark as silver."""
    return [pair for pair, judgement in zip(pairs, judgements, strict=True) if judgement.kept]


def why(judgement: Judgement, rule: Filter, task: AnyDefinition) -> str:
    """The reason in words why a pair is silver or not."""
    agrees = judgement.agreement >= task.agreement_threshold(rule)
    if judgement.kept and not (agrees and judgement.labeler_confidence >= rule.min_confidence):
        return "kept from an earlier round"
    if not agrees:
        return f"agreement {judgement.agreement:.2f}; {task.agreement_threshold(rule):.2f} is asked for"
    if not judgement.kept:
        return f"confidence {judgement.labeler_confidence:.2f} is under {rule.min_confidence:g}"
    return f"the labeler agrees, {judgement.agreement:.2f}"


def count(judgements: Sequence[Judgement], seen: set[str]) -> dict[str, SilverCounts]:
    """Per language: all synthetic pairs, silver among them, and silver that no earlier round had (ids not in `seen`)."""
    counts = {}
    for language in dict.fromkeys(judgement.language for judgement in judgements):
        own = [judgement for judgement in judgements if judgement.language == language]
        kept = [judgement.id for judgement in own if judgement.kept]
        counts[language] = SilverCounts(len(own), len(kept), sum(identifier not in seen for identifier in kept))
    return counts


def _judge_one(pair: Example, answer: Answer, rule: Filter, task: AnyDefinition, stays: bool) -> Judgement:
    agreement = task.agreement(answer.text, pair, rule)
    agrees = agreement >= task.agreement_threshold(rule)
    return Judgement(
        id=pair.id,
        language=pair.language,
        labeler_answer=answer.text,
        labeler_start=answer.start,
        labeler_confidence=answer.confidence,
        agreement=agreement,
        kept=stays or (agrees and answer.confidence >= rule.min_confidence),
    )
