"""Gather what the data section names into one set per role, and refuse what cannot work."""

from dataclasses import dataclass
from pathlib import Path

from gemquad.errors import UserError
from gemquad.params import Data
from gemquad.records import read_records
from gemquad.schema import Passage, Question
from gemquad.sources.overlap import Located, Overlap, find_overlaps, refuse_overlaps


@dataclass(frozen=True)
class Roles:
    """All data of a run. Test may hold more languages than are trained; `translated`, gold by machine translation, fewer."""

    gold: list[Question]
    exemplars: list[Question]
    passages: list[Passage]
    dev: list[Question]
    test: list[Question]
    translated: list[Question]
    overlaps: list[Overlap]


def gather(folder: Path, data: Data, languages: list[str]) -> Roles:
    """Join the files read into `folder`, one per role and language.

    Raises:
        UserError: a language lacks a role that the method needs, or evaluation shares passages with another role.
    """
    for language in languages:
        for role in ("exemplars", "passages", "dev", "test"):
            if not getattr(data, role).get(language):
                known = ", ".join(sorted(k for k, v in data.passages.items() if v)) or "none"
                raise UserError(
                    f"language '{language}' has no {role} (data.{role} of params.yaml; passages are there for: {known}). "
                    f"Name a file, -S data=files -S data.{role}.{language}=PATH, or choose another lang."
                )
    roles = Roles(
        gold=_questions(folder, data, "gold", None),
        exemplars=_questions(folder, data, "exemplars", languages),
        passages=[p for language in languages for p in read_records(folder / f"passages-{language}.parquet", Passage)],
        dev=_questions(folder, data, "dev", languages),
        test=_questions(folder, data, "test", None),
        translated=_questions(
            folder, data, "translated", [language for language in languages if data.translated.get(language)]
        ),
        overlaps=[],
    )
    roles.overlaps.extend(find_overlaps(_located(roles, data), data.allow_overlap))
    refuse_overlaps(roles.overlaps)
    return roles


def _located(roles: Roles, data: Data) -> dict[str, list[Located]]:
    """The passages of every role, each with the file that the data section names for it."""
    located = {"passages": [Located(p.text, str(data.passages[p.language])) for p in roles.passages]}
    for role in ("gold", "exemplars", "translated", "dev", "test"):
        files = {data.gold_language: data.gold} if role == "gold" else getattr(data, role)
        located[role] = [Located(q.passage, files[q.language]) for q in getattr(roles, role)]
    return located


def _questions(folder: Path, data: Data, role: str, languages: list[str] | None) -> list[Question]:
    """The questions of a role, in the order of `languages`; None takes every language that the data section names."""
    if role == "gold":
        return read_records(folder / "gold.parquet", Question)
    named = [language for language, path in getattr(data, role).items() if path] if languages is None else languages
    return [q for language in named for q in read_records(folder / f"{role}-{language}.parquet", Question)]
