"""Tables with a header, CSV or TSV by the ending of the file; each row with its place in the file."""

import csv
import sys
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.texts import shown

DELIMITERS = {".csv": ",", ".tsv": "\t"}
"""By the ending of a table's file."""


def table_rows(path: Path, text: str) -> list[tuple[str, Any]]:
    """("line 3", row) of every row in the `text` of `path`: the line that it ends on, and its fields by the header.

    Raises:
        UserError: two columns have one name, a row has another number of fields than the header, quotation marks are amiss, or a
            field of a TSV may be several rows.
    """
    csv.field_size_limit(sys.maxsize)  # 131,072 characters otherwise, and a text may be longer
    table = csv.DictReader(StringIO(text, newline=""), delimiter=DELIMITERS[path.suffix], strict=True)
    rows: list[tuple[str, Any]] = []
    try:
        names = list(table.fieldnames or ())
        for name, times in Counter(names).items():
            if times > 1:
                raise UserError(
                    f"{path}, line {table.line_num}: {times} columns are called {shown(name)}. Rename or remove one."
                )
        for row in table:
            if None in row or None in row.values():
                raise csv.Error(f"the header has {len(row.keys() - {None})} columns, the row another number")
            rows.append((f"line {table.line_num}", row))
            if path.suffix == ".tsv" and any(_may_be_rows(field, names) for field in (*row, *row.values())):
                raise UserError(
                    f"{path}, line {table.line_num}: a quotation mark ends here a field of several lines, which may be rows of "
                    'their own. Write a text that begins with a quotation mark as """text", or save the table as JSON Lines.'
                )
    except csv.Error as error:
        raise UserError(
            f"{path}, line {table.reader.line_num}: not a table ({error}). Mend the line; a field with a delimiter, a quotation "
            "mark or a line break in it stands in quotation marks."
        ) from error
    return rows


def _may_be_rows(field: str, names: list[str]) -> bool:
    """Whether it may be several rows of a TSV: the text of the first begins with a quotation mark, that of the last ends so."""
    return ("\n" in field or "\r" in field) and ("\t" in field or len(names) == 1)
