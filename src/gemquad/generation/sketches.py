"""Sketches of texts, by which most pairs are seen to be different.

A text holds a first "a", a second "a", a first "b" and so on; a hash puts each of these into one of 128 groups, and a sketch says
of every group whether it holds an odd number of them. An insertion or deletion of a character adds or takes away one of them and
so flips one bit. Where more bits differ than there may be changes, texts are not nearly the same (the bitmap filter of Sandes,
Teodoro & Melo 2020, Information Systems, for multisets of characters).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Bits = NDArray[np.uint64]
Pairs = tuple[Numbers, Numbers]
"""Of each pair the number of the later text, and of the earlier one."""

_SLICE = 1 << 20  # characters in memory at once
_CACHED = 1 << 16  # pairs that are looked at while they stay in the cache
_ROUNDING = 1e-6


class Sketched:
    """Texts that are compared: `lengths` [texts] in characters, sketches, and the `least` similarity of those nearly the same."""

    def __init__(self, texts: Sequence[str], least: float) -> None:
        self.texts, self.least = texts, least
        self.lengths = np.array([len(text) for text in texts], dtype=np.int64)
        self._bits = np.zeros((2, len(texts)), dtype=np.uint64)
        step = max(1, _SLICE // max(1, int(self.lengths.max(initial=1))))
        for at in range(0, len(texts), step):
            self._bits[:, at : at + step] = _sketches(texts[at : at + step])

    def texts_of(self, numbers: Numbers) -> list[str]:
        """The texts of the given numbers."""
        return [self.texts[number] for number in numbers.tolist()]

    def changes(self, together: Numbers | int) -> Numbers:
        """The most insertions and deletions that near-duplicates of `together` characters in total can differ by."""
        return np.floor((1 - self.least) * np.asarray(together) + _ROUNDING).astype(np.int64)

    def shortest(self, length: int) -> float:
        """The least length of a near-duplicate of a longer text of `length` characters."""
        return length * self.least / (2 - self.least) - _ROUNDING

    def longest(self, length: int) -> float:
        """The greatest length of a near-duplicate of a shorter text of `length` characters."""
        return length * (2 - self.least) / self.least + _ROUNDING

    def possible(self, first: Numbers, second: Numbers) -> Pairs:
        """The pairs of `first` and `second` that lengths and sketches do not rule out."""
        later, earlier = np.maximum(first, second), np.minimum(first, second)
        one, other = self.lengths[later], self.lengths[earlier]
        changes = self.changes(one + other)
        flips = _flips(self._bits[:, later], self._bits[:, earlier])
        like = (later != earlier) & (np.abs(one - other) <= changes) & (flips <= changes)
        return later[like], earlier[like]

    def scan(self, one: Numbers, other: Numbers) -> Iterator[Pairs]:
        """The pairs of each text of `one` with each of `other` that lengths and sketches do not rule out."""
        one, other = (side[np.argsort(self.lengths[side], kind="stable")] for side in (one, other))
        found: list[Pairs] = []
        for like in self._like(one, other):
            found.append(like)
            if sum(len(first) for first, _ in found) > _SLICE:
                yield self.possible(*map(np.concatenate, zip(*found, strict=True)))
                found.clear()
        if found:
            yield self.possible(*map(np.concatenate, zip(*found, strict=True)))

    def _like(self, one: Numbers, other: Numbers) -> Iterator[Pairs]:
        """The pairs that sketches alone do not rule out, of texts in the order of their lengths: a few of `one` at a time."""
        lengths, bits = self.lengths[other], self._bits[:, other]
        at = 0
        while at < len(one):
            begin = int(np.searchsorted(lengths, self.shortest(int(self.lengths[one[at]]))))
            rows = one[at : at + max(1, _CACHED // max(1, len(other) - begin))]
            longest = int(self.lengths[rows[-1]])
            end = int(np.searchsorted(lengths, self.longest(longest), side="right"))
            flips = _flips(self._bits[:, rows, np.newaxis], bits[:, np.newaxis, begin:end])
            most = np.minimum(self.changes(longest + lengths[begin:end]), 128).astype(np.uint8)
            row, column = np.divmod(np.flatnonzero(flips <= most), max(1, end - begin))
            yield rows[row], other[begin + column]
            at += len(rows)


def _flips(one: Bits, other: Bits) -> NDArray[np.uint8]:
    """In how many bits sketches differ; both [2, …], of shapes that numpy broadcasts."""
    return np.bitwise_count(one[0] ^ other[0]) + np.bitwise_count(one[1] ^ other[1])


def _sketches(texts: Sequence[str]) -> Bits:
    """The sketches of texts, [2, texts]."""
    codes, ends = characters(texts)
    group = scattered(_occurrences(codes, ends)) >> np.uint64(57)
    bit = np.uint64(1) << (group & np.uint64(63))
    found = []
    for word in (0, 1):
        seen = np.where(group >> np.uint64(6) == word, bit, np.uint64(0))
        parities = np.bitwise_xor.accumulate(np.concatenate([np.zeros(1, np.uint64), seen]))
        found.append(parities[ends[1:]] ^ parities[ends[:-1]])
    return np.stack(found)


def _occurrences(codes: NDArray[np.uint32], ends: Numbers) -> Bits:
    """The first "a" of a text, its second "a", its first "b", …, as numbers: text after text, each in some order."""
    of = np.repeat(np.arange(len(ends) - 1, dtype=np.uint64), np.diff(ends))
    alike = np.sort(of << np.uint64(32) | codes)
    begins = np.flatnonzero(np.diff(alike, prepend=~alike[:1]))
    place = np.arange(len(alike)) - np.repeat(begins, np.diff(begins, append=len(alike)))
    return (alike << np.uint64(32)) | place.astype(np.uint64)


def characters(texts: Sequence[str]) -> tuple[NDArray[np.uint32], Numbers]:
    """The code points of all texts, one after another, and where each text begins and ends, [texts + 1]."""
    return np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32), np.cumsum(
        [0, *map(len, texts)]
    )


def scattered(numbers: NDArray[np.unsignedinteger[Any]]) -> Bits:
    """64 bits of each number, as good as random (SplitMix64: Steele, Lea & Flood 2014)."""
    bits = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
