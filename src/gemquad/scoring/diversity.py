"""How varied a set of generated texts is.

Distinct-n is the share of n-grams that are different (Li et al. 2016, arXiv 1510.03055). Two texts are as similar as their
normalised Indel similarity, 0 to 1: twice the length in characters of what they have in common, in order, over the sum of their
lengths. The larger a set, the less of it is distinct and the nearer is the next text, so sets are compared at equal sizes.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from gemquad.schema.results import Diversity, LanguageDiversity
from gemquad.scoring.metrics import Array
from gemquad.text.spans import word_texts

_COMPARED_IN_PAIRS = 300


def diversity(texts: Sequence[str], seed: int = 0) -> Diversity:
    """Diversity of a whole set; `seed` draws the sample whose texts are compared pairwise."""
    if len(texts) < 2:
        return Diversity(len(texts), None, None, None, None, None)
    words = _Words.of_texts(texts)
    return Diversity(
        texts=len(texts),
        distinct_1=words.distinct(1),
        distinct_2=words.distinct(2),
        distinct_3=words.distinct(3),
        self_similarity=self_similarity(texts, seed),
        nearest=nearest(texts, seed),
    )


def diversity_by(sets: Mapping[str, Sequence[str]], seed: int = 0) -> LanguageDiversity:
    """Diversity of each named set: whole, and in samples of equal size.

    In `equal` every set that is not empty is a random sample of `compared` texts, the size of the smallest of
    them: only these may be compared. With fewer than two such sets `compared` is None and `equal` empty.
    """
    filled = {name: texts for name, texts in sets.items() if texts}
    comparable = len(filled) > 1
    size = min(map(len, filled.values())) if comparable else 0
    return LanguageDiversity(
        sets={name: diversity(texts, seed) for name, texts in sets.items()},
        compared=size if comparable else None,
        equal={name: diversity(_sample(texts, size, seed), seed) for name, texts in filled.items() if comparable},
    )


def distinct_n(texts: Iterable[str], n: int) -> float | None:
    """Different n-grams over all n-grams of all texts, 0 to 1; None where there are none.

    n-grams are of words, or of characters in scripts without spaces, as written, and do not reach across texts.
    """
    return _Words.of_texts(texts).distinct(n)


@dataclass(frozen=True)
class _Words:
    """The words of texts as numbers, `kinds` of them, one text after another, with the number of the text of each."""

    numbers: NDArray[np.int64]
    of: NDArray[np.int64]
    kinds: int

    @classmethod
    def of_texts(cls, texts: Iterable[str]) -> "_Words":
        known: dict[str, int] = {}
        numbers, lengths = array("q"), array("q")
        for text in texts:
            words = word_texts(text)
            numbers.extend(known.setdefault(word, len(known)) for word in words)
            lengths.append(len(words))
        return cls(np.array(numbers), np.repeat(np.arange(len(lengths)), lengths), len(known))

    def distinct(self, n: int) -> float | None:
        """Distinct n-grams over all n-grams, 0 to 1; an n-gram is numbered by its first n - 1 words and its last."""
        grams = self.numbers
        for more in range(1, n):
            first = np.unique(grams[:-1], return_inverse=True)[1]
            grams = first * self.kinds + self.numbers[more:]
        whole = grams[self.of[n - 1 :] == self.of[: len(grams)]]
        return len(np.unique(whole)) / len(whole) if len(whole) else None


def self_similarity(texts: Sequence[str], seed: int) -> float:
    """The mean similarity, 0 to 1, of all pairs of a random sample of at most 300 of two or more texts."""
    similarities = _similarities(texts, seed)
    return float(similarities[np.triu_indices(len(similarities), 1)].mean())


def nearest(texts: Sequence[str], seed: int) -> float:
    """The mean similarity, 0 to 1, of each text of the same sample to the one in it that is most similar."""
    similarities = _similarities(texts, seed)
    np.fill_diagonal(similarities, 0)
    return float(similarities.max(axis=1).mean())


def _similarities(texts: Sequence[str], seed: int) -> Array:
    """Of every text of a sample to every other, [sample, sample]."""
    sample = _sample(texts, _COMPARED_IN_PAIRS, seed)
    return cdist(sample, sample, scorer=Indel.normalized_similarity, dtype=np.float64)


def _sample(texts: Sequence[str], size: int, seed: int) -> list[str]:
    """At most `size` texts, drawn without replacement, in their order."""
    chosen = Random(seed).sample(range(len(texts)), min(size, len(texts)))
    return [texts[i] for i in sorted(chosen)]
