from dataclasses import replace
from pathlib import Path

import pytest

from conftest import labelled, pair
from gemquad.params import Filter, load_params
from gemquad.rounds.silver import count, judge, silver_pairs, why
from gemquad.schema import Judgement
from gemquad.schema.results import SilverCounts
from gemquad.tasks.answers import Answer
from gemquad.tasks.extractive_qa.definition import ExtractiveQATask
from gemquad.tasks.labelled.classification import ClassificationTask
from gemquad.tasks.labelled.similarity import SimilarityTask
from gemquad.tasks.settings import Classification, Columns, ExtractiveQA, Similarity

RULE: Filter = load_params(Path(__file__).parents[1] / "params.yaml").filter
QUESTIONS = ExtractiveQATask(ExtractiveQA("qa", "extractive_qa"))
COLUMNS = Columns("text", "label")
REVIEWS = ClassificationTask(
    Classification("r", "text_classification", {"positive": "1", "negative": "0"}, COLUMNS, ["accuracy"])
)
PAIRS = SimilarityTask(Similarity("s", "pair_similarity", (0.0, 5.0), replace(COLUMNS, second="b"), ["pearson"]))


def kept(rule: Filter, *answers: Answer, seen: frozenset[str] = frozenset()) -> list[bool]:
    pairs = [pair(f"p{i}", "Lima y trabaja") for i in range(len(answers))]
    return [j.kept for j in judge(pairs, answers, set(seen), rule, QUESTIONS)]


def test_f1_agreement_has_a_threshold() -> None:
    answers = [Answer("Lima y trabaja", 12, 0.1), Answer("Lima y", 12, 0.1), Answer("Cusco", 30, 0.9)]
    assert kept(replace(RULE, agreement="f1", min_f1=0.8), *answers) == [True, True, False]
    assert kept(replace(RULE, agreement="f1", min_f1=0.9), *answers) == [True, False, False]


def test_exact_agreement_is_after_normalisation() -> None:
    rule = replace(RULE, agreement="exact")
    assert kept(rule, Answer("«lima y trabaja»", 12, 0.1), Answer("Lima y", 12, 0.1)) == [True, False]


def test_confidence_may_be_required() -> None:
    answers = [Answer("Lima y trabaja", 12, 0.2), Answer("Lima y trabaja", 12, 0.6)]
    assert kept(replace(RULE, min_confidence=0.5), *answers) == [False, True]


def test_accumulate_keeps_earlier_silver_and_reselect_does_not() -> None:
    answers = [Answer("Cusco", 30, 0.9), Answer("Cusco", 30, 0.9)]
    assert kept(replace(RULE, mode="accumulate"), *answers, seen=frozenset({"p1"})) == [False, True]
    assert kept(replace(RULE, mode="reselect"), *answers, seen=frozenset({"p1"})) == [False, False]


def test_counts_new_silver_by_language() -> None:
    pairs = [pair("a"), pair("b"), pair("c", language="hi")]
    answers = [Answer("Lima", 12, 1.0), Answer("Lima", 12, 1.0), Answer("Cusco", 30, 1.0)]
    judgements = judge(pairs, answers, {"a"}, RULE, QUESTIONS)
    assert count(judgements, {"a"}) == {"es": SilverCounts(2, 2, 1), "hi": SilverCounts(1, 0, 0)}
    assert [p.id for p in silver_pairs(pairs, judgements)] == ["a", "b"]


def test_a_class_is_silver_where_the_labeler_gives_the_same() -> None:
    pairs = [labelled("a"), labelled("b", label="negative"), labelled("c", label="negative")]
    answers = [Answer("positive", -1, 0.9), Answer("positive", -1, 0.9), Answer("negative", -1, 0.6)]
    judged = judge(pairs, answers, set(), replace(RULE, min_confidence=0.0), REVIEWS)
    assert [(j.id, j.labeler_answer, j.labeler_start, j.agreement, j.kept) for j in judged] == [
        ("a", "positive", -1, 1.0, True),
        ("b", "positive", -1, 0.0, False),
        ("c", "negative", -1, 1.0, True),
    ]
    sure = judge(pairs, answers, set(), replace(RULE, min_confidence=0.7), REVIEWS)
    assert [j.kept for j in sure] == [True, False, False]
    assert [p.id for p in silver_pairs(pairs, judged)] == ["a", "c"]


def test_a_number_is_silver_within_the_tolerance() -> None:
    pairs = [labelled(str(i), label="3") for i in range(4)]
    answers = [Answer(text, -1, 1.0) for text in ("3.5", "2.5", "3.51", "5")]
    judged = judge(pairs, answers, set(), replace(RULE, tolerance=0.5), PAIRS)
    assert [j.kept for j in judged] == [True, True, False, False]
    assert [j.agreement for j in judged] == pytest.approx([0.9, 0.9, 0.898, 0.6])


LENIENT = replace(RULE, agreement="f1", min_f1=0.8, min_confidence=0.0, mode="reselect")


@pytest.mark.parametrize(
    ("agreement", "confidence", "kept", "rule", "reason"),
    [
        (1.0, 0.5, True, LENIENT, "the labeler agrees, 1.00"),
        (0.5, 0.5, False, LENIENT, "agreement 0.50; 0.80 is asked for"),
        (0.0, 0.5, False, replace(LENIENT, agreement="exact"), "agreement 0.00; 1.00 is asked for"),
        (1.0, 0.1, False, replace(LENIENT, min_confidence=0.3), "confidence 0.10 is under 0.3"),
        (0.0, 0.5, True, replace(LENIENT, mode="accumulate"), "kept from an earlier round"),
    ],
)
def test_a_judgement_says_why(agreement: float, confidence: float, kept: bool, rule: Filter, reason: str) -> None:
    assert why(Judgement("p", "es", "Lima", 12, confidence, agreement, kept), rule, QUESTIONS) == reason


def test_a_judgement_of_a_number_says_which_agreement_its_tolerance_asks_for() -> None:
    judgement = Judgement("p", "ja", "1.2", -1, 1.0, 0.64, False)
    assert why(judgement, replace(RULE, tolerance=0.5), PAIRS) == "agreement 0.64; 0.90 is asked for"
