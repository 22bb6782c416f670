"""What `hub:NAME` in a data role means: an entry of the catalogue in one language, with a card that says what was kept of it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.files import checked
from gemquad.schema.results import HUB_CARD, HubCard
from gemquad.sources.cleaning import Tally
from gemquad.sources.entries import HubSource, entry
from gemquad.sources.format import AnyFormat
from gemquad.sources.hub import Snapshot, Wanted, records, snapshot


def fetch(catalogue: Mapping[str, HubSource], name: str, language: str, format: AnyFormat) -> dict[str, Any]:
    """The entry `name` in `language` as a document that `format` reads, with its data card under "card".

    Raises:
        UserError: there is no such entry, repository, revision, configuration, split or column; no row is usable; or the data
            is not in the hub's cache and the hub cannot be reached.
    """
    wanted = _wanted(catalogue, name, language)
    found = snapshot(wanted)
    try:
        document, tally = format.clean(_rows(found.files, wanted), wanted)
    except UserError as error:
        raise UserError(f"{wanted}: {error}") from error
    if not tally.kept:
        raise UserError(
            f"{wanted}: of {tally.rows} rows none is usable, {dict(tally.dropped)}. Choose another data set."
        )
    return {"card": _card(wanted, found, tally), **document}


def _rows(files: list[Path], wanted: Wanted) -> Iterator[Any]:
    """What the files hold, or the part of it that the entry says."""
    first, last = wanted.source.only_rows or (0, None)
    return islice(records(files), first, last)


def _card(wanted: Wanted, found: Snapshot, tally: Tally) -> HubCard:
    source = wanted.source
    card = {
        "name": wanted.name,
        "language": wanted.language,
        "repo": source.repo,
        "config": source.config,
        "split": source.split,
        "data_files": source.data_files,
        "only_rows": source.only_rows,
        "revision": source.revision,
        "commit": found.commit,
        "licence": source.licence,
        "licence_on_hub": found.licence,
        "citation": source.citation,
        **tally.counts(),
    }
    return checked(card, f"{wanted}", HUB_CARD)


def _wanted(catalogue: Mapping[str, HubSource], name: str, language: str) -> Wanted:
    source = entry(catalogue, name)
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
