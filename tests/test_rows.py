import json
import os
import threading
import time
from pathlib import Path

import pytest

from gemquad.errors import UserError
from gemquad.serving.rows import checked, read_rows, stream_rows
from gemquad.tasks.columns import TEXT

ROWS = [{"id": "1", "text": "uno,\ndos"}, {"id": "2", "text": "गद्यांश"}]
FILES = {
    "a.jsonl": '\ufeff{"id": "1", "text": "uno,\\ndos"}\n\n{"id": "2", "text": "गद्यांश"}\n',
    "a.json": '[{"id": "1", "text": "uno,\\ndos"}, {"id": "2", "text": "गद्यांश"}]',
    "a.csv": 'id,text\n1,"uno,\ndos"\n2,गद्यांश\n',
    "a.tsv": 'id\ttext\n1\t"uno,\ndos"\n2\tगद्यांश\n',
}


@pytest.mark.parametrize("name", FILES)
def test_the_same_rows_in_every_format(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FILES[name].encode())
    assert checked(read_rows(tmp_path / name), [TEXT]) == ROWS


def test_places_are_those_of_an_editor(tmp_path: Path) -> None:
    places = []
    for name, text in FILES.items():
        (tmp_path / name).write_bytes(text.encode())
        places += [where.removeprefix(f"{tmp_path}/") for where, _ in read_rows(tmp_path / name)]
    assert places == [
        *("a.jsonl, line 1", "a.jsonl, line 3", "a.json, row 1", "a.json, row 2"),
        *("a.csv, line 3", "a.csv, line 4", "a.tsv, line 3", "a.tsv, line 4"),
    ]


def test_a_field_may_be_longer_than_pythons_own_limit(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"text\n{'a' * 200_000}\n")
    assert [len(row["text"]) for _, row in read_rows(tmp_path / "a.csv")] == [200_000]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"x", "rows are read from .jsonl, .json, .csv and .tsv"),
        ("a.jsonl", b'{"text": "a"}\n{"text"\n', "a.jsonl, line 2, column 8: not JSON"),
        ("a.jsonl", b'{"text": "a"}\n[1]\n', r"a.jsonl, line 2: \[1\] is no row"),
        ("a.json", b"[]", "holds no row"),
        ("a.json", b'{"text": "\xff"}', r"not UTF-8 \(byte 10\)"),
        ("a.json", b'[{"id": "\\ud83d", "text": "a"}]', "a.json, row 1: holds a half of a surrogate pair"),
        ("a.json", b'[{"id": 1}]', "a.json, row 1: 'text' is missing"),
        ("a.json", b'[{"text": 1}]', "a.json, row 1: 'text' is 1, not a text"),
        ("a.json", b'[{"text": " "}]', "a.json, row 1: 'text' is empty"),
        ("a.csv", b"id,text\n1\n", r"a.csv, line 2: not a table \(the header has 2 columns, the row another number\)"),
        ("a.csv", b'text\n"a"b\n', r"a.csv, line 2: not a table"),
        ("a.csv", b"", "holds no row"),
        ("none.json", None, "none.json does not exist"),
        ("a.json", b'[{"text": "a", "more": {"b": ["\\udc00"]}}]', "a.json, row 1: holds a half of a surrogate pair"),
        ("a.json", b'[{"text": "\\u0000a"}]', r"a.json, row 1: holds a control character \(U\+0000 at offset 0\)"),
        ("a.jsonl", b'{"text": "a", "id": "\\u001b[2J"}', r"a.jsonl, line 1: holds a control character \(U\+001B"),
        ("a.jsonl", b'{"text": "a", "\\u2066": 1}', r"a.jsonl, line 1: holds a control character \(U\+2066"),
        ("a.csv", "text\na\u202eb\n".encode(), r"a.csv, line 2: holds a control character \(U\+202E at offset 1\)"),
        ("a.csv", b"id,text,text\n1,a,b\n", "a.csv, line 1: 2 columns are called 'text'. Rename or remove one"),
        ("a.tsv", b'text\n"a\nb"\n', "a.tsv, line 3: a quotation mark ends here a field of several lines"),
        ("a.json", b'[{"text": "a", "text": "b"}]', 'not JSON .the key "text" stands twice in {"text": "b"}'),
        ("a.jsonl", b'{"text": "a"}\n{"text": "a", "x": NaN}', "a.jsonl, line 2, column 1: not JSON .NaN is no finite"),
        ("a.json", b'[{"text": "a", "x": 1e999}]', "not JSON .1e999 is no finite number"),
        ("a.json", b'[{"text": ' + b"9" * 5000 + b"}]", "not JSON .Exceeds the limit"),
        ("a.jsonl", b'{"text": "a", "x": ' + b"[" * 3000, "not JSON .nested over 100 deep"),
    ],
)
def test_a_bad_file_is_named(name: str, content: bytes | None, message: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message):
        checked(read_rows(tmp_path / name), [TEXT])


def test_lines_are_given_as_they_arrive() -> None:
    reading, writing = os.pipe()
    chunks = stream_rows(reading)
    os.write(writing, b'{"text": "1"}\n{"text": "2"}\r\n{"te')
    assert next(chunks) == [("standard input, line 1", {"text": "1"}), ("standard input, line 2", {"text": "2"})]
    os.write(writing, b'xt": "3"}\n\n')
    assert next(chunks) == [("standard input, line 3", {"text": "3"})]
    os.write(writing, '{"text": "ñ"}'.encode())
    os.close(writing)
    assert [row for chunk in chunks for row in chunk] == [("standard input, line 5", {"text": "ñ"})]
    os.close(reading)


def test_a_long_line_takes_time_in_proportion() -> None:
    """40 MB in blocks of 64 KiB; to join what has come so far at every block took a minute."""
    reading, writing = os.pipe()
    line = json.dumps({"text": "a" * 40_000_000}).encode() + b"\n"

    def write() -> None:
        with os.fdopen(writing, "wb") as file:
            file.write(line)

    threading.Thread(target=write).start()
    begun = time.process_time()
    ((_, row),) = next(stream_rows(reading))
    assert len(row["text"]) == 40_000_000
    assert time.process_time() - begun < 5
    os.close(reading)


@pytest.mark.parametrize(
    "line",
    [
        *(b"Ana vive en Lima.\n", b"\xff\n", b'{"text": '),
        *(
            b'{"text": "a", "text": "b"}',
            b'{"text": "a", "x": -Infinity}\n',
            b"9" * 5000,
            b'{"text": ' + b"[" * 3000 + b"\n",
        ),
    ],
)
def test_a_bad_line_is_named(line: bytes) -> None:
    reading, writing = os.pipe()
    os.write(writing, b'{"text": "1"}\n' + line)
    os.close(writing)
    with pytest.raises(UserError, match="standard input, line 2: not JSON"):
        list(stream_rows(reading))
    os.close(reading)
