"""Pairs by which generator and student differ in certainty, written out."""

from dataclasses import replace

import pytest

from conftest import ROOT, labelled, pair
from gemquad.params import Filter, load_params
from gemquad.rounds.informative import informative
from gemquad.tasks.loading import load_saved_task
from tiny_students import TASKS

RULE: Filter = replace(load_params(ROOT / "params.yaml").filter, agreement="f1", min_f1=0.5)
QUESTIONS, CLASSES = load_saved_task(TASKS["questions"]), load_saved_task(TASKS["classes"])


@pytest.mark.parametrize(
    ("blind", "probability", "expected"),
    [
        ("Lima", 0.5, 1.0),  # consistent, and the student is torn
        ("Lima", 0.9, 0.36),  # it knows the answer
        ("Lima", 0.1, 0.36),  # it is rather sure of another
        ("Lima", 1.0, 0.0),
        ("Lima", 0.0, 0.0),
        ("Lima y", 0.5, 0.666667),  # F1 of two words and one
        ("Cusco", 0.5, 0.0),  # the generator contradicts itself
        ("", 0.5, 0.0),  # it was not asked
    ],
)
def test_worth_most_where_the_generator_is_consistent_and_the_student_torn(
    blind: str, probability: float, expected: float
) -> None:
    assert informative(pair(answer="Lima"), blind, probability, RULE, QUESTIONS) == pytest.approx(expected, abs=1e-6)


def test_a_label_is_consistent_where_it_is_the_same() -> None:
    text = labelled(label="Lima")
    assert informative(text, "Lima", 0.5, RULE, CLASSES) == 1.0
    assert informative(text, "Cusco", 0.5, RULE, CLASSES) == 0.0
