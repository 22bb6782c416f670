"""The rows of question data sets of the hub, flat or nested as in SQuAD, under our names of columns."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gemquad.errors import UserError
from gemquad.sources.cleaning import Row
from gemquad.sources.hub import Wanted
from gemquad.text.characters import shown

_REQUIRED = ("context", "question", "answers")
_OPTIONAL = ("id", "title")
_LEVELS = ("data", "paragraphs", "qas")


def question_rows(records: Iterable[Any], wanted: Wanted) -> Iterator[Row]:
    """The rows of the wanted language: `context`, `question`, `answers`, `id` and `title`.

    Raises:
        UserError: a record is neither a row nor a document, or lacks a required column.
    """
    prefix = wanted.source.id_prefix.get(wanted.language, "")
    for record in records:
        for row in _flat(record):
            named = _named(row, wanted)
            if str(named["id"]).startswith(prefix):
                yield named


def _flat(record: Any, above: Row | None = None) -> Iterator[Row]:
    """A row as it is; of a SQuAD document, article or paragraph its questions, with the title and context above them."""
    if not isinstance(record, Mapping):
        raise UserError(f"{shown(record)} stands where a row is expected. Name another file with data_files.")
    inner = next((record[level] for level in _LEVELS if isinstance(record.get(level), list)), None)
    if inner is None:
        yield {**(above or {}), **record}
        return
    passed_on = {key: record[key] for key in ("title", "context") if key in record}
    for item in inner:
        yield from _flat(item, {**(above or {}), **passed_on})


def _named(row: Row, wanted: Wanted) -> Row:
    theirs = {ours: wanted.source.columns.get(ours, ours) for ours in (*_REQUIRED, *_OPTIONAL)}
    for ours in _REQUIRED:
        if theirs[ours] not in row:
            raise UserError(
                f"there is no column '{theirs[ours]}', only: {', '.join(row)}. Say which it is: "
                f"{wanted.setting(f'columns: {{{ours}: THEIRS}}')}."
            )
    return {ours: row.get(column) for ours, column in theirs.items()}
