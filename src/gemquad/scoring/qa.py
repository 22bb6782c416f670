"""F1 and exact match of extractive answers, as MLQA's evaluation defines them.

The normalisation follows MLQA (Lewis et al. 2020, arXiv 1910.07475): lower-case, drop Unicode punctuation, drop the
language's articles, split into tokens. Languages MLQA does not cover go by its rules for their script: those that write
without spaces split Han and kana into characters, all others split at white space.
`scoring/mlqa/` wraps this module as an `evaluate` metric that also works by path.
"""

import re
import string
import sys
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache

from gemquad.text.languages import rule_for

_ARTICLES = {
    "en": r"\b(a|an|the)\b",
    "es": r"\b(un|una|unos|unas|el|la|los|las)\b",
    "vi": r"\b(của|là|cái|chiếc|những)\b",
    "de": r"\b(ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b",
    # The caret after the article is the official script's; parity matters more than what it may have meant.
    "ar": r"\sال^|ال",
}
# The range of the official script, and kana beside it for Japanese.
_SINGLE_CHARACTERS = {"zh": r"[\u4e00-\u9fa5]", "ja": r"[\u3040-\u30ff\u4e00-\u9fff]"}


def normalize(answer: str, language: str) -> str:
    """The form in which two answers count as the same: tokens joined by single spaces.

    `language` is a BCP-47 code; "hi", "zh" and languages outside MLQA have no articles to drop.
    """
    articles, single = _rules(language)
    text = "".join(character for character in answer.lower() if character not in _punctuation())
    if articles:
        text = re.sub(articles, " ", text)
    if single:
        text = re.sub(f"({single})", r" \1 ", text)
    return " ".join(text.split())


def f1(prediction: str, reference: str, language: str) -> float:
    """Harmonic mean of token precision and recall, 0 to 1."""
    predicted, expected = normalize(prediction, language).split(), normalize(reference, language).split()
    shared = sum((Counter(predicted) & Counter(expected)).values())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(predicted), shared / len(expected)
    return 2 * precision * recall / (precision + recall)


def exact_match(prediction: str, reference: str, language: str) -> float:
    """1.0 where both normalise to the same string, else 0.0."""
    return float(normalize(prediction, language) == normalize(reference, language))


def best_over_references(prediction: str, references: Sequence[str], language: str) -> tuple[float, float]:
    """The best F1 and the best exact match of a prediction over its references, each 0 to 1."""
    return (
        max(f1(prediction, reference, language) for reference in references),
        max(exact_match(prediction, reference, language) for reference in references),
    )


@cache
def _rules(language: str) -> tuple[str | None, str | None]:
    """What matches the articles of a language, and the characters that are tokens by themselves."""
    return rule_for(_ARTICLES, language), rule_for(_SINGLE_CHARACTERS, language)


@cache
def _punctuation() -> frozenset[str]:
    unicode_punctuation = {
        chr(point) for point in range(sys.maxunicode) if unicodedata.category(chr(point)).startswith("P")
    }
    return frozenset(unicode_punctuation.union(string.punctuation))
