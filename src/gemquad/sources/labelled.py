"""Read labelled texts: JSON Lines (as JGLUE and JCoLA are published), a JSON list, what `fetch` wrote, CSV or TSV with a header.

Columns are those of the task (`task.columns`). Texts stay as they are. Errors name the file and the place.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.files import readable
from gemquad.schema import LabelledText
from gemquad.sources.format import own_card
from gemquad.sources.json_rows import json_rows
from gemquad.sources.table_rows import DELIMITERS, table_rows
from gemquad.tasks.settings import Columns
from gemquad.texts import flaw, shown

LabelReader = Callable[[Any], str]
"""Our label for what the label column holds; raises `ValueError` with what is wrong and what to do."""


def read_labelled(path: Path, language: str, columns: Columns, label: LabelReader) -> list[LabelledText]:
    """All rows of the file, in its order. Without an id column the ids are row-1, row-2, ….

    Raises:
        UserError: the file is missing, empty, malformed or not UTF-8; a column is missing, a text is empty, a label is one that
            `label` refuses, or an id comes twice.
    """
    examples: list[LabelledText] = []
    places: dict[str, str] = {}
    for number, (where, row) in enumerate(_rows(path), start=1):
        example = LabelledText(
            id=_id(row, columns.id, where) if columns.id else f"row-{number}",
            language=language,
            text=_text(row, columns.text, where),
            second=_text(row, columns.second, where) if columns.second else "",
            label=_label(row, columns.label, where, label),
        )
        if example.id in places:
            raise UserError(
                f"{where}: id {shown(example.id)} is used before, at {places[example.id]}. Make ids unique, or let rows be "
                "numbered: -S task.columns.id=null."
            )
        places[example.id] = where
        examples.append(example)
    return examples


def read_card(path: Path) -> dict[str, Any] | None:
    """The data card that a file fetched from the hub carries; None for a file without one."""
    document = None if path.suffix in DELIMITERS else _document(_json(path, _content(path)))
    return own_card(document["card"]) if document else None


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Place for error messages, and columns, of every row."""
    text = _content(path)
    if not text.strip():
        raise UserError(f"{path}: is empty. Give it a row per example, or name another file.")
    rows = table_rows(path, text) if path.suffix in DELIMITERS else _json(path, text)
    document = _document(rows)
    if document:
        if not isinstance(document["rows"], list):
            raise UserError(f'{path}: "rows" is {shown(document["rows"])}, not a list. Give it a row per example.')
        rows = [(f"rows[{number}]", row) for number, row in enumerate(document["rows"])]
    if not rows:
        raise UserError(f"{path}: holds no row. Give it a row per example, or name another file.")
    for place, row in rows:
        where = f"{path}, {place}"
        if not isinstance(row, dict):
            raise UserError(f"{where}: {shown(row)} is no row. Expected an object with a value for each column.")
        yield where, row


def _content(path: Path) -> str:
    with readable(path):
        return path.read_bytes().decode("utf-8-sig")  # as text, line breaks within a field of a table would change


def _json(path: Path, text: str) -> list[tuple[str, Any]]:
    with readable(path, "Mend the file or export it again; a table is read by its ending, .csv or .tsv."):
        return json_rows(text)


def _document(rows: list[tuple[str, Any]]) -> dict[str, Any] | None:
    """What the stage `fetch` wrote."""
    only = rows[0][1] if len(rows) == 1 else None
    return only if isinstance(only, dict) and {"card", "rows"} <= set(only) else None


def _column(row: dict[str, Any], column: str, where: str) -> Any:
    if column not in row:
        raise UserError(
            f"{where}: there is no column '{column}', only: {', '.join(row)}. Add it, or name the columns of your file in "
            "task.columns (conf/task)."
        )
    return row[column]


def _text(row: dict[str, Any], column: str, where: str) -> str:
    value = _column(row, column, where)
    if not isinstance(value, str):
        raise UserError(
            f"{where}: '{column}' is {shown(value)}, not a text. Mend the row, or correct task.columns (conf/task)."
        )
    if not value.strip():
        raise UserError(f"{where}: '{column}' is empty. Fill it in or remove the row.")
    if found := flaw(value):
        raise UserError(f"{where}: '{column}' holds {found}. Mend the row or remove it.")
    return value


def _id(row: dict[str, Any], column: str, where: str) -> str:
    value = _column(row, column, where)
    if not isinstance(value, str | int) or isinstance(value, bool) or not str(value).strip() or flaw(str(value)):
        raise UserError(
            f"{where}: id '{column}' is {shown(value)}. Give every row an id, or let rows be numbered: -S task.columns.id=null."
        )
    return str(value)


def _label(row: dict[str, Any], column: str, where: str, read: LabelReader) -> str:
    try:
        return read(_column(row, column, where))
    except ValueError as error:
        raise UserError(f"{where}: {error}") from error
