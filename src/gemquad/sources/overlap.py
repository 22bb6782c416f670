"""The leak gate: no passage may stand in two roles where one of them is evaluation.

Scores on passages that the generator or the student has seen say nothing about new ones. An overlap that is part of a
published setting is possible only by naming it in `data.allow_overlap`, e.g. "passages-test".
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from gemquad.errors import UserError

EVALUATION_ROLES = ("dev", "test")
SOURCE_ROLES = ("gold", "exemplars", "passages")


@dataclass(frozen=True)
class Overlap:
    """`count` passages that two roles share, and the beginning of the first of them."""

    roles: str
    count: int
    example: str


def find_overlaps(passages_by_role: dict[str, Iterable[str]]) -> list[Overlap]:
    """Shared passages between evaluation and every other role, and between dev and test.

    Passages are compared up to case, white space and Unicode composition.
    """
    keys = {role: {_key(text): text for text in texts} for role, texts in passages_by_role.items()}
    pairs = [(source, target) for target in EVALUATION_ROLES for source in SOURCE_ROLES] + [("dev", "test")]
    overlaps = []
    for first, second in pairs:
        shared = [key for key in keys[first] if key in keys[second]]
        if shared:
            overlaps.append(Overlap(f"{first}-{second}", len(shared), keys[first][shared[0]][:60]))
    return overlaps


def refuse_overlaps(overlaps: list[Overlap], allowed: list[str]) -> None:
    """Raise for the first overlap that `allowed` does not name."""
    for overlap in overlaps:
        if overlap.roles not in allowed:
            first, second = overlap.roles.split("-")
            raise UserError(
                f"{overlap.count} passage(s) of {first} are also in {second}, e.g. “{overlap.example}…”. "
                f"Remove them from one of the two, or allow it by name: -S 'data.allow_overlap=[{overlap.roles}]'."
            )


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
