"""While an answer is decoded, allow only tokens that keep it a token-substring of its passage, at whole words.

A small LLM's free-form answer is rarely in the passage; a constrained one always is, and its places are known. How far an answer is
is kept as two flags for each token of its passage, [rows, tokens]: whether the token may come next (`next_places`; at first where a
word begins), and whether it may be the one before (`last_places`). So a step constrains all rows by a few tensor operations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from gemquad.text.spans import Span, begins_word, ends_word


@dataclass(frozen=True)
class PassageTokens:
    """A passage cut into tokens as it is when words follow a space.

    `spans[i]` is the text of token `ids[i]` without surrounding white space; it is empty for a token of white space alone.
    `words` are the distinct ids; token i is the word `word_of[i]` of them.
    """

    ids: tuple[int, ...]
    spans: tuple[Span, ...]
    may_begin: tuple[bool, ...]
    may_end: tuple[bool, ...]

    @cached_property
    def words(self) -> list[int]:
        """The distinct token ids, in the order of their first occurrence."""
        return list(dict.fromkeys(self.ids))

    @cached_property
    def word_of(self) -> list[int]:
        """The index into `words` of every token, [tokens]."""
        number = {word: place for place, word in enumerate(self.words)}
        return [number[token] for token in self.ids]

    def places(self, answer: Sequence[int]) -> list[Span]:
        """The spans at which the tokens `answer` occur as whole words, without surrounding white space."""
        length, found = len(answer), []
        for first, begins in enumerate(self.may_begin):
            last = first + length - 1
            if begins and last < len(self.ids) and self.may_end[last] and self.ids[first : last + 1] == tuple(answer):
                start = next(span.start for span in self.spans[first : last + 1] if span.start < span.end)
                found.append(Span(start, self.spans[last].end))
        return found


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


def allowed_words(next_places: Tensor, word_of: Tensor, words: Tensor) -> Tensor:
    """Which of the passages' distinct words may come next, a mask [rows, words]."""
    return torch.zeros_like(words).scatter_add_(1, word_of, next_places.long()) > 0


def may_stop(last_places: Tensor, may_end: Tensor) -> Tensor:
    """Whether the answer so far ends at a whole word, a mask [rows]."""
    return (last_places & may_end).any(1)


def follow(ids: Tensor, next_places: Tensor, token: Tensor) -> tuple[Tensor, Tensor]:
    """Updated `next_places` and `last_places` after `token` [rows]; `ids` are the passages' tokens [rows, tokens]."""
    last_places = next_places & (ids == token[:, None])
    return nn.functional.pad(last_places[:, :-1], (1, 0)), last_places


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _begins_word(passage: str, span: Span) -> bool:
    return span.start < span.end and begins_word(passage, span.start)
