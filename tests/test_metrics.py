from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sklearn

from gemquad.scoring import metrics as module
from gemquad.scoring.metrics import (
    ACCURACY,
    CLASSIFICATION,
    EXACT_MATCH,
    EXTRACTION,
    F1,
    MACRO_F1,
    MCC,
    PEARSON,
    SIMILARITY,
    SPEARMAN,
    AllButEach,
    Array,
    Metric,
    value,
)

REFERENCES: dict[str, Callable[[Array, Array], float]] = {
    "accuracy": sklearn.accuracy_score,
    "mcc": sklearn.matthews_corrcoef,
    "macro_f1": lambda expected, predicted: sklearn.f1_score(expected, predicted, average="macro"),
    "pearson": lambda expected, predicted: stats.pearsonr(expected, predicted).statistic,
    "spearman": lambda expected, predicted: stats.spearmanr(expected, predicted).statistic,
}
METRICS = [*CLASSIFICATION.values(), *SIMILARITY.values()]


def columns(expected: list[float], predicted: list[float]) -> Array:
    return np.array([expected, predicted], dtype=np.float64).T


def answers(metric: Metric, items: int, seed: int) -> Array:
    """Five classes of which the last two are rare, or values with ties on both sides, rightly answered for the most part."""
    rng = np.random.default_rng(seed)
    if metric.name in CLASSIFICATION:
        expected = rng.choice(5, size=items, p=[0.5, 0.3, 0.16, 0.02, 0.02])
        return columns(expected, np.where(rng.random(items) < 0.6, expected, rng.integers(5, size=items)))
    expected = np.round(rng.uniform(0, 5, items), 1)
    return columns(expected, np.round(expected + rng.normal(0, 1.5, items), 0))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
@pytest.mark.parametrize("seed", range(5))
def test_values_are_those_of_scikit_learn_and_scipy(metric: Metric, seed: int) -> None:
    given = answers(metric, items=7 + 60 * seed, seed=seed)
    assert value(metric, given) == pytest.approx(100 * REFERENCES[metric.name](*given.T), abs=1e-9)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_an_item_of_weight_n_is_n_equal_items_and_one_of_weight_0_is_none(metric: Metric) -> None:
    given = answers(metric, items=40, seed=11)
    weights = np.random.default_rng(2).integers(0, 4, size=(30, 40))
    expected = [100 * REFERENCES[metric.name](*np.repeat(given, draw, axis=0).T) for draw in weights]
    assert metric.statistic(given, weights.astype(float)) == pytest.approx(np.array(expected), abs=1e-9)


@pytest.mark.parametrize("metric", [*METRICS, F1], ids=lambda metric: metric.name)
def test_leaving_out_each_group_is_as_with_its_weights_written_out(
    metric: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WEIGHTS_AT_ONCE", 100)
    rng = np.random.default_rng(4)
    given = rng.random((40, 2)) if metric is F1 else answers(metric, items=40, seed=3)
    groups = np.concatenate([np.arange(9), rng.integers(9, size=31)])
    written_out = np.array([[float(group != left_out) for group in groups] for left_out in range(9)])
    expected = metric.statistic(given, written_out)
    assert metric.statistic(given, AllButEach(groups)) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert len(set(expected)) > 1


def test_accuracy_by_hand() -> None:
    assert value(ACCURACY, columns([0, 1, 2, 2], [0, 1, 1, 2])) == 75


def test_mcc_of_two_classes_by_hand() -> None:
    """3 true positives, 1 false negative, 1 false positive, 1 true negative: (3 * 1 - 1 * 1) / sqrt(4 * 4 * 2 * 2)."""
    assert value(MCC, columns([1, 1, 1, 1, 0, 0], [1, 1, 1, 0, 1, 0])) == pytest.approx(25)


def test_mcc_where_the_majority_class_alone_is_predicted_is_0_though_accuracy_is_84() -> None:
    majority = columns([1] * 84 + [0] * 16, [1] * 100)
    assert (value(MCC, majority), value(ACCURACY, majority)) == (0, 84)


def test_mcc_of_the_other_class_throughout_is_minus_100() -> None:
    assert value(MCC, columns([0, 1, 0, 1], [1, 0, 1, 0])) == -100


def test_macro_f1_leaves_out_classes_that_do_not_occur_in_a_draw() -> None:
    """F1 of the three classes is 1, 2/3 and 0; without the last item, the only one of class 2, it is 1 of the other two."""
    weights = np.array([[1.0, 1, 1], [1, 1, 0]])
    found = MACRO_F1.statistic(columns([0, 1, 1], [0, 1, 2]), weights)
    assert found == pytest.approx([100 * (1 + 2 / 3 + 0) / 3, 100])


def test_pearson_and_spearman_by_hand() -> None:
    """Squares: Pearson of 1..4 with them is 25 / sqrt(5 * 129); ranks agree."""
    squares = columns([1, 2, 3, 4], [1, 4, 9, 16])
    assert value(PEARSON, squares) == pytest.approx(100 * 25 / np.sqrt(5 * 129))
    assert value(SPEARMAN, squares) == 100


def test_spearman_gives_equal_values_the_mean_of_their_ranks() -> None:
    """Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5)."""
    assert value(SPEARMAN, columns([1, 2, 2, 3], [1, 2, 3, 4])) == pytest.approx(100 * np.sqrt(0.9))


@pytest.mark.parametrize("metric", [MCC, PEARSON, SPEARMAN], ids=lambda metric: metric.name)
@pytest.mark.parametrize("constant", [0.1, 1e6 + 0.1])
def test_a_correlation_with_what_does_not_vary_is_0(metric: Metric, constant: float) -> None:
    varied = np.random.default_rng(0).random(100)
    assert value(metric, columns([constant] * 100, varied)) == 0
    assert value(metric, columns(varied, [constant] * 100)) == 0
    assert value(metric, columns([1], [1])) == 0


def test_a_draw_without_variation_is_0_whatever_the_other_draws_are() -> None:
    """Only the items of value 4.3 are drawn; rounding must not make a correlation of them."""
    given = columns([4.3] * 50 + [0.7] * 50, np.random.default_rng(0).random(100))
    weights = np.stack([np.repeat([3.0, 0.0], 50), np.ones(100)])
    for metric in (PEARSON, SPEARMAN):
        none, some = metric.statistic(given, weights)
        assert none == 0 and abs(some) > 1


def test_a_small_spread_about_a_large_value_counts() -> None:
    assert value(PEARSON, columns([1e6 + 0.001, 1e6 + 0.002, 1e6 + 0.004], [1, 2, 4])) == pytest.approx(100)


def test_answers_are_scored_by_the_means_of_their_columns() -> None:
    given = np.array([[0.5, 0], [1, 1]])
    assert (value(F1, given), value(EXACT_MATCH, given)) == (75, 50)
    assert F1.statistic(given, np.array([[3.0, 1]])) == pytest.approx([62.5])


def test_metrics_are_found_by_name_and_know_their_least_value() -> None:
    least = {name: metric.least for kind in (EXTRACTION, CLASSIFICATION, SIMILARITY) for name, metric in kind.items()}
    assert least == {
        "f1": 0,
        "exact_match": 0,
        "accuracy": 0,
        "mcc": -100,
        "macro_f1": 0,
        "pearson": -100,
        "spearman": -100,
    }
    assert all(
        name == metric.name for kind in (EXTRACTION, CLASSIFICATION, SIMILARITY) for name, metric in kind.items()
    )
