"""Weak labelers without gold: students trained on a part of the synthetic pairs, of which each judges the rest.

A student agrees with what it was trained on, so no pair may be judged by a student that has seen it. Cross-fitting (Chernozhukov
et al. 2018, arXiv 1608.00060) gives every pair such a student: fold f of the pairs is left to the student trained on all others.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.params import Student
from gemquad.records import read_json, write_json
from gemquad.schema import Example
from gemquad.student.processes import is_main
from gemquad.student.training import Phase, fine_tune
from gemquad.tasks.head import AnyHead

FOLDS = 2
_FOLDS_FILE = "folds.json"


def fold(identifier: str, folds: int = FOLDS) -> int:
    """The fold of the pair of that id, 0 to `folds` - 1, by its SHA-256: the same in every run, for any id."""
    return int.from_bytes(hashlib.sha256(identifier.encode()).digest()) % folds


def cross_fit(
    pairs: Sequence[Example], head: AnyHead, settings: Student, seed: int, folder: Path
) -> list[dict[str, Any]]:
    """Train a student for every fold on the pairs of the others, save them to `folder`, return their learning curves.

    The curves are those of `fine_tune`, with phases "fold-0", "fold-1", …; steps count through all of them.

    Raises:
        UserError: no pair, or none but of one label, is left to train on for a fold.
    """
    phases = [_phase(number, pairs, head, settings) for number in range(FOLDS)]
    curve: list[dict[str, Any]] = []
    for phase in phases:
        done = curve[-1]["step"] if curve else 0
        own = fine_tune([phase], head, settings, seed, folder / phase.name)
        curve += [{**entry, "step": done + entry["step"]} for entry in own]
    if is_main():
        write_json(folder / _FOLDS_FILE, {"folds": FOLDS})
    return curve


def judges(folder: Path, identifiers: Sequence[str]) -> Iterator[tuple[Path, list[int]]]:
    """Each student of `folder` with the positions of the pairs that it judges: those of its fold, or all where it is alone."""
    if not (folder / _FOLDS_FILE).exists():
        yield folder, list(range(len(identifiers)))
        return
    folds = read_json(folder / _FOLDS_FILE)["folds"]
    for number in range(folds):
        own = [at for at, identifier in enumerate(identifiers) if fold(identifier, folds) == number]
        if own:
            yield folder / _name(number), own


def _phase(number: int, pairs: Sequence[Example], head: AnyHead, settings: Student) -> Phase:
    """Training on all pairs but those of fold `number`."""
    inputs = [head.input(pair) for pair in pairs if fold(pair.id) != number]
    if not inputs:
        raise UserError(
            f"Of {len(pairs)} synthetic pairs none is left to train the judge of fold {number} on. Generate more "
            "(prompting.prompts or prompting.prompts_per_passage, generation.keep_fraction), or give gold (data.gold)."
        )
    head.check(inputs)
    return Phase(_name(number), inputs, settings.silver_epochs)


def _name(number: int) -> str:
    return f"fold-{number}"
