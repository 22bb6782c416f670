from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gemquad.params import Stopping, load_params
from gemquad.rounds.stopping import OPENING, best_round, best_trained_round, choose, decide
from gemquad.schema.results import Decision, RoundResult

DEFAULT = load_params(Path(__file__).parents[1] / "params.yaml").stopping
RULE = replace(DEFAULT, max_rounds=9, patience=2, min_improvement=1.0, min_new_fraction=0.05)


def opened(score: float) -> Decision:
    return decide(OPENING, RoundResult(0, score), RULE)


def run(scores: list[float], new: int = 50, rule: Stopping = RULE) -> Decision:
    decision = opened(scores[0])
    for number, score in enumerate(scores[1:], start=1):
        decision = decide(decision, RoundResult(number, score, synthetic=100, silver=60, new_silver=new), rule)
    return decision


def test_goes_on_while_dev_rises() -> None:
    assert not run([10, 12, 14, 16]).stop


def test_one_flat_round_is_forgiven_with_patience_two() -> None:
    assert not run([10, 12, 12.5]).stop
    assert not run([10, 12, 12.5, 14, 14.1]).stop


def test_stops_after_patience_flat_rounds() -> None:
    decision = run([10, 12, 12.5, 13])
    assert decision.stop
    assert decision.reason == "round 3: dev f1 rose by less than 1 for 2 rounds"


def test_a_falling_first_round_stops_with_patience_one() -> None:
    assert run([10, 9], rule=replace(RULE, patience=1)).stop


def test_stops_when_new_silver_runs_dry() -> None:
    decision = run([10, 12], new=4)
    assert decision.stop
    assert decision.reason == "round 1: 4 new silver pairs are under 5.0% of 100 candidates"
    assert not run([10, 12], new=5).stop


def test_no_silver_stops_before_the_round_counts() -> None:
    decision = decide(opened(10), RoundResult(1, 10, synthetic=80), RULE)
    assert decision.stop
    assert "agrees with none of 80" in decision.reason
    assert [r.round for r in decision.history] == [0]


def test_the_last_round_stops() -> None:
    assert run([10, 12, 14], rule=replace(RULE, max_rounds=2)).reason == (
        "round 2: the last of 2 rounds (stopping.max_rounds)"
    )
    assert run([10, 12], rule=replace(RULE, max_rounds=1)).reason == "round 1: the only round (stopping.max_rounds)"


def test_a_single_new_pair_is_one() -> None:
    assert run([10, 12], new=1).reason == "round 1: 1 new silver pair is under 5.0% of 100 candidates"


def test_a_stopped_loop_stays_as_it_is() -> None:
    stopped = run([10, 9, 8])
    assert decide(stopped, RoundResult(3, 99, 100, 100, 100), RULE) == stopped


@pytest.mark.parametrize(("scores", "best"), [([10, 12, 11], 1), ([10, 9], 0), ([10, 12, 12], 1)])
def test_the_best_round_is_the_earliest_of_the_highest(scores: list[float], best: int) -> None:
    assert best_round(run(scores).history).round == best


def test_the_best_trained_round_on_dev_is_the_one_to_compare_with() -> None:
    history = [RoundResult(0, 60.0), RoundResult(1, 50.0), RoundResult(2, 55.0), RoundResult(3, 55.0)]
    assert best_trained_round(history) == 2
    assert best_trained_round(history[:1]) == 0


NEAR_BEST = {(3, 1): (2.0, 1.5), (3, 2): (1.0, 1.5), (1, 2): (0.5, 1.5)}


@pytest.mark.parametrize(
    ("rule", "scores", "chosen"),
    [
        ("best", [10, 12, 13, 14], [3]),
        ("one_standard_error", [10, 12, 13, 14], [2]),
        ("one_standard_error", [10, 14, 13.5], [1]),
        ("one_standard_error", [14, 12, 13, 11], [0]),
        ("average", [10, 12, 13, 14], [1, 2, 3]),
        ("average", [14, 12], [1]),
        ("average", [14], [0]),
    ],
)
def test_the_student_of_a_run_is_of_the_best_round_of_a_near_one_or_of_all(
    rule: Any, scores: list[float], chosen: list[int]
) -> None:
    """Round 2 is one point behind round 3 and round 1 two, each with a standard error of 1.5."""
    history = [RoundResult(number, score) for number, score in enumerate(scores)]
    assert choose(history, replace(RULE, choose=rule), lambda best, other: NEAR_BEST[best, other]) == chosen
