"""Pairs that are weighed in place of a cut, by the same functions as the stages."""

from dataclasses import replace
from typing import Any

import pytest

from conftest import ROOT, completion, labelled, pair
from gemquad.params import Filter, load_params
from gemquad.rounds.reasons import why
from gemquad.rounds.silver import judge, silver_pairs
from gemquad.rounds.worth import Known
from gemquad.schema import PairValue
from gemquad.tasks.answers import Answer
from gemquad.tasks.loading import load_saved_task
from tiny_students import TASKS

DEFAULT: Filter = load_params(ROOT / "params.yaml").filter
INFORMATIVE = replace(DEFAULT, weights="informative")
VALUE = replace(DEFAULT, weights="value")
QUESTIONS, CLASSES = load_saved_task(TASKS["questions"]), load_saved_task(TASKS["classes"])


def says(right: float) -> list[list[Answer]]:
    """One labeler, that gives "Lima" this probability, and "Cusco" the rest."""
    return [[Answer("Lima", 12, right), Answer("Cusco", 30, 1 - right)]]


def weighed(rule: Filter, known: Known, answers: list[Any]) -> tuple[list[Any], list[Any]]:
    pairs = [pair(name) for name in "abcd"]
    judged = judge(pairs, answers, set(), rule, QUESTIONS, known)
    return judged, silver_pairs(pairs, judged, QUESTIONS)


def test_informative_pairs_weigh_by_what_the_generator_holds_to_and_the_labelers_doubt() -> None:
    blind = zip("abcd", ("Lima", "Lima", "Cusco", "Lima"), strict=True)
    known = Known.of(INFORMATIVE, [], [completion(name, blind_answer=said) for name, said in blind])
    judged, silver = weighed(INFORMATIVE, known, [says(0.5), says(0.1), says(0.5), says(1.0)])
    assert [(j.kept, j.weight) for j in judged] == [
        (True, pytest.approx(1 / 0.68)),  # the mean of 1 and 0.36 is 0.68
        (True, pytest.approx(0.36 / 0.68)),
        (False, 0.0),
        (False, 0.0),
    ]
    assert [(one.id, one.weight) for one in silver] == [("a", judged[0].weight), ("b", judged[1].weight)]
    assert [why(one, INFORMATIVE, QUESTIONS) for one in judged] == [
        "weight 1.47: the generator stands by its answer, which the labelers give a probability of 0.50",
        "weight 0.53: the generator stands by its answer, which the labelers give a probability of 0.10",
        "weight 0.00: asked blind, the generator gives another answer or none",
        "weight 0.00: the labelers give its answer a probability of 1.00, and doubt nothing",
    ]


def test_where_nobody_is_asked_blind_the_labelers_doubt_stands_alone() -> None:
    judged, _ = weighed(INFORMATIVE, Known.of(INFORMATIVE, []), [says(0.5), says(0.1), says(0.9), says(0.0)])
    assert [one.weight for one in judged] == pytest.approx([3 / 1.72, 1.08 / 1.72, 1.08 / 1.72, 0.0])


def test_pairs_of_value_weigh_by_it_and_others_are_no_silver() -> None:
    values = [PairValue(name, "es", value) for name, value in zip("abcd", (3.0, -1.0, 1.0, 0.0), strict=True)]
    known = Known.of(VALUE, [*values, PairValue("a", "hi", -9.0)])
    judged, silver = weighed(VALUE, known, [says(0.0)] * 4)
    assert [(j.kept, j.weight) for j in judged] == [(True, 1.5), (False, 0.0), (True, 0.5), (False, 0.0)]
    assert [(one.id, one.weight) for one in silver] == [("a", 1.5), ("c", 0.5)]
    said = "a step towards it {} the loss on the half of dev that values pairs"
    assert [why(one, VALUE, QUESTIONS) for one in judged[:2]] == [
        f"weight 1.50: {said.format('lowers')}",
        f"weight 0.00: {said.format('would not lower')}",
    ]


def test_texts_of_a_label_are_weighed_likewise() -> None:
    texts = [labelled(name, label="Lima") for name in "ab"]
    known = Known.of(INFORMATIVE, [], [completion("a", blind_answer="Lima"), completion("b", blind_answer="Cusco")])
    judged = judge(texts, [says(0.5), says(0.5)], set(), INFORMATIVE, CLASSES, known)
    assert [(one.kept, one.weight) for one in judged] == [(True, 1.0), (False, 0.0)]
