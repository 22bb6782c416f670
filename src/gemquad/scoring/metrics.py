"""Metrics as statistics of weighted items, so that one bootstrap serves them all.

A statistic is given what it is computed from, `columns` [items, k], and how often every item counts in every draw, `weights`
[draws, items], whole numbers with a positive sum in each draw. It returns [draws], in percent: shares from 0 to 100, correlations
from -100 to 100. An item that counts twice is the same as two equal items, ties included.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WEIGHTS_AT_ONCE = 1_000_000
"""Weights in memory at once, of any number of draws."""

_CANCELLED = 1e-12  # a variance smaller than this share of the mean square is what rounding left of 0


class AllButEach:
    """Weights [groups, items] of 0 and 1, never in memory: row g leaves out the items whose group, of [items], is g.

    A weighted sum takes one pass over the items, not one for each group: it is the sum of all less that of the group.
    """

    def __init__(self, of: NDArray[np.int64]) -> None:
        self._of = of

    def __matmul__(self, terms: Array) -> Array:
        columns = terms.reshape(len(terms), -1)
        own = np.stack([np.bincount(self._of, column) for column in columns.T], axis=1)
        return (columns.sum(axis=0) - own).reshape(-1, *terms.shape[1:])

    def sum(self, axis: int) -> Array:
        """Row sums [groups]; `axis` must be 1, as for an array."""
        return self @ np.ones(len(self._of))

    def rows(self) -> Iterator[Array]:
        """The weights in chunks [groups, items], for metrics that are not functions of sums."""
        groups, step = self._of.max() + 1, max(1, WEIGHTS_AT_ONCE // len(self._of))
        for at in range(0, groups, step):
            yield np.not_equal.outer(np.arange(at, min(at + step, groups)), self._of).astype(np.float64)


Weights = Array | AllButEach

Statistic = Callable[[Array, Weights], Array]
"""From columns [items, k] and weights [draws, items] to [draws], in percent."""


@dataclass(frozen=True)
class Metric:
    """A statistic with its key in metrics files (`name`), its name in tables (`label`) and the `least` it can be, in percent."""

    name: str
    label: str
    least: float
    statistic: Statistic


def value(metric: Metric, columns: Array) -> float:
    """The metric of `columns` [items, k] in percent, every item counted once."""
    return float(metric.statistic(columns, np.ones((1, len(columns))))[0])


def mean_of(column: int) -> Statistic:
    """The mean of one column of scores, each 0 to 1."""

    def mean(columns: Array, weights: Weights) -> Array:
        return 100 * (weights @ columns[:, column]) / weights.sum(axis=1)

    return mean


def accuracy(columns: Array, weights: Weights) -> Array:
    """The share of items whose expected class (column 0) is the predicted one (column 1)."""
    correct = columns[:, 0] == columns[:, 1]
    return 100 * (weights @ correct.astype(np.float64)) / weights.sum(axis=1)


def mcc(columns: Array, weights: Weights) -> Array:
    """Matthews' correlation of expected and predicted classes, for any number of classes; 0 where either is one class only.

    It is R_K of Gorodkin (2004, doi 10.1016/j.compbiolchem.2004.09.006), which needs of the confusion matrix only its trace and
    margins.
    """
    expected, predicted = _indicators(columns)
    total = weights.sum(axis=1)
    correct = weights @ (expected * predicted).sum(axis=1)
    of_expected, of_predicted = weights @ expected, weights @ predicted
    return _correlation(
        correct * total - (of_expected * of_predicted).sum(axis=1),
        total**2 - (of_expected**2).sum(axis=1),
        total**2 - (of_predicted**2).sum(axis=1),
    )


def macro_f1(columns: Array, weights: Weights) -> Array:
    """F1 of each class, averaged over the classes that occur in a draw, expected or predicted."""
    expected, predicted = _indicators(columns)
    hits = weights @ (expected * predicted)
    cases = weights @ (expected + predicted)
    scores = np.divide(2 * hits, cases, out=np.zeros_like(cases), where=cases > 0)
    return 100 * scores.sum(axis=1) / np.count_nonzero(cases, axis=1)


def pearson(columns: Array, weights: Weights) -> Array:
    """Pearson's correlation of expected (column 0) and predicted (column 1) values; 0 where either does not vary."""
    x, y = (columns - columns.mean(axis=0)).T
    moments = weights @ np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1)
    total, x_sum, y_sum, xx, yy, xy = moments.T
    return _correlation(total * xy - x_sum * y_sum, _spread(total, x_sum, xx), _spread(total, y_sum, yy))


def spearman(columns: Array, weights: Weights) -> Array:
    """Spearman's rank correlation: Pearson's of the ranks within a draw (ties share their mean rank); 0 where ranks do not vary."""
    if isinstance(weights, AllButEach):
        return np.concatenate([spearman(columns, rows) for rows in weights.rows()])
    weights = np.ascontiguousarray(weights.T)
    total = weights.sum(axis=0)
    (x_ranks, x_ties), (y_ranks, y_ties) = (_ranks(column, weights, total) for column in columns.T)
    covariance = np.einsum("id,id,id->d", weights, x_ranks, y_ranks)
    return _correlation(12 * covariance, total**3 - x_ties, total**3 - y_ties)


F1 = Metric("f1", "F1", 0, mean_of(0))
EXACT_MATCH = Metric("exact_match", "EM", 0, mean_of(1))
ACCURACY = Metric("accuracy", "accuracy", 0, accuracy)
MCC = Metric("mcc", "MCC", -100, mcc)
MACRO_F1 = Metric("macro_f1", "macro F1", 0, macro_f1)
PEARSON = Metric("pearson", "Pearson", -100, pearson)
SPEARMAN = Metric("spearman", "Spearman", -100, spearman)

EXTRACTION = {metric.name: metric for metric in (F1, EXACT_MATCH)}
"""Columns: the F1 and the exact match of each answer, 0 to 1."""

CLASSIFICATION = {metric.name: metric for metric in (ACCURACY, MCC, MACRO_F1)}
"""Columns: the number of the expected class and of the predicted one, whole numbers."""

SIMILARITY = {metric.name: metric for metric in (PEARSON, SPEARMAN)}
"""Columns: the expected value and the predicted one."""


def _indicators(columns: Array) -> tuple[Array, Array]:
    """Which class is expected and which is predicted, each [items, classes] of 0 and 1."""
    classes = np.unique(columns)
    expected, predicted = (np.equal.outer(column, classes).astype(np.float64) for column in columns.T)
    return expected, predicted


def _correlation(covariance: Array, first: Array, second: Array) -> Array:
    """Covariances [draws] over the root of both variances, in percent; 0 where a variance is 0."""
    product = first * second
    ratio = np.divide(covariance, np.sqrt(product), out=np.zeros_like(product), where=product > 0)
    return 100 * np.clip(ratio, -1, 1)


def _spread(total: Array, sums: Array, squares: Array) -> Array:
    """The variance of each draw times its squared weight, [draws]; 0 where nothing but rounding is left of it."""
    spread = total * squares - sums**2
    return np.where(spread > _CANCELLED * total * squares, spread, 0)


def _ranks(column: Array, weights: Array, total: Array) -> tuple[Array, Array]:
    """Ranks about their mean [items, draws] of `column` under `weights` [items, draws], and the sum of cubed ties [draws].

    Sorted once for all draws. Of items with one value, `tied` is the weight and `middle` the mean rank; ranks have the variance
    (total^3 - sum of tied^3) / 12, divided by the total.
    """
    _, value_of, counts = np.unique(column, return_inverse=True, return_counts=True)
    tied = np.add.reduceat(weights[np.argsort(value_of, kind="stable")], np.cumsum(counts) - counts, axis=0)
    middle = np.cumsum(tied, axis=0)
    middle -= (tied + total) / 2
    return middle[value_of], np.einsum("vd,vd,vd->d", tied, tied, tied)
