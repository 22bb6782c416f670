"""Several labelers: the student of the round before, and others trained on parts of what it was trained on.

Labeler k leaves fold k of gold out, so that labelers err on different questions (cross-fitting, `crossfit.py`), and has a seed of
its own. Of the synthetic pairs that the student was trained on it takes fold k alone: a labeler agrees with what it was trained on,
so no pair has the vote of one that has seen it, and thus each has all other labelers. The student does not judge its own silver
either. A single labeler is the student, and judges every pair, as in the paper.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from gemquad.params import Student
from gemquad.schema import Example
from gemquad.student.crossfit import fold, is_cross_fitted
from gemquad.student.evaluation import label_candidates
from gemquad.student.training import fine_tune, sequence
from gemquad.tasks.answers import Answer
from gemquad.tasks.head import AnyHead


def label_by_all(
    student: Path,
    pairs: Sequence[Example],
    gold: Sequence[Example],
    silver: Sequence[Example],
    labelers: int,
    head: AnyHead,
    settings: Student,
    seed: int,
) -> list[dict[int, list[Answer]]]:
    """The answers of the labelers to each pair, in order, by labeler; one that was trained on a pair has none for it.

    Args:
        student: the folder of the student of the round before.
        pairs: those to answer, synthetic or audited ones.
        gold: what that student was trained on.
        silver: likewise, before gold: the silver of its round or, where there is no gold, all candidates.
        labelers: 1, or 3 or more; all but the student are trained, one after the other, in a folder that is dropped.
        head: the task's.
        settings: of the student.
        seed: of the student; labeler k adds k.

    Raises:
        UserError: as `fine_tune`, or the part of a labeler has one label alone.
    """
    juries: list[dict[int, list[Answer]]] = [{} for _ in pairs]
    for number, folder, learnt in _labelers(student, gold, silver, labelers, head, settings, seed):
        own = [at for at, pair in enumerate(pairs) if pair.id not in learnt]
        for at, said in zip(own, label_candidates(folder, [pairs[at] for at in own], settings, head), strict=True):
            juries[at][number] = said
    return juries


def _labelers(
    student: Path,
    gold: Sequence[Example],
    silver: Sequence[Example],
    labelers: int,
    head: AnyHead,
    settings: Student,
    seed: int,
) -> Iterator[tuple[int, Path, set[str]]]:
    """Number, folder and the ids of the synthetic pairs it has learnt, of one labeler at a time."""
    judges_all = labelers == 1 or is_cross_fitted(student)
    yield 0, student, set() if judges_all else {pair.id for pair in silver}
    for number in range(1, labelers):
        own_gold = [one for one in gold if fold(one.id, labelers) != number]
        own_silver = [one for one in silver if fold(one.id, labelers) == number]
        phases = sequence({"silver": own_silver, "gold": own_gold}, head, settings)
        head.check([one for phase in phases for one in phase.inputs])
        with tempfile.TemporaryDirectory() as folder:
            fine_tune(phases, head, settings, seed + number, Path(folder))
            yield number, Path(folder), {pair.id for pair in own_silver}
