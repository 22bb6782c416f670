"""The `task` section of params.yaml, as it is read, and every mistake in it named."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from gemquad.errors import UserError
from gemquad.tasks.loading import load_saved_task
from gemquad.tasks.settings import Classification, Columns, ExtractiveQA, Similarity
from task_sections import task_of

TASKS = Path(__file__).parents[1] / "conf/task"
REVIEWS: dict[str, Any] = {
    "name": "reviews",
    "kind": "text_classification",
    "labels": {"positive": "1", "negative": "0"},
    "columns": {"id": "review_id", "text": "review", "label": "rating"},
    "metrics": ["accuracy", "mcc"],
}
ALIKE: dict[str, Any] = {
    "name": "alike",
    "kind": "pair_similarity",
    "range": [0, 5],
    "columns": {"text": "a", "second": "b", "label": "score"},
    "metrics": ["pearson"],
}


def test_sections_are_read_by_kind() -> None:
    assert task_of({"name": "qa", "kind": "extractive_qa"}) == ExtractiveQA("qa", "extractive_qa")
    assert task_of(REVIEWS) == Classification(
        name="reviews",
        kind="text_classification",
        labels={"positive": "1", "negative": "0"},
        columns=Columns(text="review", label="rating", second=None, id="review_id"),
        metrics=["accuracy", "mcc"],
    )
    assert task_of(ALIKE) == Similarity("alike", "pair_similarity", (0.0, 5.0), Columns("a", "score", "b"), ["pearson"])
    pairs = {**REVIEWS, "kind": "pair_classification", "columns": {"text": "a", "second": "b", "label": "c"}}
    assert task_of(pairs).kind == "pair_classification"


@pytest.mark.parametrize("kind", [None, "regression", ["extractive_qa"], {"extractive_qa": 1}])
def test_an_unknown_kind_is_named(kind: Any) -> None:
    with pytest.raises(UserError) as error:
        task_of({"name": "reviews", "kind": kind})
    assert str(error.value) == (
        f"params.yaml: kind is {kind!r}; it must be one of: extractive_qa, text_classification, pair_classification, "
        "pair_similarity. Set it with `dvc exp run -S kind=…`."
    )


def test_a_section_without_kind_is_no_task() -> None:
    with pytest.raises(UserError, match=r"kind is None"):
        task_of({"name": "extractive_qa"})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"lables": {}},
            "params.yaml: lables: unknown setting; nearest: labels.",
        ),
        ({"labels": {"positive": 1, "negative": 0}}, "labels.positive is 1; expected str, in quotes"),
        (
            {"labels": {True: "yes", False: "no"}},
            "labels.true: YAML reads yes, no, on and off",
        ),
        ({"labels": {"positive": "1"}}, "labels names fewer than two classes"),
        ({"labels": {}}, "labels names fewer than two classes"),
        ({"labels": {"positive": "1", "negative": "1"}}, "labels gives two classes the same value"),
        ({"columns": {"text": "review"}}, "setting 'columns.label' is missing"),
        ({"columns": {"text": "a", "second": "b", "label": "c"}}, "columns.second is 'b' in a task of kind text_"),
        ({"kind": "pair_classification"}, "columns.second is None in a task of kind pair_classification; name it"),
        ({"metrics": []}, "metrics is out of range; it must be one or more"),
        ({"metrics": "accuracy"}, "metrics is 'accuracy'; expected a list"),
    ],
)
def test_a_mistake_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as error:
        task_of({**REVIEWS, **changes})
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"range": [5, 0]}, "range is out of range; it must be [lowest, highest], e.g. [0, 5]"),
        ({"range": [3, 3]}, "range is out of range; it must be [lowest, highest]"),
        ({"range": 5}, "range is 5; expected a list [low, high]"),
        ({"columns": {"text": "a", "label": "c"}}, "columns.second is None in a task of kind pair_similarity"),
        ({"metrics": []}, "metrics is out of range"),
    ],
)
def test_a_mistake_of_a_similarity_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as error:
        task_of({**ALIKE, **changes})
    assert message in str(error.value)


def test_an_absent_setting_is_named() -> None:
    for key in ("name", "labels", "columns", "metrics"):
        with pytest.raises(UserError, match=f"setting '{key}' is missing"):
            task_of({name: value for name, value in REVIEWS.items() if name != key})


@pytest.mark.parametrize(("section", "known"), [(REVIEWS, "accuracy, mcc, macro_f1"), (ALIKE, "pearson, spearman")])
def test_a_metric_of_another_kind_of_task_is_named(section: dict[str, Any], known: str) -> None:
    with pytest.raises(UserError, match=rf"metrics is 'f1'; it must be one of: {known}"):
        load_saved_task({**section, "metrics": [*section["metrics"], "f1"]})


@pytest.mark.parametrize("path", sorted(path for path in TASKS.glob("[!_]*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_task_is_sound(path: Path) -> None:
    section = yaml.safe_load(path.read_text(encoding="utf-8"))
    task = load_saved_task(section["task"])
    assert task.name == path.stem
    assert [metric.name for metric in task.metrics] == task_of(section["task"]).metrics
    decides = section.get("stopping", {}).get("metric", "f1")
    assert decides == task.metrics[0].name, "what dev decides by is what tables show first"
