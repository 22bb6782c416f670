"""Every path through the answer constraint leads to whole words of the passage."""

import random

import pytest
from transformers import PreTrainedTokenizerFast

from gemquad.generation.decoder.constraint import AnswerConstraint, tokenize_passage
from gemquad.spans import is_boundary

PASSAGES = [
    "En 1920 Ana vivía en Lima; en 1950, en Cusco («la ciudad»).",
    "तुंगभद्रा के किनारे 1336 में हरिहर और बुक्का ने राज्य की नींव रखी।",
    "(Ana) dijo: Lima, Lima y Lima.",
]


@pytest.mark.parametrize("passage", PASSAGES)
def test_every_path_is_a_whole_word_substring(passage: str, tokenizer: PreTrainedTokenizerFast) -> None:
    tokens = tokenize_passage(passage, tokenizer)
    draw = random.Random(0)
    ended = 0
    for _ in range(200):
        constraint = AnswerConstraint(tokens, max_tokens=12)
        while allowed := constraint.allowed():
            if constraint.may_end() and draw.random() < 0.3:
                break
            constraint.advance(draw.choice(allowed))
        texts = {passage[span.start : span.end] for span in constraint.spans()}
        assert len(texts) <= 1
        for span in constraint.spans():
            ended += 1
            assert is_boundary(passage, span.start) and is_boundary(passage, span.end)
            assert passage[span.start : span.end] == passage[span.start : span.end].strip(" .,;:।«»()")
    assert ended > 50


def test_a_recurring_answer_keeps_all_its_places(tokenizer: PreTrainedTokenizerFast) -> None:
    passage = "Ana vive en Lima y Luis vive en Lima."
    constraint = AnswerConstraint(tokenize_passage(passage, tokenizer), max_tokens=12)
    for token in tokenizer(" Lima", add_special_tokens=False)["input_ids"]:
        assert token in constraint.allowed()
        constraint.advance(token)
    assert [span.start for span in constraint.spans()] == [12, 32]


def test_stops_at_the_token_limit(tokenizer: PreTrainedTokenizerFast) -> None:
    constraint = AnswerConstraint(tokenize_passage("uno dos tres cuatro", tokenizer), max_tokens=1)
    constraint.advance(constraint.allowed()[0])
    assert constraint.allowed() == []
