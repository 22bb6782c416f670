"""Intervals for scores and for differences between systems: the paired bootstrap over passages, widened by what seeds do.

Passages. Questions about one passage rise and fall together, so whole passages are drawn with replacement (cluster bootstrap:
Davison & Hinkley 1997, section 3.8), the same ones for both systems of a difference (paired bootstrap: Koehn 2004,
W04-3250). Resampling passages of unequal size varies too little, as a standard deviation with n in place of n - 1 does.
Every draw's distance from the estimate is therefore multiplied by sqrt(g / c), c drawn from chi-square with g - 1 degrees of
freedom, so that a normal bootstrap distribution becomes Student's t (the expansion of Hesterberg 2015, arXiv 1411.5279). Here g
is the number of passages that count, (sum n)^2 / sum n^2 for passages of n questions each.

Seeds. A few trained students stand for all that could be trained, and they answer about the same passages. Three of them are
too few to resample: the pigeonhole bootstrap (Owen 2007, arXiv 0712.1111), which resamples both, is too wide. Their part is the
variance component of seeds in a table of seeds and passages (Searle, Casella & McCulloch 1992, chapter 4): the variance between
seeds less their interaction with passages, which resampled passages show already, never under 0. Its root is added to every
draw times a draw from Student's t with one degree of freedom less than there are seeds.

Where no answer or every answer is right, all draws are alike. There the far end is that of Clopper & Pearson (1934) for g
passages: what is rarer than that stays unseen in more than 2.5 of 100 such samples.

`benchmarks/interval_coverage.py` measures how often these intervals hold the truth.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gemquad.errors import UserError

Array = NDArray[np.float64]

_CHUNK = 1_000_000  # numbers in memory at once


@dataclass(frozen=True)
class Interval:
    """An estimate and its interval, in the unit of the function that made it; `low <= value <= high`, never NaN."""

    value: float
    low: float
    high: float

    @property
    def holds_zero(self) -> bool:
        """Whether the data are compatible with no difference."""
        return self.low <= 0 <= self.high


def mean_interval(
    scores: ArrayLike, passages: ArrayLike, resamples: int = 10_000, confidence: float = 0.95, seed: int = 0
) -> Interval:
    """The corpus score in percent: the mean over questions, for new passages and, with several seeds, new students.

    With one seed the interval speaks of new passages alone. With one passage it is all that is possible, 0 to 100.

    Args:
        scores: [seeds, questions] or [questions], each 0 to 1.
        passages: [questions], the number of each question's passage; any whole numbers.

    Raises:
        UserError: no question, a number that is not finite, or shapes that do not belong together.
    """
    table = _table(scores, passages, "scores")
    return _interval(100 * table, np.ones(table.shape[1]), passages, (0, 100), resamples, confidence, seed)


def delta_interval(
    first: ArrayLike,
    second: ArrayLike,
    passages: ArrayLike,
    resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """The corpus score of `first` minus that of `second` in percent points; otherwise as `mean_interval`.

    Both answered the same questions; row i of both was trained with the same seed.
    """
    one, other = _table(first, passages, "first"), _table(second, passages, "second")
    if one.shape != other.shape:
        raise UserError(
            f"two systems to compare have scores of {one.shape} and {other.shape} (seeds, questions). "
            "Compare them on the same questions and the same seeds."
        )
    return _interval(100 * (one - other), np.ones(one.shape[1]), passages, (-100, 100), resamples, confidence, seed)


def ratio_interval(
    numerators: ArrayLike,
    denominators: ArrayLike,
    passages: ArrayLike,
    resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """A share, sum of `numerators` over sum of `denominators`, such as precision: right ones among those kept; 0 to 1.

    Args:
        numerators: [items], each at most its denominator.
        denominators: [items], 0 or more.
        passages: [items], the number of each item's passage.

    Raises:
        UserError: as `mean_interval`, or denominators that sum to 0.
    """
    parts, wholes = _table(numerators, passages, "numerators"), _table(denominators, passages, "denominators")
    if wholes.sum() <= 0:
        raise UserError("a share of nothing has no value: all denominators are 0. Report it as undefined.")
    return _interval(parts, wholes[0], passages, (0, 1), resamples, confidence, seed)


def _interval(
    values: Array,
    weights: Array,
    passages: ArrayLike,
    bounds: tuple[float, float],
    resamples: int,
    confidence: float,
    seed: int,
) -> Interval:
    """The interval of the sum of `values` [seeds, items] over the sum of `weights` [items], the mean over seeds."""
    groups = np.unique(np.asarray(passages), return_inverse=True)[1]
    sums = np.stack([np.bincount(groups, row) for row in values], dtype=np.float64)
    sizes = np.bincount(groups, weights).astype(np.float64)
    value = float(sums.mean(axis=0).sum() / sizes.sum())
    least, most = map(float, bounds)
    if np.count_nonzero(sizes) < 2:
        return Interval(value, least, most)
    tail = (1 - confidence) / 2
    draws = value + _deviations(sums, sizes, resamples, np.random.default_rng(seed))
    low, high = np.clip(np.quantile(draws, [tail, 1 - tail]), least, most)
    unseen = (most - least) * (1 - tail ** (1 / _passages_that_count(sizes)))
    return Interval(
        value,
        low=most - unseen if value == most else min(float(low), value),
        high=least + unseen if value == least else max(float(high), value),
    )


def _deviations(sums: Array, sizes: Array, resamples: int, rng: np.random.Generator) -> Array:
    """How far `resamples` draws lie from the estimate; `sums` is [seeds, passages], `sizes` [passages]."""
    seeds, passages = len(sums), _passages_that_count(sizes)
    mean = sums.mean(axis=0)
    deviations = _resample(mean, sizes, resamples, rng) - mean.sum() / sizes.sum()
    chi_square = np.maximum(rng.chisquare(passages - 1, resamples), np.finfo(np.float64).tiny)
    deviations *= np.sqrt(passages / chi_square)
    if seeds > 1:
        deviations += np.sqrt(_seed_variance(sums, sizes)) * rng.standard_t(seeds - 1, resamples)
    return deviations


def _passages_that_count(sizes: Array) -> float:
    return float(sizes.sum() ** 2 / (sizes**2).sum())


def _resample(sums: Array, sizes: Array, resamples: int, rng: np.random.Generator) -> Array:
    """The ratio of `sums` to `sizes`, both [passages], in each of `resamples` draws of as many passages."""
    ratios = []
    rows = max(1, _CHUNK // len(sums))
    for at in range(0, resamples, rows):
        chosen = rng.integers(len(sums), size=(min(rows, resamples - at), len(sums)))
        total = sizes[chosen].sum(axis=1)
        hollow = total == 0  # every passage drawn was without an item: the draw says nothing
        ratios.append(np.where(hollow, sums.sum() / sizes.sum(), sums[chosen].sum(axis=1) / np.where(hollow, 1, total)))
    return np.concatenate(ratios)


def _seed_variance(sums: Array, sizes: Array) -> float:
    """What seeds alone add to the variance of the mean over seeds; `sums` is [seeds, passages]."""
    seeds, passages = len(sums), _passages_that_count(sizes)
    by_seed = sums.sum(axis=1, keepdims=True) / sizes.sum()
    residuals = (sums - by_seed * sizes) / sizes.sum()
    interaction = ((residuals - residuals.mean(axis=0)) ** 2).sum() * passages / (passages - 1)
    between = ((by_seed - by_seed.mean()) ** 2).sum()
    return float(max(between - interaction, 0)) / (seeds * (seeds - 1))


def _table(scores: ArrayLike, passages: ArrayLike, name: str) -> Array:
    """`scores` as [seeds, questions], checked against `passages`."""
    table = np.atleast_2d(np.asarray(scores, dtype=np.float64))
    if table.size == 0:
        raise UserError(f"{name}: there is nothing to score. An interval needs at least one question.")
    if table.ndim != 2 or table.shape[1:] != np.shape(passages):
        raise UserError(
            f"{name} has the shape {table.shape} and passages {np.shape(passages)}. "
            "Give [seeds, questions] and the passage of every question."
        )
    if not np.isfinite(table).all():
        raise UserError(f"{name} holds a value that is not a finite number. Give every question a score.")
    return table
