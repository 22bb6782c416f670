import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import HUB_CARD, question
from gemquad.errors import UserError
from gemquad.sources.faults import Faults
from gemquad.sources.squad import read_card, read_passages, read_questions
from gemquad.sources.squad_writing import squad_document

QA = {"id": "q1", "question": "¿Dónde?", "answers": [{"text": "Lima", "answer_start": 12}]}


def write(folder: Path, *qas: dict[str, Any], context: str = "Ana vive en Lima.") -> Path:
    path = folder / "data.json"
    document = {"data": [{"title": "t", "paragraphs": [{"context": context, "qas": list(qas)}]}]}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_reads_questions_and_passages(tmp_path: Path) -> None:
    path = write(tmp_path, QA)
    (row,) = read_questions(path, "es")
    assert (row.id, row.language, row.title, row.answers, row.answer_starts) == ("q1", "es", "t", ["Lima"], [12])
    (passage,) = read_passages(path, "es")
    assert passage.text == "Ana vive en Lima."


def test_a_passage_has_one_id_everywhere(tmp_path: Path) -> None:
    (first,) = read_passages(write(tmp_path), "es")
    (second,) = read_passages(write(tmp_path, QA), "es")
    assert first.id == second.id


@pytest.mark.parametrize(
    ("qas", "context", "message"),
    [
        ([{**QA, "answers": [{"text": "Lima", "answer_start": 11}]}], None, "it stands at 12"),
        ([{**QA, "answers": [{"text": "Quito", "answer_start": 0}]}], None, "it is not in the passage"),
        ([{**QA, "answers": [{"text": "Lima", "answer_start": -5}]}], None, "it stands at 12"),
        ([{**QA, "answers": [{"text": "Lima"}]}], None, "answer_start"),
        ([{**QA, "answers": []}], None, "has no answer"),
        ([{**QA, "question": "  "}], None, '"question" is empty'),
        ([{**QA, "id": 7.5}], None, '"id" is 7.5, neither a string nor a whole number'),
        ([{**QA, "id": True}], None, '"id" is True'),
        ([{**QA, "id": ["q1"]}], None, r"\"id\" is \['q1'\]"),
        ([QA, QA], None, "id 'q1' is used before"),
        ([{**QA, "id": 1}, {**QA, "id": "1"}], None, r"qas\[1\]: id '1' is used before, at .*qas\[0\]"),
        (
            [{**QA, "answers": [{"text": " Lima", "answer_start": 12}]}],
            None,
            "answer ' Lima' is not at .* stands at 11",
        ),
        (
            [{**QA, "answers": [{"text": "Lima ", "answer_start": 11}]}],
            None,
            "answer 'Lima ' is not at answer_start 11",
        ),
        ([{**QA, "question": "\ud83d?"}], None, r'qas\[0\]: "question" holds a half .*U\+D83D at offset 0'),
        ([{**QA, "id": "\udc00"}], None, r'qas\[0\]: "id" holds a half of a surrogate pair'),
        ([{**QA, "id": "a\x1b[2J"}], None, r'"id" holds a control character \(U\+001B at offset 1\)'),
        ([QA], "Ana\x00 vive\u202e en Lima.", r'"context" holds .*U\+0000 at offset 3, and 1 more such'),
        ([], "   ", '"context" is empty'),
        ([], None, "holds no question"),
    ],
)
def test_errors_name_file_and_place(tmp_path: Path, qas: list[Any], context: str | None, message: str) -> None:
    path = write(tmp_path, *qas, context=context or "Ana vive en Lima.")
    with pytest.raises(UserError, match=message) as error:
        read_questions(path, "es")
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("text", "start", "read"),
    [
        ("Sevilla ", 0, ("Sevilla", 0)),
        ("\u00a0Lima\n", 9, ("Lima", 10)),
        (" y", 7, ("y", 8)),
        ("Sevilla  ", 0, ("Sevilla", 0)),
    ],
)
def test_white_space_around_an_answer_is_no_part_of_it(
    text: str, start: int, read: tuple[str, int], tmp_path: Path
) -> None:
    path = write(tmp_path, {**QA, "answers": [{"text": text, "answer_start": start}]}, context="Sevilla y\u00a0Lima\n")
    (question,) = read_questions(path, "es")
    assert (question.answers, question.answer_starts) == ([read[0]], [read[1]])


def test_a_whole_number_is_an_id_and_one_is_made_where_there_is_none(tmp_path: Path) -> None:
    bare = {key: value for key, value in QA.items() if key != "id"}
    path = write(tmp_path, {**QA, "id": 51871}, bare, {**QA, "id": None}, {**QA, "id": " "}, {**bare, "question": "¿?"})
    made = "d4912718ff20"
    assert [one.id for one in read_questions(path, "es")][:4] == ["51871", made, f"{made}-2", f"{made}-3"]
    assert [one.id for one in read_questions(write(tmp_path, bare), "es")] == [made]


@pytest.mark.parametrize(
    ("title", "read"), [({}, ""), ({"title": None}, ""), ({"title": ""}, ""), ({"title": "a b"}, "a b")]
)
def test_a_title_may_be_missing(title: dict[str, Any], read: str, tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"data": [{**title, "paragraphs": [{"context": "Ana vive en Lima.", "qas": [QA]}]}]}))
    assert [one.title for one in read_questions(path, "es")] == [read]
    assert [one.title for one in read_passages(path, "es")] == [read]


@pytest.mark.parametrize("title", ["[1]", "1984", '"\\ud83d"', '"\\u2066a"'])
def test_a_title_that_is_no_sound_text_is_refused(title: str, tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text(f'{{"data": [{{"title": {title}, "paragraphs": [{{"context": "Ana."}}]}}]}}')
    with pytest.raises(UserError, match=r'data\[0\]: "title" (is|holds) '):
        read_passages(path, "es")


def test_marks_of_direction_and_joiners_belong_to_the_spelling(tmp_path: Path) -> None:
    text = "\u200fمی\u200cخواهم\u200e \u061cक्\u200dष\ufeff\u200b\ttab\r\nLima"
    (passage,) = read_passages(write(tmp_path, context=text), "fa")
    assert passage.text == text


def test_passages_are_as_sound_as_questions(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r'paragraphs\[0\]: "context" holds a half of a surrogate pair'):
        read_passages(write(tmp_path, context="Texto \ud83d cortado"), "es")


def test_every_fault_of_a_file_is_found_in_one_reading(tmp_path: Path) -> None:
    two = {
        **QA,
        "id": "q2",
        "question": "",
        "answers": [{"text": "Lima", "answer_start": 1}, {"text": "", "answer_start": 0}],
    }
    path = write(tmp_path, QA, two, {**QA, "id": 0.5}, QA, {**QA, "id": "q5", "answers": [3]}, {**QA, "id": "q6"})
    document = json.loads(path.read_text(encoding="utf-8"))
    document["data"] += [7, {"title": 8, "paragraphs": [{"context": "\ud83d", "qas": [{**QA, "id": "q1"}]}]}]
    path.write_text(json.dumps(document))
    faults = Faults(path)
    assert [one.id for one in read_questions(path, "es", faults)] == ["q1", "q6"]
    first, last = "data[0].paragraphs[0]", "data[2]"
    assert [(fault.kind, fault.place, fault.id) for fault in faults.refused] == [
        ('"question" empty', f"{first}.qas[1]", ""),
        ("answer not at its offset", f"{first}.qas[1].answers[0]", "q2"),
        ('"text" empty', f"{first}.qas[1].answers[1]", "q2"),
        ('"id" no string or number', f"{first}.qas[2]", ""),
        ("id used twice", f"{first}.qas[3]", ""),
        ('"answers" not a list of objects', f"{first}.qas[4]", ""),
        ("no article", "data[1]", ""),
        ("title not a string", last, ""),
        ('unsound character in "context"', f"{last}.paragraphs[0]", ""),
        ("id used twice", f"{last}.paragraphs[0].qas[0]", ""),
    ]
    with pytest.raises(
        UserError, match=r"9 more in this file \(id used twice 2, .*`gemquad check .*data\.json` shows all"
    ):
        read_questions(path, "es")


def test_a_long_answer_is_shortened_in_the_message(tmp_path: Path) -> None:
    path = write(tmp_path, {**QA, "answers": [{"text": "b" * 9000, "answer_start": 0}]}, context="c" * 9000)
    with pytest.raises(UserError) as error:
        read_questions(path, "es")
    assert len(str(error.value)) < 600


@pytest.mark.parametrize("card", [{"name": "mine"}, 5, None, ["a"], {"repo": "x", "rows": 3}])
def test_a_key_card_of_the_users_own_is_ignored(card: object, tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    for given, read in ((card, None), (HUB_CARD, HUB_CARD)):
        path.write_text(json.dumps({"card": given, "data": []}))
        assert read_card(path) == read


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, QA)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert (
        read_questions(path, "es")[0].answers == ["Lima"] and read_passages(path, "es")[0].text == "Ana vive en Lima."
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"data": [', "line 1, column 11: not JSON"),
        ("[]", "not in SQuAD format"),
        ('{"data": [3]}', "is not an object"),
        ('{"data": [], "data": []}', 'the key "data" stands twice'),
        ('{"data": [{"paragraphs": 3}]}', "not a list of objects"),
    ],
)
def test_malformed_files_are_user_errors(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=message):
        read_questions(path, "es")


def test_a_missing_file_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        read_passages(tmp_path / "none.json", "es")


def test_a_file_that_is_not_utf8_is_a_user_error(tmp_path: Path) -> None:
    path = tmp_path / "latin.json"
    path.write_bytes("año".encode("latin-1"))
    with pytest.raises(UserError, match="not UTF-8"):
        read_passages(path, "es")


def test_a_document_keeps_the_order_and_joins_neighbours() -> None:
    first = question()
    second, third = replace(first, id="q2"), replace(first, id="q3", passage="Lima es grande.", answer_starts=[0])
    last = replace(first, id="q4", title="otro")
    answer = {"text": "Lima", "answer_start": 12}
    qas = [{"id": f"q{n}", "question": "¿Dónde vive Ana?", "answers": [answer]} for n in (1, 2)]
    assert squad_document([first, second, third, last]) == {
        "data": [
            {
                "title": "",
                "paragraphs": [
                    {"context": "Ana vive en Lima.", "qas": qas},
                    {
                        "context": "Lima es grande.",
                        "qas": [{**qas[0], "id": "q3", "answers": [{"text": "Lima", "answer_start": 0}]}],
                    },
                ],
            },
            {"title": "otro", "paragraphs": [{"context": "Ana vive en Lima.", "qas": [{**qas[0], "id": "q4"}]}]},
        ]
    }


@pytest.mark.parametrize(("read", "noun"), [(read_questions, "question"), (read_passages, "passage")])
def test_a_file_without_content_is_a_user_error(tmp_path: Path, read: Callable[..., object], noun: str) -> None:
    path = tmp_path / "empty.json"
    path.write_text('{"data": []}', encoding="utf-8")
    with pytest.raises(UserError, match=f"empty.json: holds no {noun}"):
        read(path, "es")


def test_a_faulty_question_stays_so_in_another_role(tmp_path: Path) -> None:
    path = write(tmp_path, QA, {**QA, "id": "q2", "answers": []}, {**QA, "id": None})
    faults = Faults(path)
    first, second = (read_questions(path, "es", faults) for _ in range(2))
    assert len(first) == 2 and second == first and len(faults) == 1
