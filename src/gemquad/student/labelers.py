"""Several labelers: the student of the round before, and others trained on parts of what it was trained on.

Labeler k leaves fold k of gold out, so that labelers err on different questions (cross-fitting, `crossfit.py`), and has a seed of
its own. Of the synthetic pairs that the student was trained on it takes fold k alone: a labeler agrees with what it was trained on,
so no pair has the vote of one that has seen it, and thus each has all other labelers. The student does not judge its own silver
either. A single labeler is the student, and judges every pair, as in the paper.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gemquad.params import Student
from gemquad.schema import Example
from gemquad.student.crossfit import fold, is_cross_fitted
from gemquad.student.evaluation import label_candidates
from gemquad.student.training import fine_tune, sequence
from gemquad.tasks.answers import Answer
from gemquad.tasks.head import AnyHead


@dataclass(frozen=True)
class Labelers:
    """Those that answer a round's pairs.

    Args:
        student: the folder of the student of the round before.
        gold: what that student was trained on.
        silver: likewise, before gold: the silver of its round or, where there is no gold, all candidates.
        count: 1, or 3 or more; all but the student are trained, one after the other, in a folder that is dropped.
        head: the task's.
        settings: of the student.
        seed: of the student; labeler k adds k.
    """

    student: Path
    gold: Sequence[Example]
    silver: Sequence[Example]
    count: int
    head: AnyHead
    settings: Student
    seed: int

    def label(self, pairs: Sequence[Example]) -> list[dict[int, list[Answer]]]:
        """The answers to each pair, in order, by labeler; one that was trained on a pair has none for it.

        Raises:
            UserError: as `fine_tune`, or the part of a labeler has one label alone.
        """
        juries: list[dict[int, list[Answer]]] = [{} for _ in pairs]
        for number, folder, learnt in self._each():
            own = [at for at, pair in enumerate(pairs) if pair.id not in learnt]
            said = label_candidates(folder, [pairs[at] for at in own], self.settings, self.head)
            for at, answers in zip(own, said, strict=True):
                juries[at][number] = answers
        return juries

    def _each(self) -> Iterator[tuple[int, Path, set[str]]]:
        """Number, folder and the ids of the synthetic pairs it has learnt, of one labeler at a time."""
        judges_all = self.count == 1 or is_cross_fitted(self.student)
        yield 0, self.student, set() if judges_all else {pair.id for pair in self.silver}
        for number in range(1, self.count):
            gold = [one for one in self.gold if fold(one.id, self.count) != number]
            silver = [one for one in self.silver if fold(one.id, self.count) == number]
            phases = sequence({"silver": silver, "gold": gold}, self.head, self.settings)
            self.head.check([one for phase in phases for one in phase.inputs])
            with tempfile.TemporaryDirectory() as folder:
                fine_tune(phases, self.head, self.settings, self.seed + number, Path(folder))
                yield number, Path(folder), {pair.id for pair in silver}
