"""Gather what the data section names into one set per role, and refuse what cannot work."""

from dataclasses import dataclass
from pathlib import Path

from gemquad.errors import UserError
from gemquad.params import Data
from gemquad.records import read_records
from gemquad.schema import Passage, Question
from gemquad.sources.overlap import Overlap, find_overlaps, refuse_overlaps


@dataclass(frozen=True)
class Roles:
    """All data of a run. Exemplars and passages are in the languages to train; test may hold more."""

    gold: list[Question]
    exemplars: list[Question]
    passages: list[Passage]
    dev: list[Question]
    test: list[Question]
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
        overlaps=[],
    )
    roles.overlaps.extend(
        find_overlaps(
            {
                "gold": (q.passage for q in roles.gold),
                "exemplars": (q.passage for q in roles.exemplars),
                "passages": (p.text for p in roles.passages),
                "dev": (q.passage for q in roles.dev),
                "test": (q.passage for q in roles.test),
            }
        )
    )
    refuse_overlaps(roles.overlaps, data.allow_overlap)
    return roles


def _questions(folder: Path, data: Data, role: str, languages: list[str] | None) -> list[Question]:
    """The questions of a role, in the order of `languages`; None takes every language that the data section names."""
    if role == "gold":
        return read_records(folder / "gold.parquet", Question)
    named = languages or [language for language, path in getattr(data, role).items() if path]
    return [q for language in named for q in read_records(folder / f"{role}-{language}.parquet", Question)]
