"""The loop of GeMQuAD (arXiv 2404.09163, section 3.2), on one page.

`dvc.yaml` is this loop unrolled to `stopping.max_rounds`: every step below is a stage, and what it returns are that stage's files.
A stage of a round after the stop does nothing. This is the paper's loop, which ends with the best round on dev; `stopping.choose`
has other rules.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gemquad.params import Stopping
from gemquad.rounds.silver import Silver
from gemquad.rounds.stopping import OPENING, best_round, decide, round_result
from gemquad.schema import Example
from gemquad.schema.results import Decision, RoundResult

Student = TypeVar("Student")
Pair = TypeVar("Pair", bound=Example)


@dataclass(frozen=True)
class Steps(Generic[Student, Pair]):
    """The steps of a round that need a model.

    `filter` gives the weak labeler the candidates and keeps those it agrees with, told the ids of all earlier silver.
    `finetune` trains the pre-trained student on silver, then on gold. `evaluate` is the mean dev score over languages, in percent.
    """

    filter: Callable[[Student, set[str]], Silver[Pair]]
    finetune: Callable[[Sequence[Pair]], Student]
    evaluate: Callable[[Student], float]


def run_loop(steps: Steps[Student, Pair], rule: Stopping) -> tuple[Student, Decision]:
    """Run the loop; returns the student of the best round on dev, and the last decision with the rounds' history."""
    baseline = steps.finetune(())
    decision = decide(OPENING, RoundResult(0, steps.evaluate(baseline)), rule)
    students, seen = [baseline], set[str]()
    while not decision.stop:
        silver = steps.filter(students[-1], seen)
        seen |= {pair.id for pair in silver.pairs}
        if silver.pairs:
            students.append(steps.finetune(silver.pairs))
        dev_score = steps.evaluate(students[-1])
        decision = decide(decision, round_result(len(decision.history), dev_score, silver.counts.values()), rule)
    return students[best_round(decision.history).round], decision
