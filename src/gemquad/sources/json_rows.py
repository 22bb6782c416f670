"""JSON that is one document, a list of rows, or a row per line; each value with its place in the text."""

import json
from collections.abc import Callable
from typing import Any

from gemquad.files import strict_json

BadLine = Callable[[str, json.JSONDecodeError], None]
"""Takes the place of a line that is not JSON, and what is wrong with it."""


def json_rows(text: str, bad: BadLine | None = None) -> list[tuple[str, Any]]:
    """(place, value) of every row: ("row 3", …) of a list, ("line 3", …) of JSON Lines, ("line 1", document) of another document.

    Lines after the first that are not JSON are handed to `bad`.

    Raises:
        json.JSONDecodeError: with the place in `text`; of such a line only where there is no `bad`.
    """
    try:
        document = strict_json(text)
    except json.JSONDecodeError as error:
        return _lines(text, error, bad)
    if isinstance(document, list):
        return [(f"row {number}", row) for number, row in enumerate(document, start=1)]
    return [("line 1", document)]


def _lines(text: str, error_of_the_whole: json.JSONDecodeError, bad: BadLine | None) -> list[tuple[str, Any]]:
    """A value per line; where not even the first line is one, `text` was meant as a whole."""
    rows: list[tuple[str, Any]] = []
    start = 0
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            if line.strip():
                rows.append((f"line {number}", strict_json(line)))
        except json.JSONDecodeError as error:
            if not rows and error.doc:
                raise error_of_the_whole from None
            if not bad:
                raise json.JSONDecodeError(error.msg, text, start + error.pos) from None
            bad(f"line {number}", error)
        start += len(line) + 1
    if not rows:
        raise error_of_the_whole
    return rows
