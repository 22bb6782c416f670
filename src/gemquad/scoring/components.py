"""What a metric, or a difference of two, varies by: groups of items, seeds, and both together.

Strata. A metric over several languages is the mean of the metrics within each, so every language counts equally; a stratum is
one of them, and its groups are apart from those of the others.

Components. In a table of seeds and groups (Searle, Casella & McCulloch 1992, chapter 4) an entry is what a group adds to a
student's metric: how far the metric falls without the group, times the share of items that stay. That is the jackknife's
linearisation (Efron & Tibshirani 1993, chapter 11), and for a mean exactly the group's sum of distances from it over all items. The
variance between seeds holds that of their interaction with groups; what is left of it, never under 0, is the seeds' own.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gemquad.scoring.metrics import AllButEach, Array, Metric, Weights

Estimator = Callable[[Weights], Array]
"""From weights [draws, items] to the metric of each student, [seeds, draws]."""


@dataclass(frozen=True)
class Groups:
    """`of` is the group of each item, numbered from 0; `sizes` [groups] is what each group weighs."""

    of: NDArray[np.int64]
    sizes: Array

    @classmethod
    def named(cls, groups: ArrayLike, sizes: Array) -> "Groups":
        """Groups by any whole numbers, of items that weigh `sizes`, both [items]."""
        numbers = np.unique(np.asarray(groups), return_inverse=True)[1]
        return cls(numbers, np.bincount(numbers, sizes).astype(np.float64))

    @property
    def that_count(self) -> float:
        """The number of groups of equal size that would vary as much."""
        return float(self.sizes.sum() ** 2 / (self.sizes**2).sum())


@dataclass(frozen=True)
class Stratum:
    """What is estimated of some items, and their groups."""

    estimator: Estimator
    groups: Groups

    @property
    def estimates(self) -> Array:
        """The metric of each student, [seeds, 1]."""
        return self.estimator(np.ones((1, len(self.groups.of))))

    def differences(self, weights: Iterable[Weights]) -> Array:
        """What chunks of weights [draws, items] give, less the estimates: [seeds, draws], 0 where undefined."""
        return np.nan_to_num(np.concatenate([self.estimator(chunk) for chunk in weights], axis=1) - self.estimates)

    @property
    def added(self) -> Array:
        """What each group adds to each student's metric, [seeds, groups]."""
        stays = 1 - self.groups.sizes / self.groups.sizes.sum()
        return -stays * self.differences([AllButEach(self.groups.of)])


@dataclass(frozen=True)
class Components:
    """Variances in squared points: of one group among all, of one group with one seed, of one seed.

    The mean over `s` students, on `g` groups over all strata, has the variance groups / g + both / (g s) + seeds / s.
    """

    groups: float
    both: float
    seeds: float


def strata_of(metric: Metric, tables: Sequence[Array], groups: ArrayLike, strata: ArrayLike | None) -> list[Stratum]:
    """A metric or, of two tables [seeds, items, k], its difference; by the stratum of each item, one where that is None."""
    numbers, of_stratum = (
        np.asarray(groups),
        np.zeros(len(np.asarray(groups))) if strata is None else np.asarray(strata),
    )
    places = [np.flatnonzero(of_stratum == one) for one in dict.fromkeys(of_stratum.tolist())]
    return [
        Stratum(
            _difference([_estimator(metric, table[:, own]) for table in tables]),
            Groups.named(numbers[own], np.ones(len(own))),
        )
        for own in places
    ]


def means(strata: Sequence[Stratum]) -> Array:
    """The metric of each student, every stratum counting equally: [seeds, 1]."""
    return np.mean([stratum.estimates for stratum in strata], axis=0)


def groups_that_count(strata: Sequence[Stratum]) -> float:
    """The number of groups of equal size, over all strata, that would vary as much."""
    return sum(stratum.groups.that_count for stratum in strata)


def components(strata: Sequence[Stratum]) -> Components:
    """The components of variance of what was measured; with one seed all of it is that of groups.

    Each stratum needs two groups or more.
    """
    every, estimates = groups_that_count(strata), means(strata)
    seeds = len(estimates)
    alone = together = 0.0
    for stratum in strata:
        added, count = stratum.added, stratum.groups.that_count
        unbiased = count / (count - 1) / len(strata) ** 2
        alone += float((added.mean(axis=0) ** 2).sum()) * unbiased
        together += float(((added - added.mean(axis=0)) ** 2).sum()) * unbiased / max(seeds - 1, 1)
    between = float(((estimates - estimates.mean()) ** 2).sum()) / max(seeds - 1, 1)
    return Components(every * max(alone - together / seeds, 0), every * together, max(between - together, 0))


def _estimator(metric: Metric, tables: Array) -> Estimator:
    return lambda weights: np.stack([metric.statistic(columns, weights) for columns in tables])


def _difference(estimators: Sequence[Estimator]) -> Estimator:
    """The first estimator or, of two, the first less the second."""
    if len(estimators) == 1:
        return estimators[0]
    first, second = estimators
    return lambda weights: first(weights) - second(weights)
