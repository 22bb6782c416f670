from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from conftest import labelled, pair
from gemquad.params import Filter, load_params
from gemquad.rounds.reasons import why
from gemquad.rounds.silver import count, judge, silver_pairs
from gemquad.schema import Judgement, SilverText
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


def by_one(*answers: Answer) -> list[list[list[Answer]]]:
    """The answers of one labeler, one to each pair."""
    return [[[one]] for one in answers]


def kept(rule: Filter, *answers: Answer, seen: frozenset[str] = frozenset()) -> list[bool]:
    pairs = [pair(f"p{i}", "Lima y trabaja") for i in range(len(answers))]
    return [j.kept for j in judge(pairs, by_one(*answers), set(seen), rule, QUESTIONS)]


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
    judgements = judge(pairs, by_one(*answers), {"a"}, RULE, QUESTIONS)
    assert count(judgements, {"a"}) == {"es": SilverCounts(2, 2, 1), "hi": SilverCounts(1, 0, 0)}
    assert [p.id for p in silver_pairs(pairs, judgements, QUESTIONS)] == ["a", "b"]


def test_a_class_is_silver_where_the_labeler_gives_the_same() -> None:
    pairs = [labelled("a"), labelled("b", label="negative"), labelled("c", label="negative")]
    answers = [Answer("positive", -1, 0.9), Answer("positive", -1, 0.9), Answer("negative", -1, 0.6)]
    judged = judge(pairs, by_one(*answers), set(), replace(RULE, min_confidence=0.0), REVIEWS)
    assert [(j.id, j.labeler_answer, j.labeler_start, j.agreement, j.kept) for j in judged] == [
        ("a", "positive", -1, 1.0, True),
        ("b", "positive", -1, 0.0, False),
        ("c", "negative", -1, 1.0, True),
    ]
    sure = judge(pairs, by_one(*answers), set(), replace(RULE, min_confidence=0.7), REVIEWS)
    assert [j.kept for j in sure] == [True, False, False]
    assert [p.id for p in silver_pairs(pairs, judged, REVIEWS)] == ["a", "c"]


def test_a_number_is_silver_within_the_tolerance() -> None:
    pairs = [labelled(str(i), label="3") for i in range(4)]
    answers = [Answer(text, -1, 1.0) for text in ("3.5", "2.5", "3.51", "5")]
    judged = judge(pairs, by_one(*answers), set(), replace(RULE, tolerance=0.5), PAIRS)
    assert [j.kept for j in judged] == [True, True, False, False]
    assert [j.agreement for j in judged] == pytest.approx([0.9, 0.9, 0.898, 0.6])


def judgement(confidence: float, agreement: float, kept: bool, **changes: Any) -> Judgement:
    """What one labeler said, with the votes that follow from it."""
    made = Judgement("p", "es", "Lima", 12, confidence, agreement, 1.0, confidence, False, 1.0, kept)
    return replace(made, **changes)


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
    assert why(judgement(confidence, agreement, kept), rule, QUESTIONS) == reason


def test_a_judgement_of_a_number_says_which_agreement_its_tolerance_asks_for() -> None:
    assert why(judgement(1.0, 0.64, False), replace(RULE, tolerance=0.5), PAIRS) == "agreement 0.64; 0.90 is asked for"


SOFT = replace(LENIENT, agreement="expected", min_probability=0.5)
LIMA, EN_LIMA, CUSCO, NOWHERE = (
    Answer("Lima", 12, 0.4),
    Answer("en Lima", 9, 0.3),
    Answer("Cusco", 30, 0.2),
    Answer("", 0, 0.0),
)


def test_expected_agreement_adds_up_the_candidates_that_agree_and_takes_the_mean_of_the_labelers() -> None:
    """Of "en Lima" the F1 with "Lima" is two thirds."""
    half = replace(SOFT, min_f1=0.5)
    one = [[LIMA, EN_LIMA, CUSCO]]
    two = [[LIMA, EN_LIMA, CUSCO], [Answer("Cusco", 30, 0.8), Answer("Lima", 12, 0.1)]]
    judged = judge([pair("a"), pair("b")], [one, two], set(), half, QUESTIONS)
    assert [j.probability for j in judged] == pytest.approx([0.7, (0.7 + 0.1) / 2])
    assert [j.kept for j in judged] == [True, False]
    (strict,) = judge([pair("a")], [one], set(), SOFT, QUESTIONS)
    assert (strict.probability, strict.kept) == (0.4, False)
    assert judge([pair("a")], [one], set(), replace(SOFT, min_probability=0.4), QUESTIONS)[0].kept
    assert why(strict, SOFT, QUESTIONS) == "probability 0.40; 0.50 is asked for"


def test_the_second_best_answer_counts_where_probabilities_are_added_up() -> None:
    said = [[Answer("Cusco", 30, 0.45), Answer("Lima", 12, 0.42), Answer("Lima", 40, 0.1)]]
    (soft,) = judge([pair("a")], [said], set(), SOFT, QUESTIONS)
    (hard,) = judge([pair("a")], [said], set(), LENIENT, QUESTIONS)
    assert (soft.kept, hard.kept) == (True, False)
    assert soft.probability == hard.probability == pytest.approx(0.52)
    assert (soft.votes, soft.labeler_answer) == (0.0, "Cusco")


def test_the_probability_of_a_class_is_what_its_name_gets() -> None:
    said = [
        [Answer("negative", -1, 0.6), Answer("positive", -1, 0.4)],
        [Answer("positive", -1, 0.9), Answer("negative", -1, 0.1)],
    ]
    (judged,) = judge([labelled("a")], [said], set(), SOFT, REVIEWS)
    assert (judged.probability, judged.votes, judged.kept) == (pytest.approx(0.65), 0.5, True)


def three(*texts: str) -> list[list[Answer]]:
    """One answer of each labeler."""
    places = {"Lima": 12, "Cusco": 30, "Ana": 0, "en Lima": 9}
    return [[Answer(text, places[text], 0.6)] for text in texts]


VOTE = replace(LENIENT, labelers=3, min_votes=0.5)


def test_labelers_vote() -> None:
    pairs = [pair("a"), pair("b"), pair("c")]
    answers = [three("Lima", "Lima", "Cusco"), three("Lima", "Cusco", "Ana"), three("Cusco", "Cusco", "Lima")]
    judged = judge(pairs, answers, set(), VOTE, QUESTIONS)
    assert [(j.votes, j.labeler_answer, j.agreement, j.kept) for j in judged] == [
        (pytest.approx(2 / 3), "Lima", 1.0, True),
        (pytest.approx(1 / 3), "Lima", 1.0, False),
        (pytest.approx(1 / 3), "Cusco", 0.0, False),
    ]
    assert [j.kept for j in judge(pairs, answers, set(), replace(VOTE, min_votes=1 / 3), QUESTIONS)] == [True] * 3
    assert why(judged[0], VOTE, QUESTIONS) == "the labelers agree, votes 0.67"
    assert why(judged[1], VOTE, QUESTIONS) == "votes 0.33; 0.50 is asked for"


def test_unsure_labelers_have_no_vote() -> None:
    unsure = [[Answer("Lima", 12, 0.3)], [Answer("Lima", 12, 0.2)], [Answer("Lima", 12, 0.9)]]
    (judged,) = judge([pair("a")], [unsure], set(), replace(VOTE, min_confidence=0.5), QUESTIONS)
    assert (judged.votes, judged.kept) == (pytest.approx(1 / 3), False)


REPAIR = replace(VOTE, repair=True)


def test_labelers_that_agree_against_the_generator_put_their_answer_in_its_place() -> None:
    pairs = [pair(name) for name in "abcd"]
    answers = [
        three("Cusco", "Cusco", "Lima"),
        three("Cusco", "Ana", "en Lima"),  # nobody agrees
        three("Lima", "Lima", "Cusco"),  # with the generator
        [[NOWHERE]] * 3,  # on no answer at all
    ]
    judged = judge(pairs, answers, set(), REPAIR, QUESTIONS)
    assert [(j.repaired, j.kept) for j in judged] == [(True, True), (False, False), (False, True), (False, False)]
    assert (judged[0].labeler_answer, judged[0].labeler_start, judged[0].agreement) == ("Cusco", 30, 0.0)
    assert judged[0].votes == pytest.approx(2 / 3), "for the answer that it has now"
    assert why(judged[0], REPAIR, QUESTIONS) == "repaired: takes the labelers' answer, votes 0.67"
    silver = silver_pairs(pairs, judged, QUESTIONS)
    assert [(p.id, p.answer, p.answer_start) for p in silver] == [("a", "Cusco", 30), ("c", "Lima", 12)]
    assert not any(j.kept for j in judge(pairs[:1], answers[:1], set(), VOTE, QUESTIONS))


def test_one_labeler_alone_repairs_nothing() -> None:
    """Of a pair that only one labeler has not been trained on."""
    (judged,) = judge([pair("a")], [three("Cusco")], set(), REPAIR, QUESTIONS)
    assert (judged.repaired, judged.kept) == (False, False)


def test_repair_asks_for_the_same_agreement_as_the_filter() -> None:
    sure = [[Answer("Cusco", 30, 0.9)], [Answer("Cusco", 30, 0.7)], [Answer("Lima", 12, 0.9)]]
    rule = replace(REPAIR, agreement="expected", min_probability=0.5)
    (judged,) = judge([pair("a")], [sure], set(), rule, QUESTIONS)
    assert (judged.repaired, judged.probability) == (True, pytest.approx(1.6 / 3))
    assert not judge([pair("a")], [sure], set(), replace(rule, min_probability=0.6), QUESTIONS)[0].kept


def test_a_text_takes_the_label_of_the_labelers() -> None:
    pairs, said = [labelled("a")], [[[Answer("negative", -1, 0.9)]] * 3]
    (silver,) = silver_pairs(pairs, judge(pairs, said, set(), REPAIR, REVIEWS), REVIEWS)
    assert silver == SilverText("a", "ja", "便利です。", "", "negative", 1.0)


def test_weights_take_the_place_of_the_cut_and_are_1_on_average() -> None:
    rule = replace(LENIENT, weights="agreement")
    pairs = [pair("a"), pair("b"), pair("c")]
    answers = [[[Answer("Lima", 12, 0.6)]], [[CUSCO, Answer("Lima", 12, 0.2)]], [[CUSCO]]]
    judged = judge(pairs, answers, set(), rule, QUESTIONS)
    assert [(j.kept, j.weight) for j in judged] == [
        (True, pytest.approx(1.5)),
        (True, pytest.approx(0.5)),
        (False, 0.0),
    ]
    assert [(p.id, p.weight) for p in silver_pairs(pairs, judged, QUESTIONS)] == [
        ("a", judged[0].weight),
        ("b", judged[1].weight),
    ]
    assert why(judged[1], rule, QUESTIONS) == "weight 0.50, for a probability of 0.20"
    assert all(j.weight == 1.0 for j in judge(pairs, answers, set(), LENIENT, QUESTIONS))


def test_without_any_agreement_nothing_has_a_weight() -> None:
    judged = judge([pair("a")], [[[CUSCO]]], set(), replace(LENIENT, weights="agreement"), QUESTIONS)
    assert [(j.kept, j.weight) for j in judged] == [(False, 0.0)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"weights": "informative", "labelers": 3, "repair": True},
            "repair changes the answer that weights=informative is of: set filter.repair to false",
        ),
    ],
)
def test_weights_say_what_they_need(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        replace(LENIENT, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "accumulate", "labelers": 3, "repair": True},
        {"mode": "accumulate", "weights": "agreement"},
        {"mode": "accumulate", "weights": "informative"},
        {"min_confidence": 0.3, "weights": "agreement"},
        {"min_confidence": 0.3, "weights": "value"},
        {"min_confidence": 0.3, "agreement": "expected"},
    ],
)
def test_rules_that_contradict_each_other_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"set filter.mode to reselect|set it to 0"):
        replace(LENIENT, **changes)


@pytest.mark.parametrize("language", ["zh", "zh-TW", "zh_tw", "zh-Hant-TW", "cmn"])
def test_a_region_tag_changes_no_agreement(language: str) -> None:
    """Four of the five characters that count are the same, 2 · 4 / (4 + 5) of them; as one word they would differ."""
    passage = "他在北京的大学工作。"
    one = replace(pair(language=language), passage=passage, answer="北京的大学", answer_start=2)
    (judged,) = judge([one], by_one(Answer("北京的大", 2, 0.9)), set(), replace(RULE, min_f1=0.8), QUESTIONS)
    assert judged.kept and judged.agreement == pytest.approx(8 / 9)


@pytest.mark.parametrize("language", ["es", "es-MX", "es_419", "ES"])
def test_a_region_tag_changes_no_article(language: str) -> None:
    one = pair(answer="Lima", language=language)
    assert QUESTIONS.agreement("la Lima", one, RULE) == 1.0
