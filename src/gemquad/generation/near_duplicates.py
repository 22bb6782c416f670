"""Which texts nearly repeat an earlier one: the same answer as comparing each with each, without doing so.

Two texts are nearly the same where their normalised Indel similarity (rapidfuzz's `ratio`) is `least` or more: one becomes the
other by at most (1 - least) * (sum of lengths) insertions and deletions of a character. `readings.py` finds the pairs of which that
may be true, `sketches.py` rules out nearly all of them, and rapidfuzz compares what is left.

Where few texts read alike, at most `_LOOKS` others for each, all are found at once, in a time that grows with their number.
Otherwise the first half is settled, then what in the second half repeats one of those that stay is dropped, then the rest is
settled. What the halves have in common is found by the sketches of all pairs of like length. That grows with the square of the
number, at a few nanoseconds a pair; and texts that all repeat one another cost no more than the few that stay.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from gemquad.generation.readings import possible_pairs
from gemquad.generation.sketches import Numbers, Pairs, Sketched

Comparable = Callable[[int, int], bool]
"""Whether of two texts nearly the same, by their numbers, the later and the earlier one, the later one is superfluous."""

_FEW = 64  # texts that are compared each with each
_LEAF = 2048  # texts whose sketches are compared each with each
_WORTH_READING = 16_384  # texts of which readings are faster than sketches alone
_LOOKS = 1000  # pairs whose sketches are compared, for each text


def first_of_its_kind(texts: Sequence[str], least: float, comparable: Comparable) -> list[bool]:
    """For each text whether no earlier, comparable one that is kept itself is nearly the same, a mask [texts].

    `least`, over 0, is the similarity from which texts are nearly the same; above 1 none are.
    """
    first = np.zeros(len(texts), dtype=bool)
    if least > 1:
        first[:] = True
    elif len(texts) <= _FEW:
        first[_each_with_each(texts, least, comparable)] = True
    else:
        first[_first(Sketched(texts, least), np.arange(len(texts)), comparable)] = True
    return first.tolist()


def _each_with_each(texts: Sequence[str], least: float, comparable: Comparable) -> list[int]:
    """What is meant, word for word."""
    first: list[int] = []
    for later, text in enumerate(texts):
        if not any(
            fuzz.ratio(text, texts[earlier], score_cutoff=100 * least) >= 100 * least and comparable(later, earlier)
            for earlier in first
        ):
            first.append(later)
    return first


def _first(texts: Sketched, numbers: Numbers, comparable: Comparable) -> Numbers:
    """The first of their kind among `numbers`."""
    if len(numbers) <= _LEAF:
        return _without_repeats(texts, numbers, texts.scan(numbers, numbers), comparable)
    if len(numbers) > _WORTH_READING:
        pairs = possible_pairs(texts, numbers, _LOOKS)
        if pairs is not None:
            return _without_repeats(texts, numbers, pairs, comparable)
    before, after = np.array_split(numbers, 2)
    before = _first(texts, before, comparable)
    after = _without_repeats(texts, after, texts.scan(before, after), comparable)
    return np.concatenate([before, _first(texts, after, comparable)])


def _without_repeats(texts: Sketched, numbers: Numbers, pairs: Iterable[Pairs], comparable: Comparable) -> Numbers:
    """`numbers` without the later one of two that are nearly the same and of which the earlier one stays."""
    repeats: set[int] = set()
    for later, earlier in _nearly_the_same(texts, pairs).tolist():
        if earlier not in repeats and later not in repeats and comparable(later, earlier):
            repeats.add(later)
    return np.setdiff1d(numbers, np.fromiter(repeats, dtype=np.int64), assume_unique=True)


def _nearly_the_same(texts: Sketched, pairs: Iterable[Pairs]) -> Numbers:
    """Those of `pairs` that are, [pairs, 2], in the order of the later text."""
    found = [_verified(texts, np.stack(part, axis=1)) for part in pairs if len(part[0])]
    return np.unique(np.concatenate([np.zeros((0, 2), np.int64), *found]), axis=0)


def _verified(texts: Sketched, pairs: Numbers) -> Numbers:
    """Those of `pairs`, [pairs, 2], that are nearly the same by rapidfuzz."""
    least = 100 * texts.least
    later, earlier = (texts.texts_of(side) for side in pairs.T)
    return pairs[cpdist(later, earlier, scorer=fuzz.ratio, score_cutoff=least, dtype=np.float64) >= least]
