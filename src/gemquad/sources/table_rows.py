"""Tables with a header, CSV or TSV by the ending of the file; each row with its place in the file."""

import csv
import re
import sys
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.sources.faults import Faults
from gemquad.text.characters import shown

DELIMITERS = {".csv": ",", ".tsv": "\t"}
"""By the ending of a table's file."""
_MEND = "Mend the line; a field with a delimiter, a quotation mark or a line break in it stands in quotation marks"
_BREAK = re.compile(r"\r\n|[\r\n]")


def table_rows(path: Path, text: str, faults: Faults | None = None) -> list[tuple[str, Any]]:
    """("line 3", row) of every row in the `text` of `path`: the line that it ends on, and its fields by the header.

    Raises:
        UserError: two columns have one name, quotation marks are amiss, a field looks like several rows; or, without `faults` to
            collect them, a row has another number of fields than the header.
    """
    csv.field_size_limit(sys.maxsize)  # 131,072 characters otherwise, and a text may be longer
    delimiter = DELIMITERS[path.suffix]
    table = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[str, Any]] = []
    try:
        for name, times in Counter(table.fieldnames or ()).items():
            if times > 1:
                raise UserError(f"{path}, line 1: {times} columns are called {shown(name)}. Rename or remove one.")
        for row in table:
            place = f"line {table.line_num}"
            if None in row or None in row.values():
                said = f"the header has {len(row.keys() - {None})} columns, the row another number"
                if faults is None:
                    raise csv.Error(said)
                faults.add("another number of fields", place, f"not a table ({said})", _MEND)
            else:
                rows.append((place, row))
    except csv.Error as error:
        raise UserError(f"{path}, line {table.reader.line_num}: not a table ({error}). {_MEND}.") from error
    if place := _swallowing(rows, list(table.fieldnames or ()), delimiter):
        raise UserError(
            f"{path}, {place}: a quotation mark ends here a field of several lines, which look like rows of their own. Write a "
            'text that begins with a quotation mark as """text", or save the table as JSON Lines.'
        )
    return rows


def _swallowing(rows: list[tuple[str, Any]], names: list[str], delimiter: str) -> str:
    """Where a field may be several rows: the text of the first begins with a quotation mark, that of the last ends with one.

    A TSV is often written without quotation marks in mind, so tabs and line breaks in a field are enough. Texts of a CSV hold both;
    there such lines have the fields of rows, one of which stands elsewhere in its column too, as labels do.
    """
    elsewhere = {name: {row[name] for _, row in rows} for name in names}
    for place, row in [("line 1", {name: name for name in names}), *rows]:
        for at, name in enumerate(names):
            first, *others = [line.split(delimiter) for line in _BREAK.split(row[name])]
            if others and delimiter == "\t" and (len(names) == 1 or "\t" in row[name]):
                return place
            *whole, last = others or [[]]
            if others and [*map(len, (first, *others))] == [len(names) - at, *[len(names)] * len(whole), at + 1]:
                for other in {*range(len(names))} - {at}:
                    cells = {cells[other] for cells in whole} | {first[other - at] if other > at else last[other]}
                    if cells & elsewhere[names[other]]:
                        return place
    return ""
