"""Pairs of texts that few insertions and deletions may part: all of them, and not many others.

Split the alphabet into d // 2 + 1 classes, and read of two texts the characters of one class alone. An insertion or deletion
changes the readings of one class only, so d of them leave a class in which the two readings are equal, or one is the other
without one character. Such pairs are found by hashes (the pigeonhole principle of exact set joins: Arasu, Ganti & Kaushik 2006,
VLDB; deletion neighbourhoods: Mor & Fraenkel 1982, CACM). Equal readings have equal hashes, so none is missed; different ones with
equal hashes only cost a second look.

How many pairs that finds depends on the alphabet. Where it is small and texts are long, as in English, a reading says too little. Then
the sketches of all pairs are compared: 128 bits, each the parity of how often the characters of one group occur, of which d changes flip
d at most (a bitmap filter as of Sandes, Teodoro & Melo 2020, Information Systems). That grows with the square of the number of
texts, at a few nanoseconds a pair.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Bits = NDArray[np.uint64]
Pairs = tuple[Numbers, Numbers]
"""Of each pair the number of the one text, and of the other."""

_SLICE = 1 << 20  # pairs or characters in memory at once
_CACHED = 1 << 16  # pairs whose sketches stay in the cache
_SAY_TOO_LITTLE = 0.2  # readings that find so many of all pairs
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64
_INVERSE = np.uint64(pow(_BASE, -1, 1 << 64))


@dataclass(frozen=True)
class Side:
    """Texts that are compared with others, and their sketches."""

    texts: Sequence[str]
    sketches: Bits


def pairs_within(changes: int, one: Side, other: Side) -> Iterator[Pairs]:
    """All pairs of one and other that at most `changes` insertions and deletions part, and more, some of them repeatedly."""
    classes = changes // 2 + 1
    class_of = _classes("".join([*one.texts, *other.texts]), classes)
    readings = [_Readings(side.texts, class_of, classes) for side in (one, other)]
    bearable = _SAY_TOO_LITTLE * len(one.texts) * len(other.texts)
    for number in range(classes):
        for count, pairs in _equal_readings(*(side.of(number) for side in readings)):
            bearable -= count
            if bearable < 0:
                yield from _like(changes, one.sketches, other.sketches)
                return
            yield from pairs


def sketches(texts: Sequence[str]) -> Bits:
    """128 bits of each text, [2, texts], of which an insertion or deletion flips one."""
    found = np.zeros((2, len(texts)), dtype=np.uint64)
    step = max(1, _SLICE // max(map(len, texts), default=1))
    for at in range(0, len(texts), step):
        codes, ends = _characters(texts[at : at + step])
        group = _scattered(_occurrences(codes, ends)) >> np.uint64(57)
        bit = np.uint64(1) << (group & np.uint64(63))
        for word in (0, 1):
            seen = np.where(group >> np.uint64(6) == word, bit, np.uint64(0))
            parities = np.bitwise_xor.accumulate(np.concatenate([np.zeros(1, np.uint64), seen]))
            found[word, at : at + step] = parities[ends[1:]] ^ parities[ends[:-1]]
    return found


def flips(one: Bits, other: Bits) -> NDArray[np.uint8]:
    """In how many bits sketches differ; `one` and `other` are [2, …], of shapes that numpy broadcasts."""
    return np.bitwise_count(one[0] ^ other[0]) + np.bitwise_count(one[1] ^ other[1])


def _like(changes: int, one: Bits, other: Bits) -> Iterator[Pairs]:
    """All pairs whose sketches differ in at most `changes` bits."""
    step = max(1, _CACHED // other.shape[1])
    for at in range(0, one.shape[1], step):
        left, right = np.nonzero(flips(one[:, at : at + step, np.newaxis], other[:, np.newaxis]) <= changes)
        yield left + at, right


@dataclass(frozen=True)
class _Reading:
    """What texts say in one class of characters, as hashes: `whole` [texts]; `without` one character, of the text `of` it."""

    whole: Bits
    without: Bits
    of: Numbers


class _Readings:
    """Texts by classes of characters."""

    def __init__(self, texts: Sequence[str], class_of: NDArray[np.uint16], classes: int) -> None:
        codes, ends = _characters(texts)
        order = np.argsort(class_of[codes], kind="stable")
        self._texts = len(texts)
        self._values = _scattered(codes)[order]
        self._of = np.repeat(np.arange(len(texts)), np.diff(ends))[order]
        self._ends = np.searchsorted(class_of[codes[order]], np.arange(classes + 1))

    def of(self, number: int) -> _Reading:
        """The reading is a polynomial modulo 2^64 whose coefficients are its characters; one less divides what follows by the base."""
        own = slice(self._ends[number], self._ends[number + 1])
        values, of = self._values[own], self._of[own]
        lengths = np.bincount(of, minlength=self._texts)
        ends = np.cumsum(lengths)
        powers = np.full(lengths.max(initial=0) + 1, _BASE, dtype=np.uint64)
        powers[0] = 1
        place = np.arange(len(of)) - (ends - lengths)[of]
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values * np.cumprod(powers)[place])])
        begin, end = sums[ends - lengths], sums[ends]
        return _Reading(end - begin, sums[:-1] - begin[of] + (end[of] - sums[1:]) * _INVERSE, of)


class _Found:
    """Which of `asked` hashes, of the texts `of`, occur among `known` ones."""

    def __init__(self, asked: Bits, of: Numbers, known: Bits) -> None:
        self._order = np.argsort(known)
        known = known[self._order]
        shift = np.uint64(60 - len(known).bit_length())
        beginnings = np.zeros(1 << (64 - int(shift)), dtype=bool)
        beginnings[known >> shift] = True
        likely = np.flatnonzero(beginnings[asked >> shift])
        self._begin = np.searchsorted(known, asked[likely])
        self._counts = np.searchsorted(known, asked[likely], side="right") - self._begin
        self._of = of[likely]
        self.count = int(self._counts.sum())

    def pairs(self) -> Iterator[Pairs]:
        """The text of which the hash was asked, and one that has it."""
        ends = np.cumsum(self._counts)
        at = 0
        while at < len(ends):
            done = ends[at] - self._counts[at]
            to = max(at + 1, int(np.searchsorted(ends, done + _SLICE, side="right")))
            counts = self._counts[at:to]
            place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            yield np.repeat(self._of[at:to], counts), self._order[np.repeat(self._begin[at:to], counts) + place]
            at = to


def _equal_readings(one: _Reading, other: _Reading) -> Iterator[tuple[int, Iterator[Pairs]]]:
    """How many pairs, and the pairs, whose readings are equal, whole or without a character of one or the other."""
    everything = np.arange(len(one.whole))
    for asked, of, known, turned in (
        (one.whole, everything, other.whole, False),
        (one.without, one.of, other.whole, False),
        (other.without, other.of, one.whole, True),
    ):
        found = _Found(asked, of, known)
        yield found.count, ((b, a) if turned else (a, b) for a, b in found.pairs())


def _classes(characters: str, classes: int) -> NDArray[np.uint16]:
    """The class of every code point that occurs, [code points]; shared out so that readings say about as much in each.

    That is the expected logarithm of how rarely two readings of one length are equal: of a class with the share P of all characters,
    which are p of them each, P * log(P² / sum p²) (Rényi's entropy of order 2).
    """
    codes, counts = np.unique(_codes(characters), return_counts=True)
    class_of = np.zeros(int(codes.max(initial=0)) + 1, dtype=np.uint16)
    least = [(0.0, 0.0, number, 0.0) for number in range(classes)]
    for index in np.argsort(-counts, kind="stable"):
        share = counts[index] / len(characters)
        _, total, number, squares = heapq.heappop(least)
        total, squares = share - total, squares + share**2
        heapq.heappush(least, (total * log2(total**2 / squares), -total, number, squares))
        class_of[codes[index]] = number
    return class_of


def _characters(texts: Sequence[str]) -> tuple[NDArray[np.uint32], Numbers]:
    """The code points of all texts, one after another, and where each begins and ends, [texts + 1]."""
    return _codes("".join(texts)), np.cumsum([0, *map(len, texts)])


def _occurrences(codes: NDArray[np.uint32], ends: Numbers) -> Bits:
    """The first "a" of a text, its second "a", its first "b", …, as numbers; text after text, each in some order."""
    of = np.repeat(np.arange(len(ends) - 1, dtype=np.uint64), np.diff(ends))
    alike = np.sort(of << np.uint64(32) | codes)
    begins = np.flatnonzero(np.diff(alike, prepend=~alike[:1]))
    place = np.arange(len(alike)) - np.repeat(begins, np.diff(begins, append=len(alike)))
    return (alike << np.uint64(32)) | place.astype(np.uint64)


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _scattered(codes: NDArray[np.unsignedinteger[Any]]) -> Bits:
    """64 bits of each number, as good as random (SplitMix64: Steele, Lea & Flood 2014)."""
    bits = codes.astype(np.uint64) + np.uint64(_BASE)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
