"""Which synthetic pairs go before the weak labeler, written out."""

from pathlib import Path
from typing import Any

import pytest

from conftest import completion, labelled, pair
from gemquad.params import load_params
from gemquad.rounds.candidates import candidates, likeliest, likelihoods
from gemquad.tasks.labelled.classification import ClassificationTask
from gemquad.tasks.loading import load_task
from gemquad.tasks.settings import Classification, Columns

UNRANKED = {"answer_logprob": float("-inf"), "answer_prior_logprob": float("-inf")}
UNGAINED = {"answer_prior_logprob": float("-inf")}
QUESTIONS = load_task(load_params(Path(__file__).parents[1] / "params.yaml"))
REVIEWS = ClassificationTask(
    Classification(
        "reviews", "text_classification", {"positive": "1", "negative": "0"}, Columns("text", "label"), ["accuracy"]
    )
)


def ids(pairs: list[Any]) -> list[str]:
    return [one.id for one in pairs]


@pytest.mark.parametrize(
    ("fraction", "expected"), [(0.2, ["b", "d"]), (0.5, ["b", "c", "d"]), (1.0, ["a", "b", "c", "d"])]
)
def test_the_likeliest_of_each_language_are_kept_in_their_order(fraction: float, expected: list[str]) -> None:
    pairs = [pair("a"), pair("b"), pair("c"), pair("d", language="hi")]
    logprobs = {"a": -3.0, "b": -1.0, "c": -2.0, "d": -8.0}
    completions = [completion(name, answer_logprob=value, **UNGAINED) for name, value in logprobs.items()]
    assert ids(candidates(pairs, completions, fraction, QUESTIONS)) == expected


def test_labels_stay_balanced() -> None:
    texts = [
        labelled("a", "よい", "", "positive"),
        labelled("b", "とてもよい", "", "positive"),
        labelled("c", "悪い", "", "negative"),
        labelled("d", "とても悪い", "", "negative"),
    ]
    logprobs = {"a": -1.0, "b": -2.0, "c": -8.0, "d": -9.0}
    completions = [completion(name, answer_logprob=value, **UNGAINED) for name, value in logprobs.items()]
    assert ids(candidates(texts, completions, 0.5, REVIEWS)) == ["a", "c"]


def test_all_are_candidates_of_a_generator_that_tells_no_likelihoods() -> None:
    assert ids(candidates([pair("a"), pair("b")], [completion("a", **UNRANKED)], 1.0, QUESTIONS)) == ["a", "b"]


def test_a_pair_with_a_prior_is_ranked_by_what_the_question_adds() -> None:
    gained = completion("a", answer_logprob=-2.0, answer_prior_logprob=-9.0)
    plain = completion("b", answer_logprob=-2.0, **UNGAINED)
    assert likelihoods([gained, plain, completion("c", **UNRANKED)]) == {"a": 7.0, "b": -2.0}


def test_of_equally_likely_pairs_the_earlier_one_is_taken() -> None:
    pairs = [pair("a"), pair("b"), pair("c")]
    assert ids(likeliest(pairs, 2, {"a": -2.0, "b": -1.0, "c": -2.0})) == ["b", "a"]
