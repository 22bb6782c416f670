"""What examples of each kind of task are, when answers agree, and which wrong ones the audit makes of them."""

from typing import Any

import numpy as np
import pytest

from conftest import ROOT, labelled, pair
from gemquad.params import Filter, load_params
from gemquad.schema import LabelledText, LabelPrediction, LabelPrompt
from gemquad.scoring.metrics import value
from gemquad.tasks.answers import Answer
from gemquad.tasks.base import AuditPair, Facts, PairTexts
from gemquad.tasks.labelled.classification import ClassificationTask
from gemquad.tasks.labelled.similarity import SimilarityTask
from gemquad.tasks.loading import load_saved_task

RULE: Filter = load_params(ROOT / "params.yaml").filter
COLUMNS = {"text": "a", "second": "b", "label": "label"}


def relations(**changes: Any) -> ClassificationTask:
    labels = {"entailment": "e", "contradiction": "c", "neutral": "n"}
    section = {"name": "relations", "kind": "pair_classification", "labels": labels, "columns": COLUMNS}
    task = load_saved_task({**section, "metrics": ["mcc", "accuracy"], **changes})
    assert isinstance(task, ClassificationTask)
    return task


def alike(low: float = 0, high: float = 5) -> SimilarityTask:
    section = {"name": "alike", "kind": "pair_similarity", "columns": COLUMNS}
    task = load_saved_task({**section, "range": [low, high], "metrics": ["pearson", "spearman"]})
    assert isinstance(task, SimilarityTask)
    return task


def prompt(words: list[str]) -> LabelPrompt:
    return LabelPrompt("ja-0", "ja", [], "…", 0.7, 50, 0.9, 1, "neutral", words)


def test_a_prediction_stands_beside_the_true_class() -> None:
    example = labelled("t", "犬", "猫", "neutral")
    made = relations().prediction(example, "dev", Answer("entailment", -1, 0.7))
    assert made == LabelPrediction("t", "ja", "dev", "entailment", 0.7, expected="neutral")


def test_classes_are_scored_by_their_numbers() -> None:
    task = relations()
    said = [
        ("entailment", "entailment"),
        ("neutral", "contradiction"),
        ("neutral", "neutral"),
        ("entailment", "neutral"),
    ]
    predictions = [LabelPrediction(str(i), "ja", "dev", given, 1.0, true) for i, (true, given) in enumerate(said)]
    columns = task.columns(predictions)
    assert columns.tolist() == [[0, 0], [2, 1], [2, 2], [0, 2]]
    assert [metric.name for metric in task.metrics] == ["mcc", "accuracy"]
    assert value(task.metrics[1], columns) == 50.0
    assert task.columns([]).shape == (0, 2)


def test_only_the_same_class_agrees() -> None:
    task, one = relations(), labelled(label="neutral")
    assert [task.agreement(answer, one, RULE) for answer in ("neutral", "entailment")] == [1.0, 0.0]
    assert task.agreement_threshold(RULE) == 1.0


def test_every_example_is_probed_under_its_own_class_and_a_wrong_one() -> None:
    task = relations()
    examples = [labelled(f"t{i}", "犬", "猫", task.classes[i % 3]) for i in range(60)]
    audited = task.audit_pairs(examples, seed=13)
    assert [one.pair for one in audited[::2]] == [
        labelled(f"t{i}/clean", "犬", "猫", task.classes[i % 3]) for i in range(60)
    ]
    assert {one.corruption for one in audited[::2]} == {""}
    for example, one in zip(examples, audited[1::2], strict=True):
        assert (one.corruption, one.pair.id) == ("other_label", f"{example.id}/other_label")
        assert one.pair.label != example.label and one.pair.label in task.classes
    assert len({(e.label, p.pair.label) for e, p in zip(examples, audited[1::2], strict=True)}) == 6
    assert task.corruptions == ("other_label",)


def wrong(audited: list[AuditPair[LabelledText]]) -> list[str]:
    return [one.pair.label for one in audited[1::2]]


@pytest.mark.parametrize("task", [relations(), alike()], ids=["classes", "numbers"])
def test_the_seed_alone_decides_and_an_example_does_not_depend_on_another(task: Any) -> None:
    label = "neutral" if isinstance(task, ClassificationTask) else "2"
    examples = [labelled(f"t{i}", label=label) for i in range(40)]
    assert (
        wrong(task.audit_pairs(examples, 13))
        == wrong(task.audit_pairs(examples, 13))
        != wrong(task.audit_pairs(examples, 14))
    )
    assert task.audit_pairs(examples[7:9], 13) == task.audit_pairs(examples, 13)[14:18]
    spanish = [labelled(f"t{i}", label=label, language="es") for i in range(40)]
    assert wrong(task.audit_pairs(spanish, 13)) != wrong(task.audit_pairs(examples, 13))


def test_a_class_that_was_never_generated_is_a_warning() -> None:
    made = [labelled("a", label="neutral"), labelled("b", label="neutral"), labelled("c", label="entailment")]
    facts = relations().facts(made)
    assert facts.numbers == {"label_entailment": 1, "label_contradiction": 0, "label_neutral": 2}
    (warning,) = facts.warnings
    assert "no synthetic text of the class 'contradiction'" in warning
    assert len(relations().facts([]).warnings) == 3
    assert relations().facts([*made, labelled("d", label="contradiction")]).warnings == []


@pytest.mark.parametrize("task", [relations(), alike()])
def test_the_labeler_reads_all_texts_and_they_are_grouped_in_any_order(task: Any) -> None:
    assert task.texts(labelled("t", "犬", "猫", "1")) == PairTexts("", ("犬", "猫"), "1")
    assert task.texts(labelled("t", "犬", "", "1")) == PairTexts("", ("犬",), "1")
    assert task.group(labelled("t", "犬", "猫", "1")) == task.group(labelled("u", "猫", "犬", "2"))
    assert len({task.group(labelled("t", *texts)) for texts in (("犬", "猫"), ("犬",), ("猫",), ("犬", "馬"))}) == 4


@pytest.mark.parametrize("task", [relations(), alike()])
def test_prompts_with_and_without_a_task_word_are_told_apart(task: Any) -> None:
    assert task.variant(prompt(["犬"])) == "with task words"
    assert task.variant(prompt([])) == "without task words"


def test_the_kinds_name_their_records() -> None:
    for task in (relations(), alike()):
        records = task.records
        assert (records.example, records.synthetic) == (LabelledText, LabelledText)
        assert (records.prompt, records.prediction) == (LabelPrompt, LabelPrediction)


def test_numbers_are_scored_as_they_are() -> None:
    task = alike()
    predictions = [
        task.prediction(labelled(label=true), "test", Answer(given, -1, 1.0))
        for true, given in (("0", "1.0000"), ("2.5", "2.0000"), ("5", "4.7500"))
    ]
    assert task.columns(predictions).tolist() == [[0, 1], [2.5, 2], [5, 4.75]]
    assert value(task.metrics[1], task.columns(predictions)) == pytest.approx(100.0)
    assert task.columns([]).shape == (0, 2)


@pytest.mark.parametrize(
    ("answer", "label", "agreement", "agrees"),
    [
        ("3.0000", "3", 1.0, True),
        ("3.5000", "3", 0.9, True),
        ("2.5000", "3", 0.9, True),
        ("3.5001", "3", 0.89998, False),
        ("0.1", "0.6", 0.9, True),
        ("5", "0", 0.0, False),
        ("9", "0", 0.0, False),
    ],
)
def test_numbers_agree_up_to_the_tolerance(answer: str, label: str, agreement: float, agrees: bool) -> None:
    task = alike()
    found = task.agreement(answer, labelled(label=label), RULE)
    assert found == pytest.approx(agreement)
    assert (found >= task.agreement_threshold(RULE)) == agrees


def test_tolerance_counts_in_units_of_the_range() -> None:
    task = alike(-1, 1)
    assert task.agreement("0.5", labelled(label="0"), RULE) >= task.agreement_threshold(RULE)
    assert task.agreement("0.6", labelled(label="0"), RULE) < task.agreement_threshold(RULE)


@pytest.mark.parametrize(("low", "high"), [(0, 5), (0, 1), (-1, 1), (1, 100)])
def test_a_wrong_number_is_far_from_the_true_one_and_in_the_range(low: float, high: float) -> None:
    task, width = alike(low, high), high - low
    examples = [labelled(f"t{i}", label=f"{x:.3f}") for i, x in enumerate(np.linspace(low, high, 301))]
    audited = task.audit_pairs(examples, seed=13)
    assert [one.pair.label for one in audited[::2]] == [example.label for example in examples]
    for example, one in zip(examples, audited[1::2], strict=True):
        assert (one.corruption, one.pair.id) == ("other_value", f"{example.id}/other_value")
        assert low <= float(one.pair.label) <= high
        assert abs(float(one.pair.label) - float(example.label)) >= 0.4 * width - 1e-9
    sides = {float(p.pair.label) > float(e.label) for e, p in zip(examples[140:160], audited[281:320:2], strict=True)}
    assert sides == {True, False}, "from the middle both ways"
    assert len(set(wrong(audited))) > 40


def test_similarities_that_are_all_the_same_are_a_warning() -> None:
    made = [labelled("a", label="5"), labelled("b", label="10"), labelled("c", label="5")]
    assert alike(0, 10).facts(made) == Facts({"value_5": 2, "value_10": 1}, [])
    (warning,) = alike().facts(made[:1]).warnings
    assert warning.startswith("all synthetic pairs have the same similarity")
    assert alike().facts([]) == Facts({}, [])


def test_questions_are_extractive_where_their_answer_stands_at_its_offset() -> None:
    task = load_saved_task({"name": "qa", "kind": "extractive_qa"})
    assert task.facts([pair(), pair("b", answer_start=0)]) == Facts({"extractive_share": 0.5})
    assert task.facts([]) == Facts({"extractive_share": 0.0})
    assert task.variant(None) == ""
    assert task.texts(pair()) == PairTexts("Ana vive en Lima y trabaja en Cusco.", ("¿Dónde vive Ana?",), "Lima")
