"""The rows of labelled data sets of the hub: those with a text and a label, each with the columns of the task alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from gemquad.errors import UserError
from gemquad.sources.cleaning import Tally, Unusable, drop_unsound
from gemquad.sources.hub import Wanted
from gemquad.tasks.settings import Columns
from gemquad.text.characters import shown

Row = dict[str, Any]


def labelled_rows(
    records: Iterable[Any], wanted: Wanted, columns: Columns, is_missing: Callable[[Any], bool]
) -> tuple[list[Row], Tally]:
    """The usable rows as published, in their order, under the task's names of columns.

    A row is dropped when a text or the label is missing; `is_missing` says so of what the label column holds.

    Raises:
        UserError: a record is no row, lacks a column, or holds something else than text or numbers there.
    """
    tally, rows = Tally(), []
    for row in _in_language(records, wanted, columns):
        tally.rows += 1
        try:
            rows.append(_usable(row, columns, is_missing))
            tally.kept += 1
        except Unusable as reason:
            tally.dropped[str(reason)] += 1
    return rows, tally


def _in_language(records: Iterable[Any], wanted: Wanted, columns: Columns) -> Iterator[Row]:
    prefix = wanted.source.id_prefix.get(wanted.language, "")
    for record in records:
        row = _named(record, wanted, columns)
        if columns.id is None or str(row[columns.id]).startswith(prefix):
            yield row


def _named(record: Any, wanted: Wanted, columns: Columns) -> Row:
    """The columns of the task; a label that is a number by the name that the entry gives it."""
    if not isinstance(record, Mapping):
        raise UserError(f"{shown(record)} stands where a row is expected. Name another file with data_files.")
    row: Row = {}
    for ours in filter(None, (columns.id, columns.text, columns.second, columns.label)):
        theirs = wanted.source.columns.get(ours, ours)
        if theirs not in record:
            raise UserError(
                f"there is no column '{theirs}', only: {', '.join(record)}. Correct task.columns (conf/task), or say which "
                f"column stands for it, {wanted.setting(f'columns: {{{ours}: THEIRS}}')}."
            )
        row[ours] = record[theirs]
    names, label = wanted.source.label_names, row[columns.label]
    if isinstance(label, int) and 0 <= label < len(names):
        row[columns.label] = names[label]
    return row


def _usable(row: Row, columns: Columns, is_missing: Callable[[Any], bool]) -> Row:
    for column in filter(None, (columns.text, columns.second)):
        text = row[column]
        if text is not None and not isinstance(text, str):
            raise UserError(_not(text, column, "text"))
        if text is None or not text.strip():
            raise Unusable("no text")
        drop_unsound(text)
    for column in filter(None, (columns.id, columns.label)):
        if not isinstance(row[column], str | int | float | None):
            raise UserError(_not(row[column], column, "text or a number"))
        drop_unsound(str(row[column]))
    if is_missing(row[columns.label]):
        raise Unusable("no label")
    return row


def _not(value: object, column: str, expected: str) -> str:
    return (
        f"column '{column}' holds {type(value).__name__}, e.g. {shown(value)}; expected {expected}. Name another column in "
        "task.columns (conf/task)."
    )
