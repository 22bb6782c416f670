"""How often the intervals of `gemquad.scoring.bootstrap` hold the truth, in simulated experiments whose truth is known.

python benchmarks/interval_coverage.py [--experiments 1000]

Every experiment asks two systems, each trained with the same list of seeds. Half of all items come out alike for everyone asked
twice, and another quarter alike for every student of a system, so that scores of the two systems and of seeds are correlated.

Questions. 50 to 80 passages of 1 to 15 questions (4 on average). A system answers a question of a passage with a probability that
depends on the passage, the question, the seed (normal) and the seed together with the passage (uniform, standard deviation 3
points). The better system gains 4 points on average, more on some passages than on others and more on large ones.

Classes. 400 sentences, each a group, 84% of them acceptable. A system takes an acceptable one for what it is with one
probability and an unacceptable one for acceptable with another; a good seed raises the one and lowers the other.

Similarities. 400 pairs, each a group, of uniform similarity. A system predicts it with normal noise, of which half of the
variance is the pair's, a quarter the system's and a quarter the student's; a seed moves the correlation.
"""

import argparse
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from gemquad.scoring.bootstrap import Interval, delta_interval, ratio_interval, score_interval
from gemquad.scoring.metrics import MCC, PEARSON, Metric, mean_of

Array = NDArray[np.float64]
Groups = NDArray[np.int64]

SIZES = np.arange(1, 16)
SIZE_PROBABILITIES = 0.8**SIZES / (0.8**SIZES).sum()
MEAN_SIZE = float(SIZES @ SIZE_PROBABILITIES)
INTERACTION = 0.03
ALONE = 400  # items that are each a group


class Case(Protocol):
    """A kind of experiment."""

    @property
    def seeds(self) -> int:
        """How many students each system has."""

    @property
    def seed_sd(self) -> float:
        """The standard deviation, 0 to 1, of what a seed does to a system."""

    @property
    def name(self) -> str:
        """What is scored, in words."""

    @property
    def metric(self) -> Metric:
        """What it is scored by."""

    @property
    def truth(self) -> tuple[float, float]:
        """What the first system gains over the second, and what the second scores, in percent."""

    def simulate(self, rng: np.random.Generator) -> tuple[Array, Array, Groups]:
        """One experiment: the columns of both systems, each [seeds, items, k], and the group of each item."""


@dataclass(frozen=True)
class Score:
    """Scores whose mean lies between `low` and `high` by passage; `partial` of them are neither 0 nor 1."""

    name: str
    low: float
    high: float
    partial: float


@dataclass(frozen=True)
class Questions:
    """To a difference of systems, a seed does 1.4 times as much as to one system."""

    score: Score
    seeds: int
    seed_sd: float = 0.0
    metric: ClassVar[Metric] = Metric("score", "score", 0, mean_of(0))

    @property
    def name(self) -> str:
        """That of the score."""
        return self.score.name

    @property
    def truth(self) -> tuple[float, float]:
        """Over questions: large passages count as often as they have questions."""
        by_size = float((SIZES * gain(SIZES)) @ SIZE_PROBABILITIES) / MEAN_SIZE
        return 100 * by_size, 100 * (self.score.low + self.score.high) / 2

    def simulate(self, rng: np.random.Generator) -> tuple[Array, Array, Groups]:
        """One column, of scores."""
        sizes = rng.choice(SIZES, rng.integers(50, 81), p=SIZE_PROBABILITIES)
        passages = np.repeat(np.arange(len(sizes)), sizes)
        level = rng.uniform(self.score.low, self.score.high, len(sizes))
        gains = gain(sizes) + rng.uniform(-0.08, 0.08, len(sizes))
        question = rng.uniform(-0.04, 0.04, len(passages))
        luck = rng.random(len(passages))
        first, second = (
            answer(self, (level + by_passage)[passages] + question, passages, luck, rng)[..., np.newaxis]
            for by_passage in (gains, np.zeros(len(sizes)))
        )
        return first, second, passages


@dataclass(frozen=True)
class Classes:
    """Acceptable (1) or not (0)."""

    seeds: int
    seed_sd: float = 0.0
    name: ClassVar[str] = "MCC near 40"
    metric: ClassVar[Metric] = MCC
    acceptable: ClassVar[float] = 0.84
    systems: ClassVar[list[tuple[float, float]]] = [(0.92, 0.45), (0.88, 0.5)]

    @property
    def truth(self) -> tuple[float, float]:
        """Expected over seeds, by their quantiles."""
        quantiles = [NormalDist().inv_cdf((i + 0.5) / 1000) for i in range(1000)]
        first, second = (np.mean([self._mcc(*system, self.seed_sd * z) for z in quantiles]) for system in self.systems)
        return float(first - second), float(second)

    def simulate(self, rng: np.random.Generator) -> tuple[Array, Array, Groups]:
        """Two columns, expected and predicted class."""
        expected = (rng.random(ALONE) < self.acceptable).astype(np.float64)
        luck = rng.random(ALONE)
        first, second = (self._answer(system, expected, luck, rng) for system in self.systems)
        return first, second, np.arange(ALONE)

    def _answer(self, system: tuple[float, float], expected: Array, luck: Array, rng: np.random.Generator) -> Array:
        by_seed = rng.normal(0, self.seed_sd, (self.seeds, 1))
        hit, false_alarm = system[0] + by_seed, system[1] - by_seed
        predicted = mixed(luck, self.seeds, rng) < np.where(expected == 1, hit, false_alarm)
        return np.stack([np.broadcast_to(expected, predicted.shape), predicted], axis=-1)

    def _mcc(self, hit: float, false_alarm: float, by_seed: float) -> float:
        share, hit, false_alarm = self.acceptable, hit + by_seed, false_alarm - by_seed
        predicted = share * hit + (1 - share) * false_alarm
        return 100 * (hit - false_alarm) * float(np.sqrt(share * (1 - share) / (predicted * (1 - predicted))))


@dataclass(frozen=True)
class Similarities:
    """Expected and predicted values, standardised."""

    seeds: int
    seed_sd: float = 0.0
    name: ClassVar[str] = "Pearson near 70"
    metric: ClassVar[Metric] = PEARSON
    systems: ClassVar[list[float]] = [0.74, 0.7]

    @property
    def truth(self) -> tuple[float, float]:
        """The correlations of the population."""
        first, second = self.systems
        return 100 * (first - second), 100 * second

    def simulate(self, rng: np.random.Generator) -> tuple[Array, Array, Groups]:
        """Two columns, expected and predicted value."""
        expected = rng.uniform(-np.sqrt(3), np.sqrt(3), ALONE)
        of_pair = rng.normal(size=ALONE)
        first, second = (self._answer(system, expected, of_pair, rng) for system in self.systems)
        return first, second, np.arange(ALONE)

    def _answer(self, correlation: float, expected: Array, of_pair: Array, rng: np.random.Generator) -> Array:
        by_seed = correlation + rng.normal(0, self.seed_sd, (self.seeds, 1))
        own = rng.normal(size=ALONE) / 2 + rng.normal(size=(self.seeds, ALONE)) / 2
        predicted = by_seed * expected + np.sqrt(1 - by_seed**2) * (of_pair * np.sqrt(0.5) + own)
        return np.stack([np.broadcast_to(expected, predicted.shape), predicted], axis=-1)


HARD, EASY, F1 = (
    Score("exact match near 20%", 0.12, 0.28, 0.0),
    Score("exact match near 80%", 0.72, 0.86, 0.0),
    Score("F1 near 50%", 0.3, 0.7, 0.3),
)
CASES: list[Case] = [
    *(Questions(score, 1) for score in (HARD, EASY, F1)),
    *(
        Questions(score, seeds, seed_sd)
        for seeds in (3, 5)
        for score in (HARD, EASY, F1)
        for seed_sd in (0.0, 0.005, 0.01, 0.02)
    ),
    *(kind(seeds, seed_sd) for kind in (Classes, Similarities) for seeds, seed_sd in ((1, 0.0), (3, 0.0), (3, 0.02))),
]


def main() -> None:
    """Print the coverage and the mean width of every case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=1000)
    experiments = parser.parse_args().experiments
    print("| seeds | score | sd of a seed | difference held | width | score held |\n|--:|---|--:|--:|--:|--:|")
    for case in CASES:
        difference, width = difference_coverage(case, experiments)
        print(
            f"| {case.seeds} | {case.name} | {100 * case.seed_sd:g} | {difference:.1%} | {width:.1f} "
            f"| {score_coverage(case, experiments):.1%} |",
            flush=True,
        )
    print("\n| languages | seeds | score | sd of a seed | pooled difference held |\n|--:|--:|---|--:|--:|")
    for case in CASES:
        pooled = pooled_coverage(case, 2, experiments)
        print(f"| 2 | {case.seeds} | {case.name} | {100 * case.seed_sd:g} | {pooled:.1%} |", flush=True)
    print("\n| share | kept pairs | held |\n|--:|--:|--:|")
    for share, kept in ((0.5, 60), (0.7, 60), (0.7, 200), (0.9, 60), (0.9, 200)):
        print(f"| {share:.0%} | {kept} | {share_coverage(share, kept, experiments):.1%} |", flush=True)


def difference_coverage(case: Case, experiments: int, resamples: int = 1000) -> tuple[float, float]:
    """The share of experiments whose `delta_interval` holds the true gain, and its mean width in points."""
    rng = np.random.default_rng(0)
    intervals = [
        delta_interval(case.metric, *case.simulate(rng), resamples=resamples, seed=i) for i in range(experiments)
    ]
    return held(intervals, case.truth[0]), float(np.mean([interval.high - interval.low for interval in intervals]))


def pooled_coverage(case: Case, languages: int, experiments: int, resamples: int = 1000) -> float:
    """The share of experiments in so many languages whose `delta_interval` over all of them holds the true gain."""
    rng = np.random.default_rng(0)
    intervals = []
    for i in range(experiments):
        first, second, groups = zip(*(case.simulate(rng) for _ in range(languages)), strict=True)
        strata = np.repeat(np.arange(languages), [len(own) for own in groups])
        tables, numbers = (np.concatenate(one, axis=1) for one in (first, second)), np.concatenate(groups)
        intervals.append(delta_interval(case.metric, *tables, numbers, resamples=resamples, seed=i, strata=strata))
    return held(intervals, case.truth[0])


def score_coverage(case: Case, experiments: int, resamples: int = 1000) -> float:
    """The same of `score_interval` for the second system."""
    rng = np.random.default_rng(0)
    intervals = []
    for i in range(experiments):
        _, tables, groups = case.simulate(rng)
        intervals.append(score_interval(case.metric, tables, groups, resamples=resamples, seed=i))
    return held(intervals, case.truth[1])


def share_coverage(share: float, kept: float, experiments: int, resamples: int = 1000) -> float:
    """The same of `ratio_interval` for a precision: of about `kept` pairs over 50 passages `share` are right."""
    rng = np.random.default_rng(0)
    intervals = []
    for i in range(experiments):
        denominators = rng.poisson(kept / 50, 50)
        by_passage = rng.beta(8 * share, 8 * (1 - share), 50)
        numerators = rng.binomial(denominators, by_passage)
        intervals.append(ratio_interval(numerators, denominators, np.arange(50), resamples=resamples, seed=i))
    return held(intervals, share)


def held(intervals: list[Interval], truth: float) -> float:
    """The share of `intervals` that hold `truth`."""
    return sum(interval.low <= truth <= interval.high for interval in intervals) / len(intervals)


def gain(sizes: NDArray[np.int64]) -> Array:
    """What the first system gains on average on passages of these sizes: 4 points, more on the large."""
    return (0.04 + 0.004 * (sizes - MEAN_SIZE)).astype(np.float64)


def answer(case: Questions, expected: Array, passages: Groups, luck: Array, rng: np.random.Generator) -> Array:
    """Scores [seeds, questions] of a system that scores `expected` [questions] on average over seeds."""
    by_seed = rng.normal(0, case.seed_sd, (case.seeds, 1))
    spread = INTERACTION * np.sqrt(3)
    by_seed_and_passage = rng.uniform(-spread, spread, (case.seeds, passages[-1] + 1))[:, passages]
    probability = expected + by_seed + by_seed_and_passage
    drawn = mixed(luck, case.seeds, rng)
    if case.score.partial == 0:
        return (drawn < probability).astype(np.float64)
    return np.clip((probability - drawn) / case.score.partial + 0.5, 0, 1)


def mixed(luck: Array, seeds: int, rng: np.random.Generator) -> Array:
    """Uniform numbers [seeds, items]: half of the items have their `luck`, a quarter the system's, a quarter the student's."""
    source = rng.random(len(luck))
    own = np.where(source < 0.75, rng.random(len(luck)), rng.random((seeds, len(luck))))
    return np.where(source < 0.5, luck, own)


if __name__ == "__main__":
    main()
