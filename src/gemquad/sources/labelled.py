"""Read labelled texts: JSON Lines (as JGLUE and JCoLA are published), a JSON list, what `fetch` wrote, CSV or TSV with a header.

Columns are those of the task (`task.columns`). Texts stay as they are. Errors name the file and the place.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.files import readable
from gemquad.schema import LabelledText
from gemquad.sources.cleaning import unused
from gemquad.sources.faults import Faults, Mend, collected
from gemquad.sources.format import own_card
from gemquad.sources.json_rows import json_rows
from gemquad.sources.table_rows import DELIMITERS, table_rows
from gemquad.tasks.settings import Columns
from gemquad.text.characters import flaw, shown

LabelReader = Callable[[Any], str]
"""Our label for what the label column holds; raises `ValueError` with what is wrong, and after a full stop what to do."""
_EXPORTED = "Mend the file or export it again; a table is read by its ending, .csv or .tsv"


def read_labelled(
    path: Path, language: str, columns: Columns, label: LabelReader, faults: Faults | None = None
) -> list[LabelledText]:
    """All sound rows of the file, in its order. Without an id column the ids are row-1, row-2, ….

    Raises:
        UserError: the file is missing, empty, malformed or not UTF-8; or, without `faults` to collect them, a column is missing, a
            text is empty, a label is one that `label` refuses, or an id comes twice.
    """
    examples: list[LabelledText] = []
    places: dict[str, str] = {}
    with collected(path, faults) as found:
        rows = list(_rows(path, found))
        given = {str(row.get(columns.id)) for _, row in rows} if columns.id else set()
        for number, (where, row) in enumerate(rows, start=1):
            before = found.said
            free = unused(f"row-{number}", given)
            identifier = _id(row, columns.id, free, where, found) if columns.id else free
            example = LabelledText(
                id=identifier,
                language=language,
                text=_text(row, columns.text, where, identifier, found),
                second=_text(row, columns.second, where, identifier, found) if columns.second else "",
                label=_label(row, columns.label, where, label, identifier, found),
            )
            if identifier in places:
                said = f"id {shown(identifier)} is used before, at {places[identifier]}"
                remedy = "Make ids unique, or let rows be numbered: -S task.columns.id=null"
                found.add("id used twice", where, said, remedy)
            elif identifier:
                places[identifier] = where
            if found.said == before:
                examples.append(example)
    return examples


def read_card(path: Path) -> dict[str, Any] | None:
    """The data card that a file fetched from the hub carries; None for a file without one."""
    document = None if path.suffix in DELIMITERS else _document(_json(path, _content(path)))
    return own_card(document["card"]) if document else None


def _rows(path: Path, found: Faults) -> Iterator[tuple[str, dict[str, Any]]]:
    """Place and columns of every row."""
    text = _content(path)
    if not text.strip():
        raise UserError(f"{path}: is empty. Give it a row per example, or name another file.")
    rows = table_rows(path, text, found) if path.suffix in DELIMITERS else _json(path, text, found)
    document = _document(rows)
    if document:
        if not isinstance(document["rows"], list):
            raise UserError(f'{path}: "rows" is {shown(document["rows"])}, not a list. Give it a row per example.')
        rows = [(f"rows[{number}]", row) for number, row in enumerate(document["rows"])]
    if not rows and not found:
        raise UserError(f"{path}: holds no row. Give it a row per example, or name another file.")
    for place, row in rows:
        if isinstance(row, dict):
            yield place, row
        else:
            found.add("no row", place, f"{shown(row)} is no row", "Expected an object with a value for each column")


def _content(path: Path) -> str:
    with readable(path):
        return path.read_bytes().decode("utf-8-sig")  # as text, line breaks within a field of a table would change


def _json(path: Path, text: str, found: Faults | None = None) -> list[tuple[str, Any]]:
    def bad(place: str, error: json.JSONDecodeError) -> None:
        faults.add("line not JSON", f"{place}, column {error.colno}", f"not JSON ({error.msg})", _EXPORTED)

    with collected(path, found) as faults, readable(path, f"{_EXPORTED}."):
        return json_rows(text, bad)


def _document(rows: list[tuple[str, Any]]) -> dict[str, Any] | None:
    """What the stage `fetch` wrote."""
    only = rows[0][1] if len(rows) == 1 else None
    return only if isinstance(only, dict) and {"card", "rows"} <= set(only) else None


def _has(row: dict[str, Any], column: str, where: str, id: str, found: Faults) -> bool:
    if column not in row:
        said = f"there is no column '{column}', only: {', '.join(row)}"
        remedy = "Add it, or name the columns of your file in task.columns (conf/task)"
        found.add(f"no column '{column}'", where, said, remedy, id)
    return column in row


def _text(row: dict[str, Any], column: str, where: str, id: str, found: Faults) -> str:
    if not _has(row, column, where, id, found):
        return ""
    value = row[column]
    if not isinstance(value, str):
        remedy = "Mend the row, or correct task.columns (conf/task)"
        found.add(f"'{column}' no text", where, f"'{column}' is {shown(value)}, not a text", remedy, id)
        return ""
    if not value.strip():
        found.add(f"'{column}' empty", where, f"'{column}' is empty", "Fill it in or remove the row", id)
    elif said := flaw(value):
        remedy = "Mend the row or remove it"
        found.add(f"unsound character in '{column}'", where, f"'{column}' holds {said}", remedy, id)
    return value


def _id(row: dict[str, Any], column: str, free: str, where: str, found: Faults) -> str:
    """ "" where there is none, which is a fault."""
    if not _has(row, column, where, "", found):
        return ""
    value = row[column]
    missing = value is None or (isinstance(value, str) and not value.strip())
    if missing or not isinstance(value, str | int) or isinstance(value, bool) or flaw(str(value)):
        remedy = "Give every row an id, or let rows be numbered: -S task.columns.id=null"
        mend = Mend("ids made from the number of the row", {column: free}) if missing else None
        kind = "no id" if missing else "id no string or number"
        found.add(kind, where, f"id '{column}' is {shown(value)}", remedy, mend=mend)
        return ""
    return str(value)


def _label(row: dict[str, Any], column: str, where: str, read: LabelReader, id: str, found: Faults) -> str:
    if not _has(row, column, where, id, found):
        return ""
    try:
        return read(row[column])
    except ValueError as error:
        said, _, remedy = str(error).rpartition(". ")
        found.add("label missing or unknown", where, said or remedy, said and remedy, id)
        return ""
