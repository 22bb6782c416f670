"""Weak labelers without gold: students trained on a part of the synthetic pairs, of which each judges the rest.

A student agrees with what it was trained on, so no pair may be judged by a student that has seen it. Cross-fitting (Chernozhukov
et al. 2018, arXiv 1608.00060) gives every pair such a student: fold f of the pairs is left to the student trained on all others.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from gemquad.errors import UserError
from gemquad.params import Student
from gemquad.schema import Example
from gemquad.student.training import Phase, fine_tune
from gemquad.tasks.head import AnyHead

FOLDS = 2
_BELOW = "folds"


def fold(identifier: str, folds: int = FOLDS) -> int:
    """The fold of a pair, 0 to `folds` - 1, from the SHA-256 of its id: the same in every run."""
    return int.from_bytes(hashlib.sha256(identifier.encode()).digest()) % folds


def cross_fit(pairs: Sequence[Example], head: AnyHead, settings: Student, seed: int, folder: Path) -> None:
    """Train a student for every fold on the pairs of the others, and save them below the student in `folder`.

    Raises:
        UserError: no pair, or none but of one label, is left to train on for a fold.
    """
    for phase in [_phase(number, pairs, head, settings) for number in range(FOLDS)]:
        fine_tune([phase], head, settings, seed, folder / _BELOW / phase.name)


def is_cross_fitted(folder: Path) -> bool:
    """Whether `folder` holds students none of which judges what it was trained on."""
    return (folder / _BELOW).exists()


def judges(folder: Path, identifiers: Sequence[str]) -> Iterator[tuple[Path, list[int]]]:
    """The judging students with the positions of their pairs: one per fold if there are any, else the student itself for all."""
    below = folder / _BELOW
    if not is_cross_fitted(folder):
        yield folder, list(range(len(identifiers)))
        return
    folds = len(list(below.iterdir()))
    for number in range(folds):
        own = [at for at, identifier in enumerate(identifiers) if fold(identifier, folds) == number]
        if own:
            yield below / _name(number), own


def _phase(number: int, pairs: Sequence[Example], head: AnyHead, settings: Student) -> Phase:
    """Training on all pairs but those of fold `number`."""
    inputs = [head.input(pair) for pair in pairs if fold(pair.id) != number]
    if not inputs:
        raise UserError(
            f"Of {len(pairs)} synthetic pairs none is left to train the judge of fold {number} on. Generate more "
            "(prompting.prompts or prompting.prompts_per_passage, filter.keep_fraction), or give gold (data.gold)."
        )
    head.check(inputs)
    return Phase(_name(number), inputs, settings.silver_epochs)


def _name(number: int) -> str:
    return f"fold-{number}"
