"""Intervals for scores and for differences between systems: the paired bootstrap over groups, widened by what seeds do.

Draws. Items that rise and fall together, such as the questions about one passage, are a group; where nothing ties items together,
every item is a group of its own. Whole groups are drawn with replacement (cluster bootstrap: Davison & Hinkley 1997, section
3.8), the same ones for both systems of a difference (paired bootstrap: Koehn 2004, W04-3250). A draw is a vector of counts, one
for each group, and an item weighs what its group counts; so a metric is a statistic of weighted items (`metrics.py`), be it a mean
or a correlation, and the value of a system is the mean of its students' metrics, one student for each seed.

Groups. Resampling groups of unequal size varies too little, as a standard deviation with n in place of n - 1 does.
Every draw's distance from the estimate is therefore multiplied by sqrt(g / c), c drawn from chi-square with g - 1 degrees of
freedom, so that a normal bootstrap distribution becomes Student's t (the expansion of Hesterberg 2015, arXiv 1411.5279). Here g
is the number of groups that count, (sum n)^2 / sum n^2 for groups of n items each.

Strata. A metric over several languages is the mean of those within each (`components.py`), so its draws are the means of draws made
within every language, each widened as its own groups ask for (stratified bootstrap: Davison & Hinkley 1997, section 3.2).

Seeds. A few trained students stand for all that could be trained, and they answer about the same groups. Three of them are
too few to resample: the pigeonhole bootstrap (Owen 2007, arXiv 0712.1111), which resamples both, is too wide. Their part is the
variance component of seeds in a table of seeds and groups (Searle, Casella & McCulloch 1992, chapter 4): the variance between
seeds less their interaction with groups, which resampled groups show already, never under 0 (`components.py`). Its root is added to
every draw times a draw from Student's t with one degree of freedom less than there are seeds. A student has its seed in every
stratum.

Where no answer or every answer is right, all draws are alike. There the far end is that of Clopper & Pearson (1934) for g
groups: what is rarer than that stays unseen in more than 2.5 of 100 such samples. For correlations this is a convention, exact
for MCC of two equally frequent classes. A draw whose statistic is undefined counts as the estimate.

`benchmarks/interval_coverage.py` measures how often these intervals hold the truth.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from gemquad.errors import UserError
from gemquad.schema.results import Interval
from gemquad.scoring.components import Groups, Stratum, components, means, strata_of
from gemquad.scoring.metrics import WEIGHTS_AT_ONCE, Array, Metric, Weights

_ROUNDING = 1e-9


def score_interval(
    metric: Metric,
    tables: ArrayLike,
    groups: ArrayLike,
    resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
    strata: ArrayLike | None = None,
) -> Interval:
    """A system's metric in percent, the mean over seeds, for new groups and, with several seeds, new students.

    With one seed the interval speaks of new groups alone. With one group it is all that is possible.

    Args:
        metric: what is computed.
        tables: [seeds, items, k], the columns of each seed.
        groups: [items], the number of each item's group; any whole numbers.
        resamples: draws.
        confidence: the share of intervals that should hold the truth.
        seed: of the draws, not of a student.
        strata: [items], the stratum of each item, such as its language; the metric is then the mean over strata.

    Raises:
        UserError: no item, a number that is not finite, or shapes that do not belong together.
    """
    checked = _checked(tables, groups, "tables", dimensions=3)
    parts = strata_of(metric, [checked], groups, strata)
    return _interval(parts, (metric.least, 100.0), resamples, confidence, seed)


def delta_interval(
    metric: Metric,
    first: ArrayLike,
    second: ArrayLike,
    groups: ArrayLike,
    resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
    strata: ArrayLike | None = None,
) -> Interval:
    """The metric of `first` minus that of `second` in percent points; otherwise as `score_interval`.

    Both answered the same items; table i of both is of students trained with the same seed.
    """
    one, other = (
        _checked(tables, groups, name, dimensions=3) for tables, name in ((first, "first"), (second, "second"))
    )
    if one.shape != other.shape:
        raise UserError(
            f"two systems to compare have tables of {one.shape} and {other.shape} (seeds, items, columns). "
            "Compare them on the same examples and the same seeds."
        )
    most = 100 - metric.least
    return _interval(strata_of(metric, [one, other], groups, strata), (-most, most), resamples, confidence, seed)


def ratio_interval(
    numerators: ArrayLike,
    denominators: ArrayLike,
    groups: ArrayLike,
    resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """A share, sum of `numerators` over sum of `denominators`, such as precision: right ones among those kept; 0 to 1.

    Args:
        numerators: [items], each at most its denominator.
        denominators: [items], 0 or more.
        groups: [items], the number of each item's group.
        resamples: draws.
        confidence: the share of intervals that should hold the truth.
        seed: of the draws.

    Raises:
        UserError: as `score_interval`, or denominators that sum to 0.
    """
    parts = _checked(numerators, groups, "numerators", dimensions=1)
    wholes = _checked(denominators, groups, "denominators", dimensions=1)
    if wholes.sum() <= 0:
        raise UserError("a share of nothing has no value: all denominators are 0. Report it as undefined.")

    def share(weights: Weights) -> Array:
        total = weights @ wholes
        return np.divide(weights @ parts, total, out=np.full_like(total, np.nan), where=total > 0)[np.newaxis]

    return _interval([Stratum(share, Groups.named(groups, wholes))], (0.0, 1.0), resamples, confidence, seed)


def _interval(
    strata: Sequence[Stratum], bounds: tuple[float, float], resamples: int, confidence: float, seed: int
) -> Interval:
    """The interval of the mean over strata and seeds."""
    value = float(means(strata).mean())
    least, most = bounds
    if any(np.count_nonzero(stratum.groups.sizes) < 2 for stratum in strata):
        return Interval(value, least, most)
    tail = (1 - confidence) / 2
    draws = value + _deviations(strata, resamples, np.random.default_rng(seed))
    low, high = np.clip(np.quantile(draws, [tail, 1 - tail]), least, most)
    groups = len(strata) * min(stratum.groups.that_count for stratum in strata)
    unseen = (most - least) * (1 - tail ** (1 / groups))
    return Interval(
        value,
        low=most - unseen if value >= most - _ROUNDING else min(float(low), value),
        high=least + unseen if value <= least + _ROUNDING else max(float(high), value),
    )


def _deviations(strata: Sequence[Stratum], resamples: int, rng: np.random.Generator) -> Array:
    """How far `resamples` draws lie from the value; the strata are drawn apart, the seeds are the same in all."""
    deviations: Array = np.mean([_of_groups(stratum, resamples, rng) for stratum in strata], axis=0)
    if (seeds := len(means(strata))) > 1:
        deviations += np.sqrt(components(strata).seeds / seeds) * rng.standard_t(seeds - 1, resamples)
    return deviations


def _of_groups(stratum: Stratum, resamples: int, rng: np.random.Generator) -> Array:
    """The deviations [resamples] that the groups of one stratum make."""
    count = stratum.groups.that_count
    deviations = stratum.differences(_draws(stratum.groups, resamples, rng)).mean(axis=0)
    chi_square = np.maximum(rng.chisquare(count - 1, resamples), np.finfo(np.float64).tiny)
    return deviations * np.sqrt(count / chi_square)


def _draws(groups: Groups, resamples: int, rng: np.random.Generator) -> Iterator[Array]:
    """The weights of the items in `resamples` draws of as many groups, in chunks [draws, items]."""
    count = len(groups.sizes)
    for rows in _chunks(resamples, len(groups.of)):
        chosen = rng.integers(count, size=(len(rows), count)) + count * np.arange(len(rows))[:, np.newaxis]
        counts = np.bincount(chosen.ravel(), minlength=count * len(rows)).reshape(len(rows), count)
        yield counts.astype(np.float64)[:, groups.of]


def _chunks(rows: int, width: int) -> Iterator[range]:
    step = max(1, WEIGHTS_AT_ONCE // width)
    return (range(at, min(at + step, rows)) for at in range(0, rows, step))


def _checked(values: ArrayLike, groups: ArrayLike, name: str, dimensions: int) -> Array:
    """`values` as numbers, [items] or [seeds, items, k], checked against `groups`."""
    table = np.asarray(values, dtype=np.float64)
    if table.size == 0:
        raise UserError(f"{name}: there is nothing to score. An interval needs at least one example.")
    items = table.shape[-2:-1] if dimensions == 3 else table.shape
    if table.ndim != dimensions or items != np.shape(groups):
        shape = "[seeds, items, columns]" if dimensions == 3 else "[items]"
        raise UserError(
            f"{name} has the shape {table.shape} and groups {np.shape(groups)}. Give {shape} and the group of every item."
        )
    if not np.isfinite(table).all():
        raise UserError(f"{name} holds a value that is not a finite number. Give every example a score.")
    return table
