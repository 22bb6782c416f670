"""While an answer is decoded, allow only tokens that keep it a token-substring of its passage, at whole words.

A small LLM's free-form answer is rarely in the passage; a constrained one always is, and its place is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from gemquad.spans import Span, begins_word, ends_word


@dataclass(frozen=True)
class PassageTokens:
    """A passage cut into tokens as it is when words follow a space.

    `spans[i]` is the text of token `ids[i]` without surrounding white space; it is empty for a token of white space alone.
    """

    ids: tuple[int, ...]
    spans: tuple[Span, ...]
    may_begin: tuple[bool, ...]
    may_end: tuple[bool, ...]


def tokenize_passage(passage: str, tokenizer: PreTrainedTokenizerBase) -> PassageTokens:
    """Tokenise `passage` once, with the places where a whole-word answer may begin and end."""
    encoded = tokenizer(" " + passage, add_special_tokens=False, return_offsets_mapping=True)
    ids = tuple(encoded["input_ids"])
    spans = tuple(_strip(passage, max(start - 1, 0), end - 1) for start, end in encoded["offset_mapping"])
    may_begin, may_end = [], []
    for i, span in enumerate(spans):
        if span.start == span.end:
            # SentencePiece writes the space before a number as a token of its own: an answer begins with that space.
            following = spans[i + 1] if i + 1 < len(spans) else span
            may_begin.append(_begins_word(passage, following))
            may_end.append(False)
        else:
            after_space = i > 0 and spans[i - 1].start == spans[i - 1].end
            may_begin.append(not after_space and _begins_word(passage, span))
            may_end.append(ends_word(passage, span.end))
    return PassageTokens(ids, spans, tuple(may_begin), tuple(may_end))


class AnswerConstraint:
    """The places in the passage at which the answer decoded so far may stand.

    `allowed()` are the tokens that may follow; `may_end()` tells whether the answer may stop here.
    """

    def __init__(self, passage: PassageTokens, max_tokens: int) -> None:
        self._passage = passage
        self._left = max_tokens
        self._places = [(i, i) for i, begins in enumerate(passage.may_begin) if begins]

    def allowed(self) -> list[int]:
        """Distinct token ids that keep the answer in the passage, in order of their first place."""
        if self._left == 0:
            return []
        ids = self._passage.ids
        return list(dict.fromkeys(ids[end] for _, end in self._places if end < len(ids)))

    def may_end(self) -> bool:
        """Whether some place is a whole-word answer as it stands."""
        return bool(self._ended_places())

    def advance(self, token: int) -> None:
        """Append `token`, which must be one of `allowed()`."""
        ids = self._passage.ids
        self._places = [(first, end + 1) for first, end in self._places if end < len(ids) and ids[end] == token]
        self._left -= 1

    def spans(self) -> list[Span]:
        """Where the finished answer stands, without surrounding white space; several places if its text recurs."""
        spans = self._passage.spans
        return [
            Span(next(s.start for s in spans[first:end] if s.start < s.end), spans[end - 1].end)
            for first, end in self._ended_places()
        ]

    def _ended_places(self) -> Sequence[tuple[int, int]]:
        return [(first, end) for first, end in self._places if end > first and self._passage.may_end[end - 1]]


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _begins_word(passage: str, span: Span) -> bool:
    return span.start < span.end and begins_word(passage, span.start)
