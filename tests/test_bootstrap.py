import runpy
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gemquad.errors import UserError
from gemquad.scoring import bootstrap
from gemquad.scoring.bootstrap import Interval, delta_interval, ratio_interval, score_interval
from gemquad.scoring.metrics import MCC, PEARSON, SPEARMAN, Metric, mean_of

SIMULATION: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[1] / "benchmarks/interval_coverage.py"))
MEAN = Metric("mean", "mean", 0, mean_of(0))
HUNDRED = np.arange(100)


def table(scores: Any) -> Any:
    """Scores, [questions] or [seeds, questions], as columns [seeds, questions, 1]."""
    return np.atleast_2d(scores)[..., np.newaxis]


def mean_interval(scores: Any, passages: Any, **settings: Any) -> Interval:
    return score_interval(MEAN, table(scores), passages, **settings)


def difference(first: Any, second: Any, passages: Any, **settings: Any) -> Interval:
    return delta_interval(MEAN, table(first), table(second), passages, **settings)


QUESTIONS = [case for case in SIMULATION["CASES"] if isinstance(case, SIMULATION["Questions"])]
ALONE = [case for case in SIMULATION["CASES"] if case not in QUESTIONS and (case.seeds == 1 or case.seed_sd)]
CASES = [c for c in QUESTIONS if c.seeds == 1 or (c.name == "F1 near 50%" and c.seed_sd in (0, 0.01, 0.02))]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.seeds} seeds, {c.name}, sd {100 * c.seed_sd:g}")
def test_the_interval_of_a_difference_holds_the_truth_in_93_to_97_percent_of_1000_experiments(case: Any) -> None:
    held, width = SIMULATION["difference_coverage"](case, experiments=1000, resamples=600)
    assert 0.93 <= held <= 0.97
    assert 9 < width < 18


@pytest.mark.parametrize("case", ALONE, ids=lambda c: f"{c.seeds} seeds, {c.name}, sd {100 * c.seed_sd:g}")
def test_so_does_that_of_correlations_of_400_items_without_passages(case: Any) -> None:
    """Of 300 experiments; their number alone moves a coverage of 95% by 1.3 points."""
    held, width = SIMULATION["difference_coverage"](case, experiments=300, resamples=300)
    assert 0.92 <= held <= 0.98
    assert 8 < width < 45


@pytest.mark.parametrize(("ignored", "seeds"), [("passages", 1), ("seeds", 3)])
def test_an_interval_that_ignores_passages_or_seeds_holds_it_less_often(ignored: str, seeds: int) -> None:
    case, rng = SIMULATION["Questions"](SIMULATION["F1"], seeds, 0.04), np.random.default_rng(0)
    intervals = []
    for _ in range(300):
        first, second, passages = case.simulate(rng)
        first, second = first[..., 0], second[..., 0]
        if ignored == "passages":  # every question is there three times
            first, second, passages = np.tile(first, 3), np.tile(second, 3), np.arange(3 * len(passages))
        intervals.append(difference(first.mean(axis=0), second.mean(axis=0), passages, resamples=300))
    assert SIMULATION["held"](intervals, case.truth[0]) < 0.9


@pytest.mark.parametrize("case", [c for c in CASES if c.name == "F1 near 50%"][:3], ids=lambda c: f"{c.seeds} seeds")
def test_so_does_that_over_two_languages(case: Any) -> None:
    assert 0.92 <= SIMULATION["pooled_coverage"](case, 2, experiments=500, resamples=400) <= 0.98


def test_the_interval_of_a_share_holds_the_truth() -> None:
    assert 0.93 <= SIMULATION["share_coverage"](0.7, 60, experiments=1000, resamples=600) <= 0.97


def test_values_are_means_over_seeds_and_questions_in_percent() -> None:
    assert mean_interval([[1, 0, 0.5], [1, 1, 0.5]], [7, 7, 9]).value == pytest.approx(100 * 4 / 6)
    assert difference([[1, 0, 0.5]], [[0, 0, 1]], [7, 7, 9]).value == pytest.approx(100 * 0.5 / 3)
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
    assert astuple(mean_interval(scores, passages)) == (pytest.approx(100 * (99 + 49) / 198), 0, 100)


def test_with_passages_that_are_all_alike_seeds_give_students_t() -> None:
    """Means 40, 50 and 60: standard error 10 / sqrt(3), and t with 2 degrees of freedom reaches 4.303."""
    scores = np.repeat([[0.4], [0.5], [0.6]], 100, axis=1)
    interval = mean_interval(scores, HUNDRED)
    assert interval.value == pytest.approx(50)
    assert interval.high - 50 == pytest.approx(4.303 * 10 / np.sqrt(3), rel=0.06)


def test_two_equal_languages_say_as_much_as_twice_the_passages() -> None:
    """Standard error 0.5 / sqrt(99) of each, over sqrt(2) of their mean; 1.984 is t with 99 degrees of freedom."""
    languages = np.repeat(["es", "hi"], 100)
    interval = mean_interval(np.tile(HUNDRED % 2, 2), np.tile(HUNDRED, 2), strata=languages)
    assert interval.value == 50
    assert interval.high - 50 == pytest.approx(100 * 1.984 * 0.5 / np.sqrt(2 * 99), rel=0.04)


def test_languages_count_equally_whatever_their_sizes() -> None:
    """300 questions all right, and 10 of which half are: 75, with the spread of the ten, 0.5 / sqrt(9), halved; t_9 is 2.262."""
    scores, languages = np.concatenate([np.ones(300), np.arange(10) % 2]), np.repeat(["es", "hi"], [300, 10])
    interval = mean_interval(scores, np.arange(310), strata=languages)
    assert interval.value == 75
    assert interval.high - 75 == pytest.approx(50 * 2.262 * 0.5 / 3, rel=0.06)


def test_a_seed_is_one_draw_in_all_languages() -> None:
    """More languages tell no more of seeds: as with one, 4.303 * 10 / sqrt(3)."""
    scores = np.repeat([[0.4], [0.5], [0.6]], 200, axis=1)
    interval = mean_interval(scores, np.arange(200), strata=np.repeat(["es", "hi"], 100))
    assert interval.high - 50 == pytest.approx(4.303 * 10 / np.sqrt(3), rel=0.06)


def test_a_language_of_one_passage_leaves_all_languages_open() -> None:
    assert mean_interval([1, 0, 1], [4, 5, 6], strata=["es", "es", "hi"]) == Interval(75, 0, 100)


def test_seeds_that_differ_by_chance_alone_add_nothing() -> None:
    """Both seeds have the same mean, so there is no variance between them."""
    scores = np.stack([HUNDRED % 2, 1 - HUNDRED % 2]).astype(float)
    assert mean_interval(scores, HUNDRED) == Interval(50, 50, 50)


def test_the_same_input_gives_the_same_interval_whatever_the_passages_are_called() -> None:
    rng = np.random.default_rng(3)
    first, second, passages = rng.random((3, 60)), rng.random((3, 60)), np.repeat(np.arange(20), 3)
    interval = difference(first, second, passages)
    assert interval == difference(first, second, passages) == difference(first, second, 5 * passages - 8)
    assert interval != difference(first, second, passages, seed=1)
    narrow = difference(first, second, passages, confidence=0.8)
    assert interval.low < narrow.low < narrow.value < narrow.high < interval.high


def test_means_keep_the_intervals_that_earlier_runs_recorded() -> None:
    rng = np.random.default_rng(3)
    first, second, passages = rng.random((3, 60)), rng.random((3, 60)), np.repeat(np.arange(20), 3)
    recorded = (-1.279573154216417, -6.686417714603446, 4.3414618170027595)
    assert astuple(difference(first, second, passages)) == pytest.approx(recorded, abs=1e-9)
    recorded = (50.197945025456086, 45.12964319458823, 55.26312290904474)
    assert astuple(mean_interval(first[0], passages)) == pytest.approx(recorded, abs=1e-9)


def test_how_many_draws_are_in_memory_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tables, groups = np.random.default_rng(0).integers(3, size=(2, 50, 2)), np.arange(50) // 2
    whole = score_interval(MCC, tables, groups, resamples=500)
    monkeypatch.setattr(bootstrap, "WEIGHTS_AT_ONCE", 333)
    assert astuple(score_interval(MCC, tables, groups, resamples=500)) == pytest.approx(astuple(whole), abs=1e-9)


@pytest.mark.parametrize("metric", [PEARSON, SPEARMAN])
def test_the_interval_of_a_correlation_is_near_fishers(metric: Metric) -> None:
    """Of 400 normal pairs: atanh(r) ± 1.96 / sqrt(397), times 1 + r^2 / 4 in the variance for ranks (Bonett & Wright 2000)."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=400)
    interval = score_interval(metric, [np.stack([x, 0.6 * x + 0.8 * rng.normal(size=400)], axis=1)], np.arange(400))
    r = interval.value / 100
    spread = 1.96 * np.sqrt((1 + r * r / 2 if metric is SPEARMAN else 1) / 397)
    fisher = 100 * np.tanh([np.arctanh(r) - spread, np.arctanh(r) + spread])
    assert [interval.low, interval.high] == pytest.approx(fisher, abs=1.5)


def test_pairing_takes_out_what_both_systems_share() -> None:
    """Of each class the first system gets four in ten wrong, the second these and one in twenty more: MCC 20 and 10."""
    expected, tens, forties = np.arange(400) % 2, np.arange(400) % 10, np.arange(400) % 40
    first = np.where(tens < 4, 1 - expected, expected)
    second = np.where((forties == 4) | (forties == 5), 1 - expected, first)
    one, other = (np.stack([expected, predicted], axis=1)[np.newaxis] for predicted in (first, second))
    paired = delta_interval(MCC, one, other, np.arange(400))
    alone = score_interval(MCC, one, np.arange(400))
    assert paired.value == pytest.approx(10) and not paired.contains_zero
    assert paired.high - paired.low < 0.5 * (alone.high - alone.low)


def test_the_value_is_the_mean_of_the_seeds_and_not_that_of_their_pooled_answers() -> None:
    expected = np.tile([0, 1], 20)
    tables = np.stack([np.stack([expected, predicted], axis=1) for predicted in (expected, np.zeros(40))])
    assert score_interval(MCC, tables, np.arange(40)).value == pytest.approx(50)


def test_a_difference_of_nothing_holds_zero() -> None:
    scores = np.random.default_rng(0).random((3, 40))
    interval = difference(scores, scores, np.repeat(np.arange(10), 4))
    assert interval == Interval(0, 0, 0) and interval.contains_zero
    assert not Interval(2, 0.1, 4).contains_zero and not Interval(-2, -4, -0.1).contains_zero


def test_one_passage_says_nothing_about_others() -> None:
    assert mean_interval([1, 0], [4, 4]) == Interval(50, 0, 100)
    assert difference([1, 0], [0, 0], [4, 4]) == Interval(50, -100, 100)
    assert ratio_interval([1, 0, 0], [1, 1, 0], [4, 4, 5]) == Interval(0.5, 0, 1)
    right = [[[0, 0], [1, 1]]]
    assert score_interval(MCC, right, [4, 4]) == Interval(100, -100, 100)
    assert delta_interval(MCC, right, right, [4, 4]) == Interval(0, -200, 200)


def test_intervals_keep_to_what_is_possible() -> None:
    interval = mean_interval([[1, 1, 0], [0, 0, 0]], [1, 2, 3])
    assert 0 == interval.low < interval.value < interval.high == 100


def test_what_never_or_always_happened_is_bounded_by_the_number_of_passages() -> None:
    """With three passages: 1 - 0.025 ** (1 / 3)."""
    assert astuple(mean_interval([0, 0, 0], [1, 2, 3])) == (0, 0, pytest.approx(70.76, abs=0.01))
    assert astuple(ratio_interval([1, 1, 1], [1, 1, 1], [1, 2, 3])) == (1, pytest.approx(0.2924, abs=1e-4), 1)
    assert difference([1, 1, 1], [1, 1, 1], [1, 2, 3]) == Interval(0, 0, 0)


@pytest.mark.parametrize("metric", [MCC, PEARSON, SPEARMAN])
def test_so_is_a_correlation_of_100(metric: Metric) -> None:
    """With 50 items: 200 * (1 - 0.025 ** (1 / 50)) below."""
    x = np.arange(50) % 2
    interval = score_interval(metric, [np.stack([x, x], axis=1)], np.arange(50))
    assert (interval.low, interval.high) == (pytest.approx(85.78, abs=0.01), 100)


def test_one_class_for_everything_has_a_correlation_of_0() -> None:
    tables = [np.stack([np.arange(50) % 2, np.ones(50)], axis=1)]
    assert score_interval(MCC, tables, np.arange(50)) == Interval(0, 0, 0)


def test_passages_without_an_item_may_be_drawn() -> None:
    interval = ratio_interval([1, 0, 0, 0], [1, 1, 0, 0], [1, 2, 3, 4])
    assert 0 <= interval.low < 0.5 < interval.high <= 1


@pytest.mark.parametrize(
    ("scores", "passages", "message"),
    [
        ([], [], "nothing to score"),
        ([[1, 0]], [1, 2, 3], r"shape \(1, 2, 1\) and groups \(3,\)"),
        ([1, float("nan")], [1, 2], "not a finite number"),
    ],
)
def test_input_without_a_meaning_is_refused(scores: list[Any], passages: list[int], message: str) -> None:
    with pytest.raises(UserError, match=message):
        mean_interval(scores, passages)


def test_systems_and_shares_must_fit_together() -> None:
    with pytest.raises(UserError, match=r"\(2, 2, 1\) and \(1, 2, 1\)"):
        difference([[1, 0], [1, 1]], [[1, 0]], [1, 2])
    with pytest.raises(UserError, match="all denominators are 0"):
        ratio_interval([0, 0], [0, 0], [1, 2])
