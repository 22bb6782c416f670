import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import question
from gemquad.errors import UserError
from gemquad.sources.squad import read_passages, read_questions, squad_document

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
        ([{**QA, "id": 7}], None, '"id" is not a string'),
        ([QA, QA], None, "id 'q1' is used before"),
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
    ("text", "message"),
    [
        ('{"data": [', "line 1, column 11: not JSON"),
        ("[]", "not in SQuAD format"),
        ('{"data": [3]}', "is not an object"),
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
