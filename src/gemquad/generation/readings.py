"""Pairs of texts that are nearly the same, found without looking at every pair: all of them, and not many others.

Split the alphabet into d // 2 + 1 classes, and read of two texts the characters of one class alone. An insertion or deletion
changes the readings of one class only, so d of them leave a class in which the two readings are equal, or one is the other
without one character. Such pairs are found by hashes (the pigeonhole principle of exact set joins: Arasu, Ganti & Kaushik 2006,
VLDB; deletion neighbourhoods: Mor & Fraenkel 1982, CACM). Equal readings have equal hashes, so none is missed; different ones with
equal hashes only cost a look.

How many pairs are found depends on the alphabet. A dozen characters of Japanese say much. Where the alphabet is small and texts are
long, as in English, a reading says too little, and many pairs have one in common.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray

from gemquad.generation.sketches import Bits, Numbers, Pairs, Sketched, characters, scattered

_BAND = 1.15  # the longest text of a band over its shortest
_SLICE = 1 << 20  # pairs in memory at once, before sketches
_LIKE = 50  # pairs a text that are kept in memory
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64
_INVERSE = np.uint64(pow(_BASE, -1, 1 << 64))


def possible_pairs(texts: Sketched, numbers: Numbers, looks: int) -> list[Pairs] | None:
    """The pairs of texts that share a reading and that sketches do not rule out; some pairs repeat.

    None where texts of like length have so many readings in common that sketches would be asked for over `looks` pairs a text, or
    where more than `_LIKE` pairs a text are left.
    """
    found: list[Pairs] = []
    room = _LIKE * len(numbers)
    for low, high in _bands(texts.lengths[numbers]):
        own = numbers[(texts.lengths[numbers] >= texts.shortest(low)) & (texts.lengths[numbers] <= high)]
        left = looks * len(own)
        for alike in _alike(texts.texts_of(own), int(texts.changes(2 * high))):
            left -= alike.count
            if left < 0:
                return None
            for first, second in alike.pairs():
                found.append(texts.possible(own[first], own[second]))
                room -= len(found[-1][0])
                if room < 0:
                    return None
    return found


def _bands(lengths: Numbers) -> Iterator[tuple[int, int]]:
    """Lengths in bands, low to high, of the longer text of a pair."""
    low, most = int(lengths.min()), int(lengths.max())
    while low <= most:
        high = int(low * _BAND)
        yield low, high
        low = high + 1


def _alike(texts: Sequence[str], changes: int) -> Iterator["_Found"]:
    """The pairs of texts whose readings are equal in a class, whole or one without a character, where `changes` may part them."""
    classes = changes // 2 + 1
    class_of = _classes("".join(texts), classes)
    characters_of = _Texts(texts, class_of, classes)
    for number in range(classes):
        reading = characters_of.reading(number)
        yield _Found(reading.whole, np.arange(len(texts)), reading.whole)
        yield _Found(reading.without, reading.of, reading.whole)


@dataclass(frozen=True)
class _Reading:
    """What texts say in one class, as hashes: `whole` [texts], and `without` one character, of the text `of`."""

    whole: Bits
    without: Bits
    of: Numbers


class _Texts:
    """The characters of texts, class by class."""

    def __init__(self, texts: Sequence[str], class_of: NDArray[np.uint16], classes: int) -> None:
        codes, ends = characters(texts)
        order = np.argsort(class_of[codes], kind="stable")
        self._texts = len(texts)
        self._values = scattered(codes)[order]
        self._of = np.repeat(np.arange(len(texts)), np.diff(ends))[order]
        self._ends = np.searchsorted(class_of[codes[order]], np.arange(classes + 1))

    def reading(self, number: int) -> _Reading:
        """Hashes of readings: polynomials modulo 2^64 with characters as coefficients; without one, later powers shift down."""
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
    """Where `hashes`, of the texts `of`, stand among `known` ones."""

    def __init__(self, hashes: Bits, of: Numbers, known: Bits) -> None:
        self._order = np.argsort(known)
        known = known[self._order]
        shift = np.uint64(60 - len(known).bit_length())
        beginnings = np.zeros(1 << (64 - int(shift)), dtype=bool)
        beginnings[known >> shift] = True
        likely = np.flatnonzero(beginnings[hashes >> shift])
        self._begin = np.searchsorted(known, hashes[likely])
        self._counts = np.searchsorted(known, hashes[likely], side="right") - self._begin
        self._of = of[likely]
        self.count = int(self._counts.sum())

    def pairs(self) -> Iterator[Pairs]:
        """Pairs of a text whose hash was looked up and a text that has this hash."""
        ends = np.cumsum(self._counts)
        cuts = np.searchsorted(ends, np.arange(_SLICE, self.count, _SLICE))
        for part in np.split(np.arange(len(ends)), np.unique(cuts)):
            counts = self._counts[part]
            place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            yield np.repeat(self._of[part], counts), self._order[np.repeat(self._begin[part], counts) + place]


def _classes(text: str, classes: int) -> NDArray[np.uint16]:
    """The class of every code point, [code points], such that readings say about as much in each.

    By how rarely two readings are equal, of a class with the share P of all characters, p of them each: P * log(P² / sum p²), from
    Rényi's entropy of order 2.
    """
    codes, counts = np.unique(characters([text])[0], return_counts=True)
    class_of = np.zeros(int(codes.max(initial=0)) + 1, dtype=np.uint16)
    heap = [(0.0, 0.0, number, 0.0) for number in range(classes)]
    for index in np.argsort(-counts, kind="stable"):
        _, less, number, squares = heap[0]
        share = counts[index] / len(text)
        total, squares = share - less, squares + share**2
        heapq.heapreplace(heap, (total * log2(total**2 / squares), -total, number, squares))
        class_of[codes[index]] = number
    return class_of
