from collections.abc import Sequence

import numpy as np
import pytest

from gemquad.errors import UserError
from gemquad.schema import Example, LabelPrediction
from gemquad.scoring.metrics import PEARSON, SPEARMAN, Array, Metric
from gemquad.scoring.students import aggregate, mean_over_languages


class Similarity:
    """A task of numbers, written as the tests need it."""

    metrics: tuple[Metric, ...] = (PEARSON, SPEARMAN)

    def columns(self, predictions: Sequence[LabelPrediction]) -> Array:
        return np.array([[float(p.expected), float(p.answer)] for p in predictions])

    def group(self, example: Example) -> str:
        return example.id


def predictions(split: str, language: str, pairs: Sequence[tuple[int, int]]) -> list[LabelPrediction]:
    return [LabelPrediction(f"{i}", language, split, f"{a}", 1.0, f"{e}") for i, (e, a) in enumerate(pairs)]


def test_scores_are_the_tasks_metrics_of_each_split_and_language() -> None:
    """Pearson of 1..4 with their squares is 25 / sqrt(5 * 129)."""
    squares = [(1, 1), (2, 4), (3, 9), (4, 16)]
    found = aggregate(
        [
            *predictions("dev", "ja", squares),
            *predictions("test", "ja", [(1, 3), (3, 1)]),
            *predictions("test", "en", squares[:1]),
        ],
        Similarity(),
    )
    assert found == {
        "dev": {"ja": {"pearson": pytest.approx(98.437, abs=1e-3), "spearman": 100.0, "examples": 4}},
        "test": {
            "ja": {"pearson": -100.0, "spearman": -100.0, "examples": 2},
            "en": {"pearson": 0.0, "spearman": 0.0, "examples": 1},
        },
    }


def test_languages_count_alike_in_their_mean() -> None:
    scores = {"ja": {"f1": 10.0}, "en": {"f1": 40.0}, "de": {"f1": 0.0}}
    assert mean_over_languages(scores, "f1", ["ja", "en"]) == 25.0


def test_a_metric_that_the_task_has_not_is_named() -> None:
    scores = {"ja": {"mcc": 10.0, "accuracy": 60.0, "examples": 4}}
    with pytest.raises(
        UserError, match=r"stopping\.metric is 'f1', but this task is scored by: mcc, accuracy\. Choose"
    ):
        mean_over_languages(scores, "f1", ["ja"])
