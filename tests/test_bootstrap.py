import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gemquad.errors import UserError
from gemquad.scoring.bootstrap import Interval, delta_interval, mean_interval, ratio_interval

SIMULATION: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[1] / "benchmarks/interval_coverage.py"))
CASES = [
    case for case in SIMULATION["CASES"] if case.seeds == 1 or (case.score.partial and case.seed_sd in (0, 0.01, 0.02))
]
HUNDRED = np.arange(100)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.seeds} seeds, {c.score.name}, sd {100 * c.seed_sd:g}")
def test_the_interval_of_a_difference_holds_the_truth_in_93_to_97_percent_of_1000_experiments(case: Any) -> None:
    held, width = SIMULATION["difference_coverage"](case, experiments=1000, resamples=600)
    assert 0.93 <= held <= 0.97
    assert 9 < width < 18


@pytest.mark.parametrize(("ignored", "seeds"), [("passages", 1), ("seeds", 3)])
def test_an_interval_that_ignores_passages_or_seeds_holds_it_less_often(ignored: str, seeds: int) -> None:
    case, rng = SIMULATION["Case"](SIMULATION["F1"], seeds, 0.04), np.random.default_rng(0)
    intervals = []
    for _ in range(300):
        first, second, passages = SIMULATION["simulate"](case, rng)
        if ignored == "passages":  # every question is there three times
            first, second, passages = np.tile(first, 3), np.tile(second, 3), np.arange(3 * len(passages))
        intervals.append(delta_interval(first.mean(axis=0), second.mean(axis=0), passages, resamples=300))
    assert SIMULATION["held"](intervals, SIMULATION["true_gain"]()) < 0.9


def test_the_interval_of_a_share_holds_the_truth() -> None:
    assert 0.93 <= SIMULATION["share_coverage"](0.7, 60, experiments=1000, resamples=600) <= 0.97


def test_values_are_means_over_seeds_and_questions_in_percent() -> None:
    assert mean_interval([[1, 0, 0.5], [1, 1, 0.5]], [7, 7, 9]).value == pytest.approx(100 * 4 / 6)
    assert delta_interval([[1, 0, 0.5]], [[0, 0, 1]], [7, 7, 9]).value == pytest.approx(100 * 0.5 / 3)
    assert ratio_interval([1, 0, 2], [1, 2, 2], [7, 7, 9]).value == pytest.approx(3 / 5)


def test_with_passages_of_one_question_it_is_students_t() -> None:
    """Half of 100 are right: the standard error is 0.5 / sqrt(99), and t with 99 degrees of freedom reaches 1.984."""
    interval = mean_interval(HUNDRED % 2, HUNDRED)
    assert interval.high - 50 == pytest.approx(100 * 1.984 * 0.5 / np.sqrt(99), rel=0.04)
    assert 50 - interval.low == pytest.approx(100 * 1.984 * 0.5 / np.sqrt(99), rel=0.04)


def test_passages_are_resampled_whole() -> None:
    """Ten equal answers about a passage say no more than one."""
    once = mean_interval(HUNDRED % 2, HUNDRED)
    assert mean_interval(np.repeat(HUNDRED % 2, 10), np.repeat(HUNDRED, 10)) == once


def test_a_few_large_passages_count_as_few() -> None:
    """One passage of 99 questions and 99 of one: (99 + 99)^2 / (99^2 + 99) passages that count, not 100."""
    scores = np.concatenate([np.ones(99), np.arange(99) % 2])
    passages = np.concatenate([np.zeros(99, dtype=int), np.arange(1, 100)])
    assert mean_interval(scores, passages) == Interval(pytest.approx(100 * (99 + 49) / 198), 0, 100)


def test_with_passages_that_are_all_alike_seeds_give_students_t() -> None:
    """Means 40, 50 and 60: standard error 10 / sqrt(3), and t with 2 degrees of freedom reaches 4.303."""
    scores = np.repeat([[0.4], [0.5], [0.6]], 100, axis=1)
    interval = mean_interval(scores, HUNDRED)
    assert interval.value == pytest.approx(50)
    assert interval.high - 50 == pytest.approx(4.303 * 10 / np.sqrt(3), rel=0.06)


def test_seeds_that_differ_by_chance_alone_add_nothing() -> None:
    """Both seeds have the same mean, so there is no variance between them."""
    scores = np.stack([HUNDRED % 2, 1 - HUNDRED % 2]).astype(float)
    assert mean_interval(scores, HUNDRED) == Interval(50, 50, 50)


def test_the_same_input_gives_the_same_interval_whatever_the_passages_are_called() -> None:
    rng = np.random.default_rng(3)
    first, second, passages = rng.random((3, 60)), rng.random((3, 60)), np.repeat(np.arange(20), 3)
    interval = delta_interval(first, second, passages)
    assert interval == delta_interval(first, second, passages) == delta_interval(first, second, 5 * passages - 8)
    assert interval != delta_interval(first, second, passages, seed=1)
    narrow = delta_interval(first, second, passages, confidence=0.8)
    assert interval.low < narrow.low < narrow.value < narrow.high < interval.high


def test_a_difference_of_nothing_holds_zero() -> None:
    scores = np.random.default_rng(0).random((3, 40))
    interval = delta_interval(scores, scores, np.repeat(np.arange(10), 4))
    assert interval == Interval(0, 0, 0) and interval.holds_zero
    assert not Interval(2, 0.1, 4).holds_zero and not Interval(-2, -4, -0.1).holds_zero


def test_one_passage_says_nothing_about_others() -> None:
    assert mean_interval([1, 0], [4, 4]) == Interval(50, 0, 100)
    assert delta_interval([1, 0], [0, 0], [4, 4]) == Interval(50, -100, 100)
    assert ratio_interval([1, 0, 0], [1, 1, 0], [4, 4, 5]) == Interval(0.5, 0, 1)


def test_intervals_keep_to_what_is_possible() -> None:
    interval = mean_interval([[1, 1, 0], [0, 0, 0]], [1, 2, 3])
    assert 0 == interval.low < interval.value < interval.high == 100


def test_what_never_or_always_happened_is_bounded_by_the_number_of_passages() -> None:
    """With three passages: 1 - 0.025 ** (1 / 3)."""
    assert mean_interval([0, 0, 0], [1, 2, 3]) == Interval(0, 0, pytest.approx(70.76, abs=0.01))
    assert ratio_interval([1, 1, 1], [1, 1, 1], [1, 2, 3]) == Interval(1, pytest.approx(0.2924, abs=1e-4), 1)
    assert delta_interval([1, 1, 1], [1, 1, 1], [1, 2, 3]) == Interval(0, 0, 0)


def test_passages_without_an_item_may_be_drawn() -> None:
    interval = ratio_interval([1, 0, 0, 0], [1, 1, 0, 0], [1, 2, 3, 4])
    assert 0 <= interval.low < 0.5 < interval.high <= 1


@pytest.mark.parametrize(
    ("scores", "passages", "message"),
    [
        ([], [], "nothing to score"),
        ([[1, 0]], [1, 2, 3], r"shape \(1, 2\) and passages \(3,\)"),
        ([1, float("nan")], [1, 2], "not a finite number"),
    ],
)
def test_input_without_a_meaning_is_refused(scores: list[Any], passages: list[int], message: str) -> None:
    with pytest.raises(UserError, match=message):
        mean_interval(scores, passages)


def test_systems_and_shares_must_fit_together() -> None:
    with pytest.raises(UserError, match=r"\(2, 2\) and \(1, 2\)"):
        delta_interval([[1, 0], [1, 1]], [[1, 0]], [1, 2])
    with pytest.raises(UserError, match="all denominators are 0"):
        ratio_interval([0, 0], [0, 0], [1, 2])
