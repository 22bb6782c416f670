from dataclasses import replace
from pathlib import Path

import pytest

from gemquad.params import Filter, load_params
from gemquad.report.content import Looser
from gemquad.report.levers import levers, looser
from gemquad.schema import Judgement
from gemquad.settings.compose import compose
from gemquad.tasks.loading import load_saved_task
from test_page import CLASSES, NUMBERS

ROOT = Path(__file__).parents[1]
READING = load_saved_task({"name": "reading", "kind": "extractive_qa"})


@pytest.fixture(scope="module")
def rule(tmp_path_factory: pytest.TempPathFactory) -> Filter:
    return load_params(compose(ROOT, [], tmp_path_factory.mktemp("composed") / "params.yaml")).filter


def judged(agreement: float, language: str = "es", kept: bool = False, **changes: float) -> Judgement:
    fields = {"votes": 0.0, "probability": 0.0, "labeler_confidence": 0.5, **changes}
    return Judgement("p", language, "x", 0, agreement=agreement, repaired=False, weight=1.0, kept=kept, **fields)


def test_of_spans_the_pairs_are_those_between_a_looser_f1_and_the_asked_one(rule: Filter) -> None:
    made = [judged(0.5), judged(0.79, "hi"), judged(0.49), judged(0.9, kept=True)]
    assert looser(rule, made, READING) == Looser("filter.min_f1=0.5", {"es": 1, "hi": 1})
    assert looser(replace(rule, min_confidence=0.6), made, READING) is None


def test_a_pair_that_a_corrected_one_replaced_was_not_dropped_by_the_threshold(rule: Filter) -> None:
    assert looser(rule, [judged(0.9)], READING) is None


def test_of_numbers_twice_the_tolerance_of_classes_nothing(rule: Filter) -> None:
    """A range of 5: 0.5 apart is 0.9, 1.0 apart 0.8."""
    assert looser(rule, [judged(0.85), judged(0.7)], NUMBERS) == Looser("filter.tolerance=1.0", {"es": 1})
    assert looser(rule, [judged(0.0)], CLASSES) is None


def test_votes_and_probabilities_have_thresholds_of_their_own(rule: Filter) -> None:
    votes = replace(rule, labelers=3)
    assert looser(votes, [judged(0.0, votes=1 / 3)], READING) == Looser("filter.min_votes=0.2", {"es": 1})
    expected = replace(rule, agreement="expected")
    assert looser(expected, [judged(0.0, probability=0.3)], READING) == Looser("filter.min_probability=0.2", {"es": 1})
    assert looser(replace(rule, weights="agreement"), [judged(0.5)], READING) is None


def test_the_number_of_prompts_goes_by_the_task(tmp_path: Path) -> None:
    questions = load_params(compose(ROOT, [], tmp_path / "params.yaml"))
    assert (levers(questions, [], READING).prompts, levers(questions, [], READING).prompts_each) == (
        "prompting.prompts_per_passage",
        6,
    )
    texts = load_params(compose(ROOT, ["task=jnli"], tmp_path / "params.yaml"))
    assert levers(texts, [], CLASSES).prompts == "prompting.prompts"
