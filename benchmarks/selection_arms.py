"""Selections of synthetic pairs to be held against one another: every one is an arm over the same raw pool.

The pool is every parsed pair, cut by nothing. An arm is trained on its pairs, then on gold, for a number of updates that its rivals
share; what it takes of each language is as much as the selection that it is matched with.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gemquad.params import Filter, Student
from gemquad.rounds.comparisons import random_sample
from gemquad.rounds.silver import judge, silver_pairs
from gemquad.schema import SyntheticPair
from gemquad.student.training import Phase
from gemquad.tasks.answers import Answer
from gemquad.tasks.base import AnyDefinition
from gemquad.tasks.head import AnyHead, Input

Pairs = Sequence[SyntheticPair]


@dataclass(frozen=True)
class Pool:
    """All parsed pairs, and what was selected of them.

    `silver` are those with which the first labeler agrees, `repaired` those with a span on which all labelers agree; `logprobs` are
    the generator's log-likelihoods of answers by the id of their pair, empty where they were not computed.
    """

    pairs: Pairs
    silver: Pairs
    repaired: Pairs
    logprobs: Mapping[str, float]


@dataclass(frozen=True)
class Arm:
    """What is trained before gold: pairs, none for English alone, for as many updates as the selection `like` takes."""

    name: str
    pairs: Pairs
    like: Pairs


def agreeing(pairs: Pairs, answers: Sequence[Answer], rule: Filter, task: AnyDefinition) -> list[SyntheticPair]:
    """Silver: the pairs with which one labeler agrees."""
    return silver_pairs(pairs, judge(pairs, [[[own]] for own in answers], set(), rule, task), task)


def repair(
    pairs: Pairs, labelers: Sequence[Sequence[Answer]], rule: Filter, task: AnyDefinition
) -> list[SyntheticPair]:
    """Pairs whose labelers all agree with the first: as they are where it agrees with the generator, else with its span."""
    least, kept = task.agreement_threshold(rule), []
    for pair, (said, *others) in zip(pairs, zip(*labelers, strict=True), strict=True):
        theirs = replace(pair, answer=said.text, answer_start=said.start)
        if said.text and all(task.agreement(other.text, theirs, rule) >= least for other in others):
            kept.append(pair if task.agreement(said.text, pair, rule) >= least else theirs)
    return kept


def likeliest(pairs: Pairs, logprobs: Mapping[str, float], like: Pairs) -> list[SyntheticPair]:
    """As many pairs of each language as `like` has: those whose answers the generator finds likeliest."""
    chosen: set[str] = set()
    for language in {pair.language for pair in like}:
        own = sorted((p.id for p in pairs if p.language == language), key=lambda one: logprobs[one], reverse=True)
        chosen.update(own[: sum(pair.language == language for pair in like)])
    return [pair for pair in pairs if pair.id in chosen]


def sampled(pairs: Pairs, like: Pairs, seed: int) -> Pairs:
    """As many pairs of each language as `like` has, drawn from the raw pool without looking at them."""
    return [pair for pair in random_sample(pairs, like, seed) if isinstance(pair, SyntheticPair)]


SELECTIONS: dict[str, Callable[[Pool, int], Arm]] = {
    "english": lambda pool, seed: Arm("english", [], pool.silver),
    "silver": lambda pool, seed: Arm("silver", pool.silver, pool.silver),
    "random": lambda pool, seed: Arm("random", sampled(pool.pairs, pool.silver, seed), pool.silver),
    "english_long": lambda pool, seed: Arm("english_long", [], pool.repaired),
    "repaired": lambda pool, seed: Arm("repaired", pool.repaired, pool.repaired),
    "random_many": lambda pool, seed: Arm("random_many", sampled(pool.pairs, pool.repaired, seed), pool.repaired),
    "likeliest": lambda pool, seed: Arm("likeliest", likeliest(pool.pairs, pool.logprobs, pool.silver), pool.silver),
    "all": lambda pool, seed: Arm("all", pool.pairs, pool.repaired),
}
"""The arms in the order of training. `english` and `random` are matched with silver, `english_long`, `random_many` and `all` (in
updates alone) with the repaired pairs."""

LOOKED_AT = ("likeliest", "all")
"""Arms that decide nothing."""


def arms(pool: Pool, names: Sequence[str], seed: int) -> list[Arm]:
    """The arms of one seed, without those that have nothing to be matched with, or no likelihoods to choose by."""
    found = [SELECTIONS[name](pool, seed) for name in names if name != "likeliest" or pool.logprobs]
    return [arm for arm in found if arm.like]


def phases(arm: Arm, gold: Sequence[Input], gold_updates: int, head: AnyHead, settings: Student) -> list[Phase]:
    """The fine-tuning of an arm: its pairs, then gold; English alone takes all updates on gold."""
    updates = math.ceil(len(arm.like) / settings.batch_size * settings.silver_epochs)
    if not arm.pairs:
        return [Phase("gold", gold, updates=updates + gold_updates)]
    first = Phase(arm.name, [head.input(pair) for pair in arm.pairs], updates=updates)
    return [first, Phase("gold", gold, updates=gold_updates)]
