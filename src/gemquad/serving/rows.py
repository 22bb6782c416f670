"""Rows that people ask a student about: JSON Lines, a JSON list, CSV or TSV with a header, or JSON Lines on standard input."""

import csv
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.files import readable
from gemquad.sources.cleaning import is_encodable
from gemquad.sources.json_rows import json_rows
from gemquad.tasks.columns import Column

PlacedRow = tuple[str, dict[str, Any]]
"""Where a row stands, for error messages, and its columns."""

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_BLOCK = 1 << 16


def read_rows(path: Path) -> list[PlacedRow]:
    """All rows of a file; its ending says how it is read.

    Raises:
        UserError: the file is missing, empty, malformed or not UTF-8, or a row is no object.
    """
    if path.suffix not in {".json", ".jsonl", *_DELIMITERS}:
        raise UserError(f"{path}: rows are read from .jsonl, .json, .csv and .tsv. Name another file, or rename it.")
    try:
        with readable(path):
            text = path.read_bytes().decode("utf-8-sig")
            rows = _table(text, _DELIMITERS[path.suffix]) if path.suffix in _DELIMITERS else json_rows(text)
    except csv.Error as error:
        raise UserError(
            f"{path}: not a table ({error}). Quote a field that holds a delimiter or a line break."
        ) from error
    if not rows:
        raise UserError(f"{path} holds no row. Give it one for each example.")
    return [_placed(f"{path}, {place}", row) for place, row in rows]


def stream_rows(descriptor: int) -> Iterator[list[PlacedRow]]:
    """JSON Lines from an open file or pipe as they arrive: whatever complete lines there are, without waiting for more.

    Raises:
        UserError: a line is not JSON, or no object.
    """
    number, rest = 0, b""
    while block := os.read(descriptor, _BLOCK):
        *lines, rest = (rest + block).split(b"\n")
        yield [_line(at, line) for at, line in enumerate(lines, number + 1) if line.strip()]
        number += len(lines)
    if rest.strip():
        yield [_line(number + 1, rest)]


def check_row(row: Mapping[str, object], columns: Sequence[Column], where: str) -> None:
    """Whether `row` has a text in each of the `columns`; `where` names it for people.

    Raises:
        UserError: a column is missing, empty or no text.
    """
    for column in columns:
        if column.name not in row:
            names = ", ".join(f"'{needed.name}'" for needed in columns)
            raise UserError(f"{where}: there is no column '{column.name}'. This student needs {names}.")
        _check_text(row[column.name], f"{where}: '{column.name}'")


def _line(number: int, line: bytes) -> PlacedRow:
    where = f"standard input, line {number}"
    try:
        return _placed(where, json.loads(line))
    except ValueError as error:
        raise UserError(f"{where}: not JSON ({error}). Give one object on each line.") from error


def _placed(where: str, row: Any) -> PlacedRow:
    if not isinstance(row, dict):
        raise UserError(f"{where}: {row!r} is no row. Expected an object with a value for each column.")
    if not is_encodable(json.dumps(row, ensure_ascii=False)):
        raise UserError(f"{where}: holds a half of a surrogate pair. Mend the row or remove it.")
    return where, row


def _table(text: str, delimiter: str) -> list[PlacedRow]:
    """The rows under the header, each with the line that it ends on."""
    table = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = []
    for row in table:
        if None in row or None in row.values():
            raise csv.Error(f"line {table.line_num} has another number of columns than the header")
        rows.append((f"line {table.line_num}", dict(row)))
    return rows


def _check_text(value: object, where: str) -> None:
    if not isinstance(value, str):
        raise UserError(f"{where} is {value!r}, not a text. Mend the row or remove it.")
    if not value.strip():
        raise UserError(f"{where} is empty. Fill it in or remove the row.")
    if any("\ud800" <= character <= "\udfff" for character in value):  # which no tokenizer takes
        raise UserError(f"{where} holds a half of a surrogate pair. Mend the row or remove it.")
