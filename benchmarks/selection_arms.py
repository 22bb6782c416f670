"""Selections of synthetic pairs to be held against one another: every one is an arm over a raw pool.

A pool is every parsed pair of one generator, cut by nothing. An arm is trained on its pairs, then on gold; all arms take the same
number of optimiser updates, and of each language as many pairs as the settings say, or as the paper's filter keeps where that is
less (`silver`, and `random_as_silver` beside it).
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gemquad.params import Filter, Student
from gemquad.rounds.informative import informative
from gemquad.rounds.worth import in_units_of_their_mean
from gemquad.schema import SyntheticPair
from gemquad.student.training import Phase
from gemquad.tasks.answers import Answer
from gemquad.tasks.base import AnyDefinition
from gemquad.tasks.head import AnyHead, Input

Pairs = Sequence[SyntheticPair]


@dataclass(frozen=True)
class Verdict:
    """What all labelers together say of a pair.

    `first` is the first labeler's answer, `right` the probability of answers that agree with the pair's, the mean over labelers;
    `answer` is the answer of the highest mean probability, which its `confidence` is; `agrees` is the F1 of it with the pair's.
    """

    first: Answer
    right: float
    answer: Answer
    agrees: float


@dataclass(frozen=True)
class Pool:
    """The parsed pairs of a generator with their verdicts, in the same order.

    By id, where computed: log-likelihoods of answers, values (`student/value.py`), the generator's blind answers.
    """

    pairs: Pairs
    verdicts: Sequence[Verdict]
    logprobs: Mapping[str, float] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)
    blind: Mapping[str, str] = field(default_factory=dict)

    def best(
        self, size: int, score: Callable[[int], float], allowed: Callable[[int], bool] = lambda at: True
    ) -> list[int]:
        """The positions of the `size` pairs of each language with the highest score."""
        chosen: list[int] = []
        for language in dict.fromkeys(pair.language for pair in self.pairs):
            own = [at for at, pair in enumerate(self.pairs) if pair.language == language and allowed(at)]
            chosen += sorted(own, key=score, reverse=True)[:size]
        return sorted(chosen)


@dataclass(frozen=True)
class Arm:
    """What is trained before gold: pairs, none for English alone, and their weights, of mean 1, where they have any."""

    name: str
    pairs: Pairs
    weights: Sequence[float] | None = None


@dataclass(frozen=True)
class Rules:
    """How the arms are cut: pairs of each language, the rule of agreement, and the seed of draws."""

    size: int
    rule: Filter
    task: AnyDefinition
    seed: int


@dataclass(frozen=True)
class Said:
    """A labeler's likeliest answers to a pair, the best first, and the probability of all that agree with the pair's."""

    answers: Sequence[Answer]
    right: float


def said(pair: SyntheticPair, candidates: Sequence[Answer], rule: Filter, task: AnyDefinition) -> Said:
    """What is kept of a labeler's candidates: those of 1% or more, at least one and at most five."""
    least = task.agreement_threshold(rule)
    likely = [one for one in candidates if one.confidence >= 0.01]
    right = sum(one.confidence for one in likely if task.agreement(one.text, pair, rule) >= least)
    return Said(likely[:5] or candidates[:1], right)


def verdict(pair: SyntheticPair, labelers: Sequence[Said], rule: Filter, task: AnyDefinition) -> Verdict:
    """One pair's verdict from what every labeler said."""
    mass: dict[tuple[int, str], float] = {}
    for one in (one for labeler in labelers for one in labeler.answers):
        mass[one.start, one.text] = mass.get((one.start, one.text), 0.0) + one.confidence / len(labelers)
    (start, text), sure = max(mass.items(), key=lambda item: item[1])
    right = sum(labeler.right for labeler in labelers) / len(labelers)
    return Verdict(labelers[0].answers[0], right, Answer(text, start, sure), task.agreement(text, pair, rule))


def repaired(pool: Pool, size: int, rules: Rules) -> list[SyntheticPair]:
    """The pairs of whose answer the labelers are surest: as they are where it agrees with the generator's, else with theirs."""
    least = rules.task.agreement_threshold(rules.rule)

    def mended(at: int) -> SyntheticPair:
        pair, said = pool.pairs[at], pool.verdicts[at]
        is_agreed = said.agrees >= least
        return pair if is_agreed else replace(pair, answer=said.answer.text, answer_start=said.answer.start)

    chosen = pool.best(
        size, lambda at: pool.verdicts[at].answer.confidence, lambda at: bool(pool.verdicts[at].answer.text)
    )
    return [mended(at) for at in chosen]


def surest(pool: Pool, rules: Rules) -> list[SyntheticPair]:
    """The pairs whose answer is right with the highest probability."""
    return [pool.pairs[at] for at in pool.best(rules.size, lambda at: pool.verdicts[at].right)]


def unsure(pool: Pool, rules: Rules) -> list[SyntheticPair]:
    """Of the pairs whose answer agrees with the labelers' likeliest, those that are least probable."""
    least = rules.task.agreement_threshold(rules.rule)
    chosen = pool.best(rules.size, lambda at: -pool.verdicts[at].right, lambda at: pool.verdicts[at].agrees >= least)
    return [pool.pairs[at] for at in chosen]


def torn(pool: Pool, rules: Rules) -> list[SyntheticPair]:
    """Right and informative (`rounds/informative.py`): the generator stands by its answer, and the labelers are of two minds."""
    promise = {
        pair.id: informative(pair, pool.blind.get(pair.id, ""), said.right, rules.rule, rules.task)
        for pair, said in zip(pool.pairs, pool.verdicts, strict=True)
    }
    return best_of(pool, {key: one for key, one in promise.items() if one > 0}, rules)


def silver(pool: Pool, rules: Rules) -> list[SyntheticPair]:
    """The paper's: pairs with whose answer the first labeler's agrees; the most confident where they are more than the size."""
    least = rules.task.agreement_threshold(rules.rule)

    def agrees(at: int) -> bool:
        return rules.task.agreement(pool.verdicts[at].first.text, pool.pairs[at], rules.rule) >= least

    return [pool.pairs[at] for at in pool.best(rules.size, lambda at: pool.verdicts[at].first.confidence, agrees)]


def drawn(pool: Pool, sizes: Mapping[str, int], rules: Rules) -> list[SyntheticPair]:
    """So many pairs of each language, drawn without looking at them."""
    draw = {pair.id: random.Random(f"{rules.seed} {pair.id}").random() for pair in pool.pairs}
    found = []
    for language, size in sizes.items():
        own = [pair for pair in pool.pairs if pair.language == language]
        found += sorted(own, key=lambda pair: draw[pair.id])[:size]
    return found


def sizes(pairs: Pairs) -> dict[str, int]:
    """Pairs by language."""
    return {
        language: sum(p.language == language for p in pairs) for language in dict.fromkeys(p.language for p in pairs)
    }


def best_of(pool: Pool, scores: Mapping[str, float], rules: Rules) -> list[SyntheticPair]:
    """Of the pairs that have a score those with the highest."""
    chosen = pool.best(rules.size, lambda at: scores[pool.pairs[at].id], lambda at: pool.pairs[at].id in scores)
    return [pool.pairs[at] for at in chosen]


def weighted(pool: Pool, rules: Rules) -> Arm:
    """Every pair that may be right, with the probability that it is as its weight, of mean 1."""
    likely = [(pair, said.right) for pair, said in zip(pool.pairs, pool.verdicts, strict=True) if said.right > 0]
    return Arm("weighted", [pair for pair, _ in likely], in_units_of_their_mean([right for _, right in likely]))


def full(pool: Pool, rules: Rules) -> dict[str, int]:
    """As many pairs of each language as an arm takes."""
    return dict.fromkeys(dict.fromkeys(pair.language for pair in pool.pairs), rules.size)


SELECTIONS: dict[str, Callable[[Pool, Rules], Arm]] = {
    "random": lambda pool, rules: Arm("random", drawn(pool, full(pool, rules), rules)),
    "repaired": lambda pool, rules: Arm("repaired", repaired(pool, rules.size, rules)),
    "surest": lambda pool, rules: Arm("surest", surest(pool, rules)),
    "silver": lambda pool, rules: Arm("silver", silver(pool, rules)),
    "random_as_silver": lambda pool, rules: Arm("random_as_silver", drawn(pool, sizes(silver(pool, rules)), rules)),
    "unsure": lambda pool, rules: Arm("unsure", unsure(pool, rules)),
    "wide": lambda pool, rules: Arm("wide", repaired(pool, 2 * rules.size, rules)),
    "informative": lambda pool, rules: Arm("informative", torn(pool, rules)),
    "valuable": lambda pool, rules: Arm("valuable", best_of(pool, pool.values, rules)),
    "likeliest": lambda pool, rules: Arm("likeliest", best_of(pool, pool.logprobs, rules)),
    "weighted": weighted,
}
"""Every selection by name; `wide` is `repaired` with twice as many pairs, each seen half as often."""


def phases(arm: Arm, gold: Sequence[Input], gold_updates: int, updates: int, head: AnyHead) -> list[Phase]:
    """The fine-tuning of an arm: its pairs, then gold; English alone takes all updates on gold."""
    if not arm.pairs:
        return [Phase("gold", gold, updates=updates + gold_updates)]
    inputs = [head.input(pair) for pair in arm.pairs]
    if arm.weights is not None:
        inputs = [replace(one, weight=weight) for one, weight in zip(inputs, arm.weights, strict=True)]
    return [Phase(arm.name, inputs, updates=updates), Phase("gold", gold, updates=gold_updates)]


def updates_of(size: int, languages: int, settings: Student) -> int:
    """The optimiser updates of `silver_epochs` passes over `size` pairs of each language."""
    return math.ceil(size * languages / settings.batch_size * settings.silver_epochs)
