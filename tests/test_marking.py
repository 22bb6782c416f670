from dataclasses import replace

import pytest

from conftest import labelled, question
from gemquad.params import Filter
from gemquad.tasks.answers import Answer
from gemquad.tasks.kinds import load_task
from gemquad.tasks.marking import Marked, marked

RULE = Filter(agreement="f1", min_f1=0.8, tolerance=0.5, min_confidence=0.0, mode="reselect")
COLUMNS = {"text": "text", "label": "label"}
READING = load_task({"name": "reading", "kind": "extractive_qa"})
REVIEWS = load_task(
    {
        "name": "reviews",
        "kind": "text_classification",
        "labels": {"positive": "1", "negative": "0"},
        "columns": COLUMNS,
        "metrics": ["mcc"],
    }
)
LIKENESS = load_task(
    {
        "name": "likeness",
        "kind": "pair_similarity",
        "range": [0.0, 5.0],
        "columns": {**COLUMNS, "second": "second"},
        "metrics": ["pearson"],
    }
)


@pytest.mark.parametrize(("answer", "right"), [("Lima.", True), ("Lima y", False)])
def test_a_span_is_right_where_it_is_a_reference(answer: str, right: bool) -> None:
    example = replace(question(), answers=["Lima", "Lima", "en Lima"], answer_starts=[12, 12, 9])
    prediction = READING.prediction(example, "test", Answer(answer, 12, 0.5))
    assert marked(prediction, example, READING, RULE) == Marked("¿Dónde vive Ana?", "Lima / en Lima", answer, right)


@pytest.mark.parametrize(("answer", "right"), [("positive", True), ("negative", False)])
def test_a_class_is_right_where_it_is_the_one_expected(answer: str, right: bool) -> None:
    example = labelled()
    prediction = REVIEWS.prediction(example, "test", Answer(answer, -1, 0.5))
    assert marked(prediction, example, REVIEWS, RULE) == Marked("便利です。", "positive", answer, right)


@pytest.mark.parametrize(("answer", "right"), [("3.5", True), ("3.6", False)])
def test_a_number_is_right_within_the_tolerance(answer: str, right: bool) -> None:
    example = labelled(second="不便です。", label="3")
    prediction = LIKENESS.prediction(example, "test", Answer(answer, -1, 0.5))
    assert marked(prediction, example, LIKENESS, RULE) == Marked("便利です。 / 不便です。", "3", answer, right)
