"""What `hub:NAME` in a data role means: an entry of the catalogue in one language, with a card that says what was kept of it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.params import HubSource
from gemquad.schema import Question
from gemquad.sources.cleaning import Row, Tally, clean
from gemquad.sources.hub import Snapshot, Wanted, records, snapshot

_REQUIRED = ("context", "question", "answers")
_OPTIONAL = ("id", "title")
_LEVELS = ("data", "paragraphs", "qas")


def fetch(catalogue: Mapping[str, HubSource], name: str, language: str) -> dict[str, Any]:
    """The catalogue's entry `name` in `language` as a SQuAD v1.1 document, with its data card under "card".

    Raises:
        UserError: there is no such entry, repository, revision, configuration, split or column; no row is usable; or the data
            is not in the hub's cache and the hub cannot be reached.
    """
    wanted = _wanted(catalogue, name, language)
    found = snapshot(wanted)
    try:
        questions, tally = clean(_rows(found.files, wanted), language)
    except UserError as error:
        raise UserError(f"{wanted}: {error}") from error
    if not questions:
        raise UserError(
            f"{wanted}: of {tally.rows} rows none is usable, {dict(tally.dropped)}. Choose another data set."
        )
    return {"card": _card(wanted, found, tally), **squad_document(questions)}


def squad_document(questions: list[Question]) -> dict[str, Any]:
    """Questions in SQuAD v1.1's nesting, neighbours of one title and passage together, their order kept."""
    return {
        "data": [
            {"title": title, "paragraphs": [_paragraph(*group) for group in groupby(article, lambda q: q.passage)]}
            for title, article in groupby(questions, lambda q: q.title)
        ]
    }


def _paragraph(passage: str, questions: Iterator[Question]) -> dict[str, Any]:
    qas = [
        {
            "id": question.id,
            "question": question.question,
            "answers": [
                {"text": text, "answer_start": start}
                for text, start in zip(question.answers, question.answer_starts, strict=True)
            ],
        }
        for question in questions
    ]
    return {"context": passage, "qas": qas}


def _card(wanted: Wanted, found: Snapshot, tally: Tally) -> dict[str, Any]:
    source = wanted.source
    return {
        "name": wanted.name,
        "language": wanted.language,
        "repo": source.repo,
        "config": source.config,
        "split": source.split,
        "data_files": source.data_files,
        "revision": source.revision,
        "commit": found.commit,
        "licence": source.licence,
        "licence_on_hub": found.metadata.get("license"),
        "citation": source.citation,
        "rows": tally.rows,
        "kept": tally.kept,
        "dropped": dict(sorted(tally.dropped.items())),
        "moved_answers": tally.moved_answers,
        "renamed_ids": tally.renamed_ids,
    }


def _wanted(catalogue: Mapping[str, HubSource], name: str, language: str) -> Wanted:
    if name not in catalogue:
        raise UserError(
            f"hub:{name} is not in the hub catalogue, which has: {', '.join(catalogue)}. Correct the name, or add it: "
            f"-S '+hub.{name}={{repo: OWNER/NAME, split: train, revision: COMMIT}}'."
        )
    source = catalogue[name]
    if source.id_prefix and language not in source.id_prefix:
        raise UserError(
            f"hub:{name} has nothing in '{language}'; it has: {', '.join(source.id_prefix)}. Choose one of them."
        )
    filled = {
        field: text.replace("{language}", language)
        for field in ("repo", "config", "data_files")
        if (text := getattr(source, field))
    }
    return Wanted(name, language, replace(source, **filled))


def _rows(files: list[Path], wanted: Wanted) -> Iterator[Row]:
    """The rows of the wanted language under our names of columns."""
    prefix = wanted.source.id_prefix.get(wanted.language, "")
    for record in records(files):
        for row in _flat(record):
            named = _named(row, wanted)
            if str(named["id"]).startswith(prefix):
                yield named


def _flat(record: Any, above: Row | None = None) -> Iterator[Row]:
    """A row as it is; of a SQuAD document, article or paragraph its questions, with the title and context above them."""
    if not isinstance(record, Mapping):
        raise UserError(f"{record!r} stands where a row is expected. Name another file with data_files.")
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
                f"-S '++hub.{wanted.name}.columns={{{ours}: THEIRS}}'."
            )
    return {ours: row.get(column) for ours, column in theirs.items()}
