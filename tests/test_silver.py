from dataclasses import replace
from pathlib import Path

import pytest

from conftest import pair
from gemquad.params import Filter, load_params
from gemquad.rounds.silver import SilverCounts, count, judge, silver_pairs, why
from gemquad.schema import Judgement
from gemquad.student.inference import Answer
from gemquad.tasks.extractive_qa import ExtractiveQA

RULE: Filter = load_params(Path(__file__).parents[1] / "params.yaml").filter


def kept(rule: Filter, *answers: Answer, seen: frozenset[str] = frozenset()) -> list[bool]:
    pairs = [pair(f"p{i}", "Lima y trabaja") for i in range(len(answers))]
    return [j.kept for j in judge(pairs, answers, set(seen), rule, ExtractiveQA())]


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
    judgements = judge(pairs, answers, {"a"}, RULE, ExtractiveQA())
    assert count(judgements, {"a"}) == {"es": SilverCounts(2, 2, 1), "hi": SilverCounts(1, 0, 0)}
    assert [p.id for p in silver_pairs(pairs, judgements)] == ["a", "b"]


@pytest.mark.parametrize(
    ("f1", "confidence", "kept", "rule", "reason"),
    [
        (1.0, 0.5, True, Filter("f1", 0.8, 0.0, "reselect"), "the labeler agrees, F1 1.00"),
        (0.5, 0.5, False, Filter("f1", 0.8, 0.0, "reselect"), "F1 0.50; F1 of 0.8 is asked for"),
        (0.9, 0.5, False, Filter("exact", 0.8, 0.0, "reselect"), "F1 0.90; the same answer is asked for"),
        (1.0, 0.1, False, Filter("f1", 0.8, 0.3, "reselect"), "confidence 0.10 is under 0.3"),
        (0.0, 0.5, True, Filter("f1", 0.8, 0.0, "accumulate"), "kept from an earlier round"),
    ],
)
def test_a_judgement_says_why(f1: float, confidence: float, kept: bool, rule: Filter, reason: str) -> None:
    assert why(Judgement("p", "es", "Lima", 12, confidence, f1, float(f1 == 1.0), kept), rule) == reason
