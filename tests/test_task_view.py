"""How people and the hub see each kind of task."""

from dataclasses import replace
from typing import Any

import pytest

from conftest import ROOT, labelled, pair, question
from gemquad.params import Filter, load_params
from gemquad.tasks.answers import Answer
from gemquad.tasks.base import AnyTask
from gemquad.tasks.loading import load_saved_task
from gemquad.views.loading import load_view
from gemquad.views.task_view import AnswerView, AnyTaskView, HubTask, PairView, Terms

RULE: Filter = load_params(ROOT / "params.yaml").filter
ONE, TWO = {"text": "a", "label": "label"}, {"text": "a", "second": "b", "label": "label"}
LABELS = {"entailment": "e", "neutral": "n"}


def loaded(kind: str, **settings: Any) -> tuple[AnyTask, AnyTaskView]:
    task = load_saved_task({"name": "mine", "kind": kind, **settings})
    return task, load_view(task)


READING = loaded("extractive_qa")
TEXTS = loaded("text_classification", labels=LABELS, columns=ONE, metrics=["accuracy"])
RELATIONS = loaded("pair_classification", labels=LABELS, columns=TWO, metrics=["accuracy"])
ALIKE = loaded("pair_similarity", range=[0, 5], columns=TWO, metrics=["pearson"])


@pytest.mark.parametrize(
    ("loaded", "terms", "hub"),
    [
        (READING, Terms("question", "passage"), HubTask("question-answering", "extractive-qa")),
        (TEXTS, Terms("example", "text"), HubTask("text-classification", "multi-class-classification")),
        (RELATIONS, Terms("example", "text"), HubTask("text-classification", "multi-input-text-classification")),
        (ALIKE, Terms("example", "pair"), HubTask("text-classification", "semantic-similarity-scoring")),
    ],
)
def test_each_kind_has_its_terms_here_and_on_the_hub(
    loaded: tuple[AnyTask, AnyTaskView], terms: Terms, hub: HubTask
) -> None:
    assert (loaded[1].terms, loaded[1].hub_task) == (terms, hub)


def test_only_the_paper_of_questions_reports_gains() -> None:
    assert {(delta.language, delta.against) for delta in READING[1].published} == {
        (language, against) for language in ("es", "hi") for against in ("baseline", "translated")
    }
    assert RELATIONS[1].published == ALIKE[1].published == ()


def test_a_question_is_shown_with_the_place_of_its_answer() -> None:
    passage = "Ana vive en Lima y trabaja en Cusco."
    assert READING[1].pair(pair()) == PairView([("question", "¿Dónde vive Ana?")], "Lima", passage, 12)


@pytest.mark.parametrize("view", [RELATIONS[1], ALIKE[1]])
def test_texts_are_shown_with_their_names(view: AnyTaskView) -> None:
    both = [("text", "犬"), ("second text", "猫")]
    assert view.pair(labelled("t", "犬", "猫", "1")) == PairView(both, "1", passage="", start=-1)
    assert view.pair(labelled("t", "犬", "", "1")) == PairView(both[:1], "1")


def test_a_pair_has_the_columns_of_its_task_on_the_hub() -> None:
    assert READING[1].hub_row(pair()) == {
        "id": "p1",
        "context": "Ana vive en Lima y trabaja en Cusco.",
        "question": "¿Dónde vive Ana?",
        "answers": {"text": ["Lima"], "answer_start": [12]},
    }
    assert TEXTS[1].hub_row(labelled("t", "犬")) == {"id": "t", "text": "犬", "label": "positive"}
    assert ALIKE[1].hub_row(labelled("t", "犬", "猫", "1")) == {
        "id": "t",
        "text": "犬",
        "text_pair": "猫",
        "label": "1",
    }


@pytest.mark.parametrize(("answer", "correct"), [("Lima.", True), ("Lima y", False)])
def test_a_span_is_correct_where_it_is_a_reference(answer: str, correct: bool) -> None:
    reading, view = READING
    example = replace(question(), answers=["Lima", "Lima", "en Lima"], answer_starts=[12, 12, 9])
    prediction = reading.prediction(example, "test", Answer(answer, 12, 0.5))
    assert view.answer(prediction, example, RULE) == AnswerView("¿Dónde vive Ana?", "Lima / en Lima", answer, correct)


@pytest.mark.parametrize(("answer", "correct"), [("neutral", True), ("entailment", False)])
def test_a_class_is_correct_where_it_is_the_one_expected(answer: str, correct: bool) -> None:
    (task, view), example = RELATIONS, labelled(label="neutral")
    prediction = task.prediction(example, "test", Answer(answer, -1, 0.5))
    assert view.answer(prediction, example, RULE) == AnswerView("便利です。", "neutral", answer, correct)


@pytest.mark.parametrize(("answer", "correct"), [("3.5", True), ("3.6", False)])
def test_a_number_is_correct_within_the_tolerance(answer: str, correct: bool) -> None:
    (task, view), example = ALIKE, labelled(second="不便です。", label="3")
    prediction = task.prediction(example, "test", Answer(answer, -1, 0.5))
    assert view.answer(prediction, example, RULE) == AnswerView("便利です。 / 不便です。", "3", answer, correct)
