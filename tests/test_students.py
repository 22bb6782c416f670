from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from conftest import ROOT, question
from gemquad.errors import UserError
from gemquad.params import load_params
from gemquad.rounds.stopping import OPENING, decide, round_result
from gemquad.schema import Example, LabelPrediction
from gemquad.schema.results import SilverCounts
from gemquad.scoring.metrics import PEARSON, SPEARMAN, Array, Metric
from gemquad.scoring.students import aggregate, mean_over_languages
from gemquad.tasks.answers import Answer
from gemquad.tasks.extractive_qa.definition import ExtractiveQATask
from gemquad.tasks.settings import ExtractiveQA


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


@pytest.mark.parametrize("language", ["zh", "zh-TW", "zh-Hant-TW", "cmn"])
def test_a_region_tag_changes_no_dev_score(language: str) -> None:
    """Nor what the stop rule sees: 4 of 5 characters are found, 100 · 2 · 4 / (4 + 5)."""
    task = ExtractiveQATask(ExtractiveQA("qa", "extractive_qa"))
    asked = question("他在北京的大学工作。", "北京的大学", language=language)
    scores = aggregate([task.prediction(asked, "dev", Answer("北京的大", 2, 0.9))], task)["dev"]
    dev = mean_over_languages(scores, "f1", [language])
    assert dev == pytest.approx(800 / 9)
    rule = replace(load_params(ROOT / "params.yaml").stopping, patience=1, min_improvement=0.5)
    baseline = round_result(0, 88.5, [])  # 0.4 points below
    decision = decide(decide(OPENING, baseline, rule), round_result(1, dev, [SilverCounts(9, 9, 9)]), rule)
    assert decision.reason == "round 1: dev f1 rose by less than 0.5 for 1 round"
