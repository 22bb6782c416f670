"""Every path through the answer constraint leads to whole words of the passage."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from gemquad.generation.decoder.constraint import PassageTokens, allowed_words, follow, may_stop, tokenize_passage
from gemquad.text.spans import is_boundary

PASSAGES = [
    "En 1920 Ana vivía en Lima; en 1950, en Cusco («la ciudad»).",
    "तुंगभद्रा के किनारे 1336 में हरिहर और बुक्का ने राज्य की नींव रखी।",
    "(Ana) dijo: Lima, Lima y Lima.",
]


def of_rows(values: Sequence[int] | Sequence[bool], rows: int) -> Tensor:
    return torch.tensor(values)[None].expand(rows, -1)


def walk(tokens: PassageTokens, rows: int, steps: int) -> list[list[int]]:
    """Answers of `rows` rows that take any word which is allowed, and stop now and then where they may."""
    draw = torch.Generator().manual_seed(0)
    ids, word_of, words = (of_rows(values, rows) for values in (tokens.ids, tokens.word_of, tokens.words))
    may_end, next_places = of_rows(tokens.may_end, rows), of_rows(tokens.may_begin, rows)
    last_places = torch.zeros_like(next_places)
    written: list[list[int]] = [[] for _ in range(rows)]
    stopped = torch.zeros(rows, dtype=torch.bool)
    for _ in range(steps):
        stopped |= may_stop(last_places, may_end) & (torch.rand(rows, generator=draw) < 0.3)
        allowed = allowed_words(next_places, word_of, words)
        stopped |= ~allowed.any(1)
        word = torch.multinomial(allowed.float() + 1e-30, 1, generator=draw)
        token = words.gather(1, word)[:, 0]
        next_places, last_places = follow(ids, next_places, token)
        for row in (~stopped).nonzero()[:, 0].tolist():
            written[row].append(int(token[row]))
    return written


@pytest.mark.parametrize("passage", PASSAGES)
def test_every_path_is_a_whole_word_substring(passage: str, tokenizer: PreTrainedTokenizerFast) -> None:
    tokens = tokenize_passage(passage, tokenizer)
    ended = 0
    for answer in walk(tokens, rows=200, steps=12):
        spans = tokens.places(answer)
        assert len({passage[span.start : span.end] for span in spans}) <= 1
        for span in spans:
            ended += 1
            assert is_boundary(passage, span.start) and is_boundary(passage, span.end)
            assert passage[span.start : span.end] == passage[span.start : span.end].strip(" .,;:।«»()")
    assert ended > 50


def test_a_recurring_answer_keeps_all_its_places(tokenizer: PreTrainedTokenizerFast) -> None:
    tokens = tokenize_passage("Ana vive en Lima y Luis vive en Lima.", tokenizer)
    answer = tokenizer(" Lima", add_special_tokens=False)["input_ids"]
    next_places, last_places = of_rows(tokens.may_begin, 1), of_rows([False] * len(tokens.ids), 1)
    for token in answer:
        allowed = allowed_words(next_places, of_rows(tokens.word_of, 1), of_rows(tokens.words, 1))[0]
        assert token in [word for word, may in zip(tokens.words, allowed.tolist(), strict=True) if may]
        next_places, last_places = follow(of_rows(tokens.ids, 1), next_places, torch.tensor([token]))
    assert may_stop(last_places, of_rows(tokens.may_end, 1)).tolist() == [True]
    assert [span.start for span in tokens.places(answer)] == [12, 32]


def test_a_word_that_recurs_is_one_choice(tokenizer: PreTrainedTokenizerFast) -> None:
    tokens = tokenize_passage("Lima, Lima y Lima.", tokenizer)
    assert len(tokens.words) == len(set(tokens.ids)) < len(tokens.ids)
    assert [tokens.words[word] for word in tokens.word_of] == list(tokens.ids)
