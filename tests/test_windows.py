from itertools import pairwise

from transformers import PreTrainedTokenizerFast

from gemquad.tasks.extractive_qa.windows import target, windows
from gemquad.tasks.head import Input
from gemquad.text.spans import Span

PASSAGE = "Ana Torres nació en Lima en 1920 y abrió una escuela de música en la costa. " * 6
ANSWER = Span(PASSAGE.rindex("Lima"), PASSAGE.rindex("Lima") + 4)


def test_windows_overlap_and_cover_the_passage(tokenizer: PreTrainedTokenizerFast) -> None:
    cut = windows([Input(PASSAGE, "¿Dónde?")], tokenizer, max_length=48, stride=12)
    assert len(cut) > 3
    covered = {i for w in cut for s in w.spans if s for i in range(s.start, s.end)}
    assert covered == {i for i, character in enumerate(PASSAGE) if not character.isspace()}
    for before, after in pairwise(cut):
        assert len({s for s in before.spans if s} & {s for s in after.spans if s}) > 0


def test_the_target_is_the_answer_where_a_window_holds_it_whole(tokenizer: PreTrainedTokenizerFast) -> None:
    cut = windows([Input(PASSAGE, "¿Dónde?", ANSWER)], tokenizer, max_length=48, stride=12)
    found = 0
    for window in cut:
        first, last = target(window, ANSWER)
        if (first, last) != (0, 0):
            found += 1
            start, end = window.spans[first], window.spans[last]
            assert start and end and PASSAGE[start.start : end.end] == "Lima"
    assert found >= 1
    assert target(cut[0], ANSWER) == (0, 0)


def test_several_examples_keep_their_number(tokenizer: PreTrainedTokenizerFast) -> None:
    cut = windows([Input("Uno.", "¿Qué?"), Input(PASSAGE, "¿Qué?")], tokenizer, max_length=48, stride=12)
    assert [w.example for w in cut][:2] == [0, 1]
    assert {w.example for w in cut} == {0, 1}


def test_no_examples_are_no_windows(tokenizer: PreTrainedTokenizerFast) -> None:
    assert windows([], tokenizer, max_length=48, stride=12) == []


def test_an_overlong_question_is_cut_and_the_passage_stays(tokenizer: PreTrainedTokenizerFast) -> None:
    cut = windows([Input(PASSAGE, "¿Dónde " * 100, ANSWER)], tokenizer, max_length=48, stride=12)
    assert all(len(window.input_ids) <= 48 for window in cut)
    assert any(target(window, ANSWER) != (0, 0) for window in cut)
