"""A file of the user's as it is after mending: what has changed is written anew, the rest stays.

A JSON document is written as a whole, its texts and numbers the same; of JSON Lines and of a table the rows stay where they are.
"""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from gemquad.files import strict_json
from gemquad.sources.faults import Faults
from gemquad.sources.table_rows import DELIMITERS
from gemquad.text.characters import is_encodable

_Change = tuple[str, Mapping[str, Any]]
"""A place, and the new values by their keys there."""


def mended(path: Path, faults: Faults) -> str:
    """The content of the file with every mend of `faults`, which its reader found, and without a byte order mark."""
    text = path.read_bytes().decode("utf-8-sig")
    changes = [(fault.place, fault.mend.values) for fault in faults.mendable if fault.mend and fault.mend.values]
    if not changes:
        return text
    if path.suffix in DELIMITERS:
        return _table(text, changes, DELIMITERS[path.suffix])
    try:
        document = strict_json(text)
    except json.JSONDecodeError:
        return _lines(text, changes)
    for place, values in changes:
        _at(document, place).update(values)
    return _written(document, indent=2 if "\n" in text.strip() else None) + "\n"


def _at(document: Any, place: str) -> Any:
    """What stands at `data[0].qas[1]`, at `row 3` of a list, or at `line 1`, which is all of a document."""
    first, *keys = re.findall(r"\w+", place)
    if first == "line":
        return document
    if first == "row":
        return document[int(keys[0]) - 1]
    found = document[first]
    for key in keys:
        found = found[int(key) if key.isdigit() else key]
    return found


def _lines(text: str, changes: Sequence[_Change]) -> str:
    lines = text.split("\n")
    for place, values in changes:
        number = int(place.removeprefix("line ")) - 1
        end = "\r" if lines[number].endswith("\r") else ""
        lines[number] = _written({**strict_json(lines[number]), **values}) + end
    return "\n".join(lines)


def _table(text: str, changes: Sequence[_Change], delimiter: str) -> str:
    by_place, written = dict(changes), StringIO(newline="")
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\r\n" if "\r\n" in text else "\n")
    header = next(reader)
    writer.writerow(header)
    for row in reader:
        for column, value in by_place.get(f"line {reader.line_num}", {}).items():
            row[header.index(column)] = value
        writer.writerow(row)
    return written.getvalue()


def _written(value: Any, indent: int | None = None) -> str:
    """JSON in the characters of the texts; escaped where one of them has no UTF-8."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text if is_encodable(text) else json.dumps(value, indent=indent)
