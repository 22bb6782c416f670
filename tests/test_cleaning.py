from typing import Any

import pytest

from gemquad.errors import UserError
from gemquad.schema import Question
from gemquad.sources.cleaning import clean

PASSAGE = "Ana vive en Lima. Eva vive en Quito."


def row(**changes: object) -> dict[str, Any]:
    answers = {"text": ["Lima"], "answer_start": [12]}
    return {"id": "q1", "title": "t", "context": PASSAGE, "question": "¿Dónde?", "answers": answers, **changes}


def one(**changes: object) -> Question:
    ((question,), _) = clean([row(**changes)], "es")
    return question


def test_a_sound_row_is_kept_as_it_is() -> None:
    questions, tally = clean([row()], "es")
    assert questions == [Question("q1", "es", "t", PASSAGE, "¿Dónde?", ["Lima"], [12])]
    assert (tally.rows, tally.kept, tally.dropped, tally.moved_answers, tally.renamed_ids) == (1, 1, {}, 0, 0)


def test_answers_may_be_lists_side_by_side_or_one_mapping_each() -> None:
    listed = [{"text": "Lima", "answer_start": 12}, {"text": "en Lima", "answer_start": 9}]
    beside = {"text": ["Lima", "en Lima"], "answer_start": [12, 9]}
    for answers in (listed, beside):
        question = one(answers=answers)
        assert (question.answers, question.answer_starts) == (["Lima", "en Lima"], [12, 9])


@pytest.mark.parametrize("start", [0, 13, -1, 999, None, 12.0])
def test_an_answer_away_from_its_offset_is_moved_to_its_only_occurrence(start: object) -> None:
    questions, tally = clean([row(answers={"text": ["Lima"], "answer_start": [start]})], "es")
    assert (questions[0].answer_starts, tally.moved_answers) == ([12], start != 12.0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"answers": {"text": [], "answer_start": []}}, "no answer"),
        ({"answers": None}, "no answer"),
        ({"answers": [{"text": " ", "answer_start": -1}]}, "no answer"),
        ({"answers": {"text": ["Cusco"], "answer_start": [0]}}, "answer not in the passage"),
        ({"answers": {"text": ["vive"], "answer_start": [0]}}, "answer not at its offset, and in several places"),
        ({"answers": {"text": ["Lima", "Cusco"], "answer_start": [12, 0]}}, "answer not in the passage"),
        ({"question": "  "}, "no passage or no question"),
        ({"context": None}, "no passage or no question"),
    ],
)
def test_a_row_that_cannot_be_used_is_dropped_and_counted(changes: dict[str, Any], reason: str) -> None:
    questions, tally = clean([row(**changes), row(id="q2")], "es")
    assert [question.id for question in questions] == ["q2"]
    assert (tally.rows, tally.kept, tally.dropped) == (2, 1, {reason: 1})


def test_what_became_of_the_rows_is_told_for_a_data_card() -> None:
    _, tally = clean([row(), row(question=""), row(answers=None), row(id="q2")], "es")
    assert tally.counts() == {
        "rows": 4,
        "kept": 2,
        "dropped": {"no answer": 1, "no passage or no question": 1},
        "moved_answers": 0,
        "renamed_ids": 0,
    }


def test_a_text_that_is_no_utf_8_is_dropped() -> None:
    _, tally = clean([row(question="¿\udc00?")], "es")
    assert tally.dropped == {"broken Unicode": 1}


@pytest.mark.parametrize("place", ["question", "title", "id"])
@pytest.mark.parametrize(
    ("odd", "reason"), [("\x00", "control characters"), ("\u2067", "control characters"), ("\ud83d", "broken Unicode")]
)
def test_an_unsound_text_drops_its_row_wherever_it_stands(place: str, odd: str, reason: str) -> None:
    _, tally = clean([row(**{place: f"a{odd}"}), row(context=f"{odd} {PASSAGE}")], "es")
    assert tally.dropped == {reason: 2}


def test_texts_stay_raw() -> None:
    passage = "\ufeff  Año 1990,\u200b cafe\u0301."
    question = one(context=passage, answers={"text": ["cafe\u0301"], "answer_start": [13]}, question=" ¿Qué? ")
    assert (question.passage, question.question, question.answers) == (passage, " ¿Qué? ", ["cafe\u0301"])


@pytest.mark.parametrize(
    ("text", "start", "moved"), [(" Lima", 11, 0), ("Lima. ", 12, 0), ("\u00a0en Lima\n", 8, 0), (" Lima ", None, 1)]
)
def test_white_space_around_an_answer_is_no_part_of_it(text: str, start: int | None, moved: int) -> None:
    ((question,), tally) = clean([row(answers={"text": [text], "answer_start": [start]})], "es")
    assert question.answers == [text.strip()]
    assert (question.answer_starts, tally.moved_answers) == ([PASSAGE.index(text.strip())], moved)


def test_an_equal_row_is_dropped_and_another_of_the_same_id_renamed() -> None:
    rows = [row(), row(question="¿Cuál?"), row(), row(id="q1-2"), row(question="¿Y?"), row(question="¿Cuál?")]
    questions, tally = clean(rows, "es")
    assert [(q.id, q.question) for q in questions] == [
        ("q1", "¿Dónde?"),
        ("q1-2", "¿Cuál?"),
        ("q1-2-2", "¿Dónde?"),
        ("q1-3", "¿Y?"),
    ]
    assert (tally.dropped, tally.renamed_ids) == ({"repeated": 2}, 3)


def test_a_row_without_an_id_gets_one_from_its_content() -> None:
    first, again, other = one(id=None), one(id=" "), one(id=None, question="¿Cuál?")
    assert first.id == again.id == "4acc5f6157d0"
    assert other.id != first.id
    assert one(id=7).id == "7"


def test_a_missing_title_is_empty() -> None:
    assert one(title=None).title == one(title=[1]).title == ""


@pytest.mark.parametrize(
    "answers",
    [
        "Lima",
        [["Lima", 12]],
        {"text": ["Lima"]},
        {"text": ["Lima"], "answer_start": []},
        [{"text": b"Lima", "answer_start": 12}],
    ],
)
def test_answers_of_another_shape_are_refused(answers: object) -> None:
    with pytest.raises(UserError, match=r"column 'answers' holds .*expected `text` and `answer_start`"):
        clean([row(answers=answers)], "es")


def test_a_text_that_is_none_is_refused() -> None:
    with pytest.raises(UserError, match=r"column 'question' holds int, e\.g\. 7; expected text"):
        clean([row(question=7)], "es")
