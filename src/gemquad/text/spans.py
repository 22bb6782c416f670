"""Locate answers in passages without ever changing the passage.

A generator's free-form answer may differ from the passage in case, white space or Unicode composition. It is searched in a
normalised *copy*, and the hit is mapped back to code points of the raw text (NFC alone would change 516 of XQuAD-hi's 1,190
items).
"""

import unicodedata
from dataclasses import dataclass

import regex

# Scripts written without spaces between words: any character boundary may be a word boundary.
_UNSPACED_SCRIPTS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_UNSPACED = regex.compile(_UNSPACED_SCRIPTS)
_SENTENCE_END = regex.compile(r"[.!?।॥؟][»”’\"')\]]*(?=\s)|[。！？][」』）]*")
_SHORTEST_SENTENCE = 4
_WORD = regex.compile(rf"(?V1){_UNSPACED_SCRIPTS}\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}]--{_UNSPACED_SCRIPTS}]+")


@dataclass(frozen=True)
class Span:
    """Code points `start` to `end` (exclusive) of a raw passage."""

    start: int
    end: int


def is_word_character(character: str) -> bool:
    """Whether a character belongs to a word: a letter, a combining mark or a number."""
    return unicodedata.category(character)[0] in "LMN"


def is_boundary(text: str, position: int) -> bool:
    """Whether a word may begin or end at code point `position` of `text`."""
    if position <= 0 or position >= len(text):
        return True
    before, after = text[position - 1], text[position]
    if unicodedata.category(after)[0] == "M":
        return False
    if _UNSPACED.match(before) or _UNSPACED.match(after):
        return True
    return not (is_word_character(before) and is_word_character(after))


def begins_word(text: str, position: int) -> bool:
    """Whether a word begins at code point `position`, which is within `text`."""
    return is_word_character(text[position]) and is_boundary(text, position)


def ends_word(text: str, position: int) -> bool:
    """Whether a word ends before code point `position`, which is not 0."""
    return is_word_character(text[position - 1]) and is_boundary(text, position)


def words(text: str) -> list[Span]:
    """The spans of the runs of word characters, in order; in scripts without spaces every character is a word."""
    return [Span(*match.span()) for match in _WORD.finditer(text)]


def word_texts(text: str) -> list[str]:
    """The texts of the spans that `words` finds."""
    return _WORD.findall(text)


def occurrences(passage: str, answer: str) -> list[Span]:
    """The spans of `answer` in `passage` as whole words, ignoring case, white space and Unicode composition; in order."""
    haystack, offsets = _normalized_with_offsets(passage)
    needle, _ = _normalized_with_offsets(answer.strip())
    if not needle:
        return []
    found = []
    at = haystack.find(needle)
    while at >= 0:
        after = at + len(needle)
        span = Span(offsets[at][0], offsets[after - 1][1])
        cuts_before = offsets[at - 1 : at] == offsets[at : at + 1]
        cuts_after = offsets[after : after + 1] == offsets[after - 1 : after]
        if not (cuts_before or cuts_after) and is_boundary(passage, span.start) and is_boundary(passage, span.end):
            found.append(span)
        at = haystack.find(needle, at + 1)
    return found


def nearest_occurrence(passage: str, spans: list[Span], question: str) -> Span:
    """Of several spans, the first of those whose sentence shares most words with the question."""
    question_words = _words(question)

    def shared_words(span: Span) -> int:
        sentence = next(s for s in sentences(passage) if span.start < s.end)
        return len(question_words & _words(passage[sentence.start : sentence.end]))

    return max(spans, key=shared_words)


def sentences(passage: str) -> list[Span]:
    """The spans of a passage's sentences, in order, without the white space between them.

    A sentence ends at a full stop, danda, question or exclamation mark (and what closes a quotation after it) before white
    space. Pieces of fewer than four words, abbreviations and initials mostly, join the sentence they precede.
    """
    ends = [match.end() for match in _SENTENCE_END.finditer(passage)] + [len(passage)]
    spans: list[Span] = []
    start = 0
    for end in ends:
        text = passage[start:end]
        if len(word_texts(text)) < _SHORTEST_SENTENCE and end < len(passage):
            continue
        if text.strip():
            stripped = start + len(text) - len(text.lstrip())
            spans.append(Span(stripped, start + len(text.rstrip())))
        start = end
    return spans


def _words(text: str) -> set[str]:
    return set(word_texts(text.casefold()))


def _normalized_with_offsets(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A composed, case-folded copy with single spaces, and for each of its code points the raw range it came from."""
    characters: list[str] = []
    offsets: list[tuple[int, int]] = []
    for cluster in regex.finditer(r"\s+|\X", text):
        normalized = " " if cluster.group().isspace() else unicodedata.normalize("NFC", cluster.group()).casefold()
        characters.append(normalized)
        offsets.extend([(cluster.start(), cluster.end())] * len(normalized))
    return "".join(characters), offsets
