"""How often the intervals of `gemquad.scoring.bootstrap` hold the truth, in simulated experiments whose truth is known.

python benchmarks/interval_coverage.py [--experiments 1000]

An experiment is 50 to 80 passages of 1 to 15 questions (4 on average), about which two systems are asked, each trained with the
same list of seeds. A system answers a question of a passage with a probability that depends on the passage, the question, the
seed (normal) and the seed together with the passage (uniform, standard deviation 3 points). The better system gains 4 points on
average, more on some passages than on others and more on large ones. Half of all questions come out alike for everyone asked
twice, and another quarter alike for every student of a system, so that scores of the two systems and of seeds are correlated.
"""

import argparse
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gemquad.scoring.bootstrap import Interval, delta_interval, mean_interval, ratio_interval

Array = NDArray[np.float64]

SIZES = np.arange(1, 16)
SIZE_PROBABILITIES = 0.8**SIZES / (0.8**SIZES).sum()
MEAN_SIZE = float(SIZES @ SIZE_PROBABILITIES)
INTERACTION = 0.03


@dataclass(frozen=True)
class Score:
    """Scores whose mean lies between `low` and `high` by passage; `partial` of them are neither 0 nor 1."""

    name: str
    low: float
    high: float
    partial: float


@dataclass(frozen=True)
class Case:
    """`seed_sd` is the standard deviation, 0 to 1, of what a seed does to a system; to a difference it does 1.4 times as much."""

    score: Score
    seeds: int
    seed_sd: float = 0.0


HARD, EASY, F1 = (
    Score("exact match near 20%", 0.12, 0.28, 0.0),
    Score("exact match near 80%", 0.72, 0.86, 0.0),
    Score("F1 near 50%", 0.3, 0.7, 0.3),
)
CASES = [Case(score, 1) for score in (HARD, EASY, F1)] + [
    Case(score, seeds, seed_sd)
    for seeds in (3, 5)
    for score in (HARD, EASY, F1)
    for seed_sd in (0.0, 0.005, 0.01, 0.02)
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
            f"| {case.seeds} | {case.score.name} | {100 * case.seed_sd:g} | {difference:.1%} | {width:.1f} "
            f"| {mean_coverage(case, experiments):.1%} |",
            flush=True,
        )
    print("\n| share | kept pairs | held |\n|--:|--:|--:|")
    for share, kept in ((0.5, 60), (0.7, 60), (0.7, 200), (0.9, 60), (0.9, 200)):
        print(f"| {share:.0%} | {kept} | {share_coverage(share, kept, experiments):.1%} |", flush=True)


def difference_coverage(case: Case, experiments: int, resamples: int = 1000) -> tuple[float, float]:
    """The share of experiments whose `delta_interval` holds the true gain, and its mean width in points."""
    rng = np.random.default_rng(0)
    intervals = [delta_interval(*simulate(case, rng), resamples=resamples, seed=i) for i in range(experiments)]
    return held(intervals, true_gain()), float(np.mean([interval.high - interval.low for interval in intervals]))


def mean_coverage(case: Case, experiments: int, resamples: int = 1000) -> float:
    """The same of `mean_interval` for the score of the second system."""
    rng = np.random.default_rng(0)
    intervals = []
    for i in range(experiments):
        _, scores, passages = simulate(case, rng)
        intervals.append(mean_interval(scores, passages, resamples=resamples, seed=i))
    return held(intervals, 100 * (case.score.low + case.score.high) / 2)


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


def simulate(case: Case, rng: np.random.Generator) -> tuple[Array, Array, NDArray[np.int64]]:
    """Scores of both systems, each [seeds, questions], and the passage of each question."""
    sizes = rng.choice(SIZES, rng.integers(50, 81), p=SIZE_PROBABILITIES)
    passages = np.repeat(np.arange(len(sizes)), sizes)
    level = rng.uniform(case.score.low, case.score.high, len(sizes))
    gains = gain(sizes) + rng.uniform(-0.08, 0.08, len(sizes))
    question = rng.uniform(-0.04, 0.04, len(passages))
    luck = rng.random(len(passages))
    first, second = (
        answer(case, (level + by_passage)[passages] + question, passages, luck, rng)
        for by_passage in (gains, np.zeros(len(sizes)))
    )
    return first, second, passages


def gain(sizes: NDArray[np.int64]) -> Array:
    """What the first system gains on average on passages of these sizes: 4 points, more on the large."""
    return 0.04 + 0.004 * (sizes - MEAN_SIZE)


def true_gain() -> float:
    """The expected difference in points, over questions: large passages count as often as they have questions."""
    return 100 * float((SIZES * gain(SIZES)) @ SIZE_PROBABILITIES) / MEAN_SIZE


def answer(case: Case, expected: Array, passages: NDArray[np.int64], luck: Array, rng: np.random.Generator) -> Array:
    """Scores [seeds, questions] of a system that scores `expected` [questions] on average over seeds."""
    shape = (case.seeds, len(passages))
    by_seed = rng.normal(0, case.seed_sd, (case.seeds, 1))
    spread = INTERACTION * np.sqrt(3)
    by_seed_and_passage = rng.uniform(-spread, spread, (case.seeds, passages[-1] + 1))[:, passages]
    probability = expected + by_seed + by_seed_and_passage
    source = rng.random(len(passages))
    own = np.where(source < 0.75, rng.random(len(passages)), rng.random(shape))
    drawn = np.where(source < 0.5, luck, own)
    if case.score.partial == 0:
        return (drawn < probability).astype(np.float64)
    return np.clip((probability - drawn) / case.score.partial + 0.5, 0, 1)


if __name__ == "__main__":
    main()
