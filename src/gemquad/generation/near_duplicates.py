"""Which texts nearly repeat an earlier one: the same answer as comparing each with each, without doing so.

Two texts are nearly the same where their normalised Indel similarity (rapidfuzz's `ratio`) is `least` or more: one becomes the
other by at most (1 - least) * (sum of lengths) insertions and deletions of one character. `readings.py` finds pairs of texts of which
that may be true and misses none; sketches rule out nearly all of them; rapidfuzz compares what is left.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from gemquad.generation.readings import Numbers, Side, flips, pairs_within, sketches

Comparable = Callable[[int, int], bool]
"""Whether of two texts that are nearly the same, by their numbers, the later one makes the earlier one superfluous."""

_FEW = 64  # texts that are compared each with each
_LEAF = 8192  # texts that are compared among themselves before they are compared with later ones
_BAND = 1.15  # the longest text of a band over its shortest
_ROUNDING = 1e-6


def first_of_its_kind(texts: Sequence[str], least: float, comparable: Comparable) -> list[bool]:
    """Whether a text, in order, nearly repeats no earlier one that is itself the first of its kind and comparable with it.

    `least`, over 0, is the similarity from which texts are nearly the same; above 1 none are.
    """
    if len(texts) <= _FEW:
        return _each_with_each(texts, least, comparable)
    block = _Block(texts, least)
    first = np.zeros(len(texts), dtype=bool)
    first[block.first(np.arange(len(texts)), comparable)] = True
    return first.tolist()


def _each_with_each(texts: Sequence[str], least: float, comparable: Comparable) -> list[bool]:
    """What is meant, word for word."""
    first: list[bool] = []
    for later, text in enumerate(texts):
        first.append(
            not any(
                first[earlier]
                and fuzz.ratio(text, texts[earlier], score_cutoff=100 * least) >= 100 * least
                and comparable(later, earlier)
                for earlier in range(later)
            )
        )
    return first


class _Block:
    """Many texts."""

    def __init__(self, texts: Sequence[str], least: float) -> None:
        self._texts, self._least = texts, least
        self._lengths = np.array([len(text) for text in texts], dtype=np.int64)
        self._sketches = sketches(texts)

    def first(self, numbers: Numbers, comparable: Comparable) -> Numbers:
        """The first of their kind among `numbers`: those of the first half, then of what in the second repeats none of them."""
        if len(numbers) <= _LEAF:
            return self._without_repeats(numbers, self._near(numbers, numbers), comparable)
        before, after = np.array_split(numbers, 2)
        before = self.first(before, comparable)
        after = self._without_repeats(after, self._near(before, after), comparable)
        return np.concatenate([before, self.first(after, comparable)])

    def _without_repeats(self, numbers: Numbers, near: set[tuple[int, int]], comparable: Comparable) -> Numbers:
        """`numbers` without the later one of a pair of `near` whose earlier one stays."""
        repeats: set[int] = set()
        for later, earlier in sorted(near):
            if earlier not in repeats and later not in repeats and comparable(later, earlier):
                repeats.add(later)
        return np.setdiff1d(numbers, np.fromiter(repeats, dtype=np.int64), assume_unique=True)

    def _near(self, before: Numbers, after: Numbers) -> set[tuple[int, int]]:
        """The pairs, later and earlier, of one of `before` and one of `after` that are nearly the same."""
        found: set[tuple[int, int]] = set()
        for shortest, low, high in self._bands(before, after):
            one, other = self._between(before, shortest, high), self._between(after, shortest, high)
            sides = [Side([self._texts[number] for number in side], self._sketches[:, side]) for side in (one, other)]
            for left, right in pairs_within(int(self._changes(2 * high)), *sides):
                found |= self._verified(one[left], other[right], low)
        return found

    def _bands(self, before: Numbers, after: Numbers) -> Iterator[tuple[float, int, int]]:
        """Of pairs whose longer text has `low` to `high` characters: the least that the shorter one may have, low and high."""
        if not len(before) or not len(after):
            return
        lengths = self._lengths[np.concatenate([before, after])]
        low, most = int(lengths.min()), int(lengths.max())
        while low <= most:
            high = min(int(low * _BAND), most)
            yield low * self._least / (2 - self._least) - _ROUNDING, low, high
            low = high + 1

    def _between(self, numbers: Numbers, low: float, high: int) -> Numbers:
        return numbers[(self._lengths[numbers] >= low) & (self._lengths[numbers] <= high)]

    def _changes(self, together: NDArray[np.int64] | int) -> NDArray[np.int64]:
        """The most insertions and deletions between texts of so many characters together that are nearly the same."""
        return np.floor((1 - self._least) * np.asarray(together) + _ROUNDING).astype(np.int64)

    def _verified(self, left: Numbers, right: Numbers, low: int) -> set[tuple[int, int]]:
        """Those of the pairs whose longer text has `low` characters or more that are nearly the same: the later one, the earlier one."""
        later, earlier = np.maximum(left, right), np.minimum(left, right)
        one, other = self._lengths[later], self._lengths[earlier]
        changes = self._changes(one + other)
        possible = (later != earlier) & (np.maximum(one, other) >= low) & (np.abs(one - other) <= changes)
        later, earlier, changes = later[possible], earlier[possible], changes[possible]
        possible = flips(self._sketches[:, later], self._sketches[:, earlier]) <= changes
        later, earlier = np.unique(np.stack([later[possible], earlier[possible]]), axis=1)
        least = 100 * self._least
        similar = cpdist(
            [self._texts[number] for number in later],
            [self._texts[number] for number in earlier],
            scorer=fuzz.ratio,
            score_cutoff=least,
            dtype=np.float64,
        )
        return set(zip(later[similar >= least].tolist(), earlier[similar >= least].tolist(), strict=True))
