"""Silver: the candidates the weak labelers agree with (WeakDAP, arXiv 2210.14169, section 3.3; GeMQuAD section 3.2).

The student of the round before answers each candidate (a synthetic pair that stage `cut` left) without seeing what it was generated
for. Where it gives the same answer, two models that were trained on different things agree, and the pair is believed. What
agreement is, the task says. Several labelers vote, may correct the generator, and may weigh pairs instead of cutting them:
docs/filter.md.

Answers stand by pair, labeler and candidate, a labeler's likeliest candidate first. Pairs may have different labelers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Generic, TypeVar

from gemquad.params import Filter
from gemquad.rounds.worth import NOTHING, Known, in_units_of_their_mean
from gemquad.schema import Example, Judgement
from gemquad.schema.results import SilverCounts
from gemquad.tasks.answers import Answer
from gemquad.tasks.base import AnyDefinition

Pair = TypeVar("Pair", bound=Example)
Labelers = Sequence[Sequence[Answer]]
"""The answers to one pair: of each labeler its candidates, the likeliest first."""

ROUNDING = 1e-9


@dataclass(frozen=True)
class Silver(Generic[Pair]):
    """The result of a round's filter: the kept pairs, the judgement of each pair, and counts by language."""

    pairs: Sequence[Pair] = ()
    judgements: Sequence[Judgement] = ()
    counts: dict[str, SilverCounts] = field(default_factory=dict)


@dataclass(frozen=True)
class Support:
    """How an answer stands with the labelers: the share and the number of those that give it, and its probability to them."""

    votes: float
    voters: int
    probability: float

    @classmethod
    def of(cls, pair: Example, labelers: Labelers, rule: Filter, task: AnyDefinition) -> "Support":
        """The support of the pair's own answer."""
        least = task.agreement_threshold(rule)
        agreeing = [[one for one in own if task.agreement(one.text, pair, rule) >= least] for own in labelers]
        voters = sum(
            bool(same) and same[0] is own[0] and own[0].confidence >= rule.min_confidence
            for same, own in zip(agreeing, labelers, strict=True)
        )
        probability = sum(one.confidence for same in agreeing for one in same) / len(labelers)
        return cls(voters / len(labelers), voters, min(probability, 1.0))

    def suffices(self, rule: Filter) -> bool:
        """Whether the labelers agree with the answer."""
        if rule.agreement == "expected":
            return self.probability >= rule.min_probability - ROUNDING
        return self.votes >= rule.min_votes - ROUNDING


def keep(
    pairs: Sequence[Pair],
    answers: Sequence[Labelers],
    seen: set[str],
    rule: Filter,
    task: AnyDefinition,
    known: Known = NOTHING,
) -> Silver[Pair]:
    """Filter the candidates: `answers` are the weak labelers' answers to `pairs`, `seen` the ids of all earlier silver."""
    judgements = judge(pairs, answers, seen, rule, task, known)
    return Silver(silver_pairs(pairs, judgements, task), judgements, count(judgements, seen))


def judge(
    pairs: Sequence[Pair],
    answers: Sequence[Labelers],
    previous_silver: set[str],
    rule: Filter,
    task: AnyDefinition,
    known: Known = NOTHING,
) -> list[Judgement]:
    """One judgement per pair, in order.

    With `mode: accumulate` a pair that is silver already (its id is in `previous_silver`) stays so; with `reselect` every pair
    is judged anew. With `weights` other than none every pair that is worth something is silver, by the labelers' probabilities and
    what else is `known`, and weights have the mean 1.
    """
    judgements = [
        _judge_one(pair, labelers, rule, task, stays=rule.mode == "accumulate" and pair.id in previous_silver)
        for pair, labelers in zip(pairs, answers, strict=True)
    ]
    if rule.weights == "none":
        return judgements
    worths = [known.worth(pair, one.probability, rule, task) for pair, one in zip(pairs, judgements, strict=True)]
    return [
        replace(one, kept=weight > 0, weight=weight)
        for one, weight in zip(judgements, in_units_of_their_mean(worths), strict=True)
    ]


def silver_pairs(pairs: Iterable[Pair], judgements: Iterable[Judgement], task: AnyDefinition) -> list[Pair]:
    """The pairs that the judgements mark as silver, as records of silver: repaired where that is said, with their weights."""
    return [
        task.records.silver(**asdict(after_filter(pair, judgement, task)), weight=judgement.weight)
        for pair, judgement in zip(pairs, judgements, strict=True)
        if judgement.kept
    ]


def count(judgements: Sequence[Judgement], seen: set[str]) -> dict[str, SilverCounts]:
    """Per language: all candidates, silver among them, and silver that no earlier round had (ids not in `seen`)."""
    counts = {}
    for language in dict.fromkeys(judgement.language for judgement in judgements):
        own = [judgement for judgement in judgements if judgement.language == language]
        kept = [judgement.id for judgement in own if judgement.kept]
        counts[language] = SilverCounts(len(own), len(kept), sum(identifier not in seen for identifier in kept))
    return counts


def _judge_one(pair: Example, labelers: Labelers, rule: Filter, task: AnyDefinition, stays: bool) -> Judgement:
    said, support = _common_answer(pair, labelers, rule, task), Support.of(pair, labelers, rule, task)
    agrees, repaired = support.suffices(rule), False
    if rule.repair and not agrees and said.text:
        theirs = Support.of(task.with_answer(pair, said), labelers, rule, task)
        if theirs.voters > 1 and theirs.suffices(rule):
            support, repaired = theirs, True
    return Judgement(
        id=pair.id,
        language=pair.language,
        labeler_answer=said.text,
        labeler_start=said.start,
        labeler_confidence=said.confidence,
        agreement=task.agreement(said.text, pair, rule),
        votes=support.votes,
        probability=support.probability,
        repaired=repaired,
        weight=1.0,
        kept=stays or agrees or repaired,
    )


def _common_answer(pair: Example, labelers: Labelers, rule: Filter, task: AnyDefinition) -> Answer:
    """The best answer of one labeler that most labelers agree with; of equally many the first."""
    best = [own[0] for own in labelers]
    if len(best) == 1:
        return best[0]
    least = task.agreement_threshold(rule)

    def voters(said: Answer) -> int:
        theirs = task.with_answer(pair, said)
        return sum(task.agreement(other.text, theirs, rule) >= least for other in best)

    return max(best, key=voters)


def after_filter(pair: Pair, judgement: Judgement, task: AnyDefinition) -> Pair:
    """The pair as it is after the filter: with the labelers' answer where it was repaired."""
    if not judgement.repaired:
        return pair
    said = Answer(judgement.labeler_answer, judgement.labeler_start, judgement.labeler_confidence)
    repaired: Pair = task.with_answer(pair, said)
    return repaired
