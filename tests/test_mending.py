"""A mended file: what had to change has, all else is as it was."""

import json
from pathlib import Path
from typing import Any

import pytest

from gemquad.schema import Question
from gemquad.sources.faults import Faults
from gemquad.sources.labelled import read_labelled
from gemquad.sources.mending import mended
from gemquad.sources.squad import read_questions
from gemquad.tasks.settings import Columns

COLUMNS = Columns(id="id", text="text", label="label")
PASSAGE = "😀 Ana vive en Lima, Eva en Quito; Lima."


def answer(text: str, start: int, **more: Any) -> dict[str, Any]:
    return {"question": f"¿{text}?", "answers": [{"text": text, "answer_start": start, "extra": 1}], **more}


def squad(*qas: dict[str, Any]) -> dict[str, Any]:
    return {"version": "1.1", "data": [{"title": "t", "paragraphs": [{"context": PASSAGE, "qas": list(qas)}]}]}


def questions(path: Path) -> tuple[list[Question], Faults]:
    faults = Faults(path)
    return read_questions(path, "es", faults), faults


def test_offsets_white_space_and_ids_of_a_document(tmp_path: Path) -> None:
    path, fixed = tmp_path / "a.json", tmp_path / "b.json"
    qas = [answer("Lima", 15, id="a"), answer("Quito", 3, id="b"), answer(" Ana ", 1, id="c"), answer("Eva", 20)]
    path.write_text(json.dumps(squad(*qas)), encoding="utf-8")
    before = path.read_bytes()
    found, faults = questions(path)
    assert [one.id for one in found] == ["c", "8234624e7eb6"] and len(faults) == 2
    fixed.write_text(mended(path, faults), encoding="utf-8")
    made = [answer("Lima", 14, id="a"), answer("Quito", 27, id="b"), answer("Ana", 2, id="c", question="¿ Ana ?")]
    assert json.loads(fixed.read_text(encoding="utf-8")) == squad(*made, answer("Eva", 20, id="8234624e7eb6"))
    again, rest = questions(fixed)
    assert [one.id for one in again] == ["a", "b", "c", "8234624e7eb6"] and not rest and not rest.mendable
    assert path.read_bytes() == before


def test_only_the_mark_is_taken_from_a_file_in_which_nothing_else_changes(tmp_path: Path) -> None:
    path, text = tmp_path / "a.json", json.dumps(squad(answer("Ana", 2, id="a")), indent=7)
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert mended(path, questions(path)[1]) == text


def test_a_text_that_has_no_utf8_stays_escaped(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(squad(answer(" Ana", 1, id="a"), {**answer("Eva", 20), "question": "\ud83d"})))
    text = mended(path, questions(path)[1])
    assert '"answer_start": 2' in text and r'"question": "\ud83d"' in text and text.encode()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "a.jsonl",
            '{"id": "x", "text": "良い。",  "label": 3.80}\r\n\r\n{"id": null, "text": "悪い。", "label": "n"}\r\n{"text',
            '{"id": "x", "text": "良い。",  "label": 3.80}\r\n\r\n{"id": "row-2", "text": "悪い。", "label": "n"}\r\n{"text',
        ),
        (
            "a.json",
            '[{"id": "", "text": "a", "label": "p"}, 3, {"id": "row-4", "text": "b", "label": "p"}, '
            '{"id": " ", "text": "c", "label": ""}]',
            '[{"id": "row-1", "text": "a", "label": "p"}, 3, {"id": "row-4", "text": "b", "label": "p"}, '
            '{"id": "row-3", "text": "c", "label": ""}]\n',
        ),
        (
            "a.json",
            '{"card": {},\n "rows": [{"id": "", "text": "a", "label": "p"}]}',
            '{\n  "card": {},\n  "rows": [\n    {\n      "id": "row-1",\n      "text": "a",\n      "label": "p"\n    }\n  ]\n}\n',
        ),
        (
            "a.json",
            '[{"id": "", "text": "a", "label": "p"}, {"id": "row-1", "text": "b", "label": "p"}, '
            '{"id": null, "text": "c", "label": "p"}]',
            '[{"id": "row-1-2", "text": "a", "label": "p"}, {"id": "row-1", "text": "b", "label": "p"}, '
            '{"id": "row-3", "text": "c", "label": "p"}]\n',
        ),
        ("a.json", '{"id": null, "text": "a", "label": "p"}', '{"id": "row-1", "text": "a", "label": "p"}\n'),
        (
            "a.csv",
            'label,id,text\r\np,,"a, ""b""\r\nc"\r\n\r\nn,too,many,fields\r\nn, ,d\r\n',
            'label,id,text\r\np,row-1,"a, ""b""\r\nc"\r\n\r\nn,too,many,fields\r\nn,row-2,d\r\n',
        ),
        ("a.tsv", "id\ttext\tlabel\n\ta,b\tp\n", "id\ttext\tlabel\nrow-1\ta,b\tp\n"),
    ],
)
def test_ids_of_rows_are_filled_in_where_they_are_missing(
    name: str, content: str, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode())
    faults = Faults(path)
    read_labelled(path, "ja", COLUMNS, str, faults)
    assert mended(path, faults) == expected
