"""The stop rule of GeMQuAD (section 3.2), and the choice of the student that a run ends with.

The loop ends when the dev score has risen by less than e (`min_improvement`) for k (`patience`) rounds in a row, or when a
round brought new silver under the fraction v (`min_new_fraction`) of the candidates, the pairs before the filter. Dev alone
decides; test never does.

The choice (`choose`) is the best round on dev, as in the paper; or, because among rounds that dev cannot tell apart chance decides,
the earliest one that is within one standard error of it (Breiman et al. 1984, section 3.4.3); or the mean of all rounds' weights.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from gemquad.params import Stopping
from gemquad.schema.results import Decision, RoundResult, SilverCounts

OPENING = Decision(False, "no student yet", [])
"""Before round 0."""


def round_result(round_number: int, dev_score: float, counts: Iterable[SilverCounts]) -> RoundResult:
    """The input of the stop rule: dev scores, and silver counts summed over all languages."""
    every = list(counts)
    return RoundResult(
        round_number,
        dev_score,
        synthetic=sum(count.synthetic for count in every),
        silver=sum(count.silver for count in every),
        new_silver=sum(count.new for count in every),
    )


def decide(previous: Decision, result: RoundResult, rule: Stopping) -> Decision:
    """Whether the loop goes on after `result`. A loop that has stopped stays as it is; the baseline never ends it."""
    if previous.stop:
        return previous
    if result.round == 0:
        return Decision(False, "baseline", [result])
    if result.silver == 0:
        reason = f"round {result.round}: the weak labeler agrees with none of {result.synthetic} candidates"
        return Decision(True, reason, previous.history)
    history = [*previous.history, result]
    if result.new_silver < rule.min_new_fraction * result.synthetic:
        found = "1 new silver pair is" if result.new_silver == 1 else f"{result.new_silver} new silver pairs are"
        reason = f"round {result.round}: {found} under {rule.min_new_fraction:.1%} of {result.synthetic} candidates"
        return Decision(True, reason, history)
    if _stalled(history, rule):
        rounds = "1 round" if rule.patience == 1 else f"{rule.patience} rounds"
        reason = f"round {result.round}: dev {rule.metric} rose by less than {rule.min_improvement:g} for {rounds}"
        return Decision(True, reason, history)
    if result.round == rule.max_rounds:
        which = "the only round" if rule.max_rounds == 1 else f"the last of {rule.max_rounds} rounds"
        return Decision(True, f"round {result.round}: {which} (stopping.max_rounds)", history)
    return Decision(False, f"round {result.round}: dev {rule.metric} is rising", history)


def best_round(history: Sequence[RoundResult]) -> RoundResult:
    """The round with the highest dev score; of equals the earliest."""
    return max(history, key=lambda result: (result.dev_score, -result.round))


def choose(
    history: Sequence[RoundResult], rule: Stopping, behind: Callable[[int, int], tuple[float, float]]
) -> list[int]:
    """The rounds of which the chosen student is made: one, or all whose weights are averaged.

    `behind(best, round)` is how far a round is behind the best on dev, and the standard error of that. The baseline is no round
    here unless it is the best, or the only one: it was not trained on silver, and no error makes it the same.
    """
    best = best_round(history).round
    trained = [result.round for result in history if result.round > 0]
    if rule.choose == "average":
        return trained or [best]
    if rule.choose == "best" or best == 0:
        return [best]
    return [next(number for number in trained if number == best or _is_near(*behind(best, number)))]


def _is_near(points: float, standard_error: float) -> bool:
    return points <= standard_error


def best_trained_round(history: Sequence[RoundResult]) -> int:
    """The best round on dev, the baseline not counted; 0 where no round was trained."""
    trained = [result for result in history if result.round > 0]
    return best_round(trained).round if trained else 0


def system_name(round_number: int) -> str:
    """The name of a round's student in paths and tables: "baseline" for round 0, else "round-N"."""
    return f"round-{round_number}" if round_number else "baseline"


def _stalled(history: Sequence[RoundResult], rule: Stopping) -> bool:
    """Whether each of the last `patience` rounds rose by less than `min_improvement` over the round before it."""
    gains = [after.dev_score - before.dev_score for before, after in pairwise(history)]
    recent = gains[-rule.patience :]
    return len(recent) == rule.patience and all(gain < rule.min_improvement for gain in recent)
