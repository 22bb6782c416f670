"""Gather what the data section names into one set per role, and refuse what cannot work."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

from gemquad.errors import UserError
from gemquad.params import Data
from gemquad.parquet import read_records
from gemquad.schema import Passage
from gemquad.schema.results import Overlap
from gemquad.sources.format import E, Format
from gemquad.sources.overlap import Located, find_overlaps, refuse_overlaps

Reader = Callable[[str, type[Any]], list[Any]]
"""The records of a key such as `gold` or `dev-es`, of a record type."""


@dataclass(frozen=True)
class Roles(Generic[E]):
    """All data of a run. Test may hold more languages than are trained; `translated`, gold by machine translation, and
    `corrected`, pairs that people checked, fewer.

    What a format does not require may be empty.
    """

    gold: list[E]
    exemplars: list[E]
    passages: list[Passage]
    dev: list[E]
    test: list[E]
    translated: list[E]
    corrected: list[E]
    overlaps: list[Overlap]


def gather(folder: Path, data: Data, languages: list[str], format: Format[E]) -> Roles[E]:
    """Join the files read into `folder`, one per role and language.

    Raises:
        UserError: a role that the format requires is not there, or evaluation shares texts with another role.
    """
    require_roles(data, languages, format)
    roles = joined(lambda key, record: read_records(folder / f"{key}.parquet", record), data, languages, format)
    refuse_overlaps(roles.overlaps)
    return roles


def joined(read: Reader, data: Data, languages: list[str], format: Format[E]) -> Roles[E]:
    """What `read` gives for each file, a set per role, with the texts that evaluation shares with other roles."""

    def examples(role: str, languages: list[str], record: type[Any] = format.record) -> list[Any]:
        """In those of `languages` for which there is a file, in their order."""
        named = [language for language in languages if language in data.files(role)]
        return [one for language in named for one in read(f"{role}-{language}", record)]

    roles = Roles(
        gold=read("gold", format.record) if data.gold else [],
        exemplars=examples("exemplars", languages),
        passages=examples("passages", languages, Passage) if "passages" in format.roles else [],
        dev=examples("dev", languages),
        test=examples("test", list(data.files("test"))),
        translated=examples("translated", languages),
        corrected=examples("corrected", languages),
        overlaps=[],
    )
    roles.overlaps.extend(find_overlaps(_located(roles, data, format), data.allow_overlap, format.least_shared_runs))
    return roles


def require_roles(data: Data, languages: list[str], format: Format[Any]) -> None:
    """Refuse, with a `UserError`, settings in which a role that the format requires is not named."""
    for message in missing_roles(data, languages, format):
        raise UserError(message)


def missing_roles(data: Data, languages: list[str], format: Format[Any]) -> Iterator[str]:
    """What is said of each role that the format requires and the settings do not name."""
    if "gold" in format.roles and not data.gold:
        yield "there is no gold (data.gold of params.yaml), which this kind of task needs: -S data.gold=PATH."
    by_language = [role for role in format.roles if role != "gold"]
    for language in languages:
        for role in by_language:
            named = data.files(role)
            if language not in named:
                known = ", ".join(sorted(named)) or "no language"
                yield (
                    f"language '{language}' has no {role} (data.languages of params.yaml has them for {known}). "
                    f"Name a file, -S data=files -S ++data.languages.{language}.{role}=PATH, or choose another lang."
                )


def _located(roles: Roles[E], data: Data, format: Format[E]) -> dict[str, Iterator[Located]]:
    """The texts of every role, each with the file that the data section names for it."""

    def of(role: str) -> Iterator[Located]:
        files = {data.gold_language: data.gold} if role == "gold" else data.files(role)
        return (Located(format.text(one), str(files[one.language])) for one in getattr(roles, role))

    given = ("corrected",) if roles.corrected else ()
    located = {role: of(role) for role in ("gold", "exemplars", "translated", "dev", "test", *given)}
    files = data.files("passages")
    return {**located, "passages": (Located(p.text, files[p.language]) for p in roles.passages)}
