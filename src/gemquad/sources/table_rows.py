"""Tables with a header, CSV or TSV by the ending of the file; each row with its place in the file."""

import csv
import sys
from io import StringIO
from pathlib import Path
from typing import Any

from gemquad.errors import UserError

DELIMITERS = {".csv": ",", ".tsv": "\t"}
"""By the ending of a table's file."""


def table_rows(path: Path, text: str) -> list[tuple[str, Any]]:
    """("line 3", row) of every row in the `text` of `path`: the line that it ends on, and its fields by the header.

    Raises:
        UserError: a row has another number of fields than the header, or quotation marks are amiss.
    """
    csv.field_size_limit(sys.maxsize)  # 131,072 characters otherwise, and a text may be longer
    table = csv.DictReader(StringIO(text, newline=""), delimiter=DELIMITERS[path.suffix], strict=True)
    rows: list[tuple[str, Any]] = []
    try:
        for row in table:
            if None in row or None in row.values():
                raise csv.Error(f"the header has {len(row.keys() - {None})} columns, the row another number")
            rows.append((f"line {table.line_num}", row))
    except csv.Error as error:
        raise UserError(
            f"{path}, line {table.reader.line_num}: not a table ({error}). Mend the line; a field with a delimiter, a quotation "
            "mark or a line break in it stands in quotation marks."
        ) from error
    return rows
