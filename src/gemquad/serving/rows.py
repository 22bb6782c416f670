"""Rows that people ask a student about: JSON Lines, a JSON list, CSV or TSV with a header, or JSON Lines on standard input."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.files import readable, strict_json
from gemquad.sources.json_rows import json_rows
from gemquad.sources.table_rows import DELIMITERS, table_rows
from gemquad.tasks.columns import Column
from gemquad.text.characters import flaw, shown

PlacedRow = tuple[str, Any]
"""Where a row stands, for error messages, and the row, which `checked` looks at."""

_BLOCK = 1 << 16


def read_rows(path: Path) -> list[PlacedRow]:
    """All rows of a file, read as its ending says; raises `UserError` where it is missing, empty, malformed or not UTF-8."""
    if path.suffix not in {".json", ".jsonl", *DELIMITERS}:
        raise UserError(f"{path}: rows are read from .jsonl, .json, .csv and .tsv. Name another file, or rename it.")
    with readable(path):
        text = path.read_bytes().decode("utf-8-sig")
        rows = table_rows(path, text) if path.suffix in DELIMITERS else json_rows(text)
    if not rows:
        raise UserError(f"{path} holds no row. Give it one for each example.")
    return [(f"{path}, {place}", row) for place, row in rows]


def stream_rows(descriptor: int) -> Iterator[list[PlacedRow]]:
    """JSON Lines of an open file or pipe: whatever complete lines have arrived; raises `UserError` where one is not JSON."""
    number, begun = 1, [b""]  # the next line, and the blocks that it has so far
    while block := os.read(descriptor, _BLOCK):
        begun.append(block)
        if b"\n" in block:
            *lines, rest = b"".join(begun).split(b"\n")
            yield [_line(at, line) for at, line in enumerate(lines, number) if line.strip()]
            number, begun = number + len(lines), [rest]
    if (last := b"".join(begun)).strip():
        yield [_line(number, last)]


def checked(rows: Iterable[PlacedRow], columns: Sequence[Column]) -> list[dict[str, Any]]:
    """The rows; raises `UserError` where one is no object, lacks a text in one of the `columns`, or holds an unsound text."""
    found: list[dict[str, Any]] = []
    for where, row in rows:
        if not isinstance(row, Mapping):
            raise UserError(f"{where}: {shown(row)} is no row. Expected an object with a value for each column.")
        for name in (column.name for column in columns):
            if not isinstance(value := row.get(name), str) or not value.strip():
                state = (
                    "missing"
                    if name not in row
                    else "empty"
                    if isinstance(value, str)
                    else f"{shown(value)}, not a text"
                )
                needed = " and ".join(f"'{column.name}'" for column in columns)
                raise UserError(f"{where}: '{name}' is {state}. This student needs {needed}; mend or remove the row.")
        for unsound in filter(None, map(flaw, _texts(row))):
            raise UserError(f"{where}: holds {unsound}. Mend the row or remove it.")
        found.append(dict(row))
    return found


def _line(number: int, line: bytes) -> PlacedRow:
    where = f"standard input, line {number}"
    try:
        return where, strict_json(line)
    except ValueError as error:
        raise UserError(f"{where}: not JSON ({error}). Give one object on each line.") from error


def _texts(value: Any) -> Iterator[str]:
    """All texts in a row, keys among them: the answers repeat it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from chain(*map(_texts, chain(value.keys(), value.values())))
    elif isinstance(value, list):
        yield from chain(*map(_texts, value))
