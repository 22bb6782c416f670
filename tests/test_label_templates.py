"""The prompting of a task over labelled texts: what is read, and every mistake named."""

from typing import Any

import pytest

from gemquad.errors import UserError
from gemquad.tasks.prompting import LabelPhrases, LabelPrompting, Names
from gemquad.tasks.settings import Classification, Columns, Similarity
from task_sections import prompting_of

REVIEWS = Classification(
    "reviews", "text_classification", {"positive": "1", "negative": "0"}, Columns("text", "label"), ["accuracy"]
)
ALIKE = Similarity("alike", "pair_similarity", (0.0, 5.0), Columns("a", "label", "b"), ["pearson"])
SECTION: dict[str, Any] = {
    "shots": 2,
    "prompts": 12,
    "words_share": 0.5,
    "names": {"text": "Text", "label": "Rating"},
    "write": "Write a {label} review.",
    "with_words": " It is about a {words}.",
    "solve": "Rate the review.",
    "labels": {"positive": {"wanted": "happy", "answer": "good"}, "negative": {"wanted": "sad", "answer": "bad"}},
    "words": ["pan"],
}
PAIR_SECTION: dict[str, Any] = {
    **SECTION,
    "names": {"text": "First", "second": "Second", "label": "Similarity"},
    "write": "Write a caption.",
    "write_second": "Second, {label}",
    "labels": {"0": {"wanted": "unlike", "answer": "0"}, "5": {"wanted": "the same", "answer": "5"}},
}


def test_a_section_is_read() -> None:
    assert prompting_of(SECTION, REVIEWS) == LabelPrompting(
        shots=2,
        prompts=12,
        words_share=0.5,
        names=Names("Text", "Rating"),
        write="Write a {label} review.",
        with_words=" It is about a {words}.",
        solve="Rate the review.",
        labels={"positive": LabelPhrases("happy", "good"), "negative": LabelPhrases("sad", "bad")},
        words=["pan"],
    )
    pairs = prompting_of(PAIR_SECTION, ALIKE)
    assert (pairs.names.second, pairs.write_second, list(pairs.labels)) == ("Second", "Second, {label}", ["0", "5"])


def test_without_task_words_their_settings_may_be_empty() -> None:
    assert prompting_of({**SECTION, "words_share": 0, "words": [], "with_words": ""}, REVIEWS).words == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shots": -1}, "prompting.shots is out of range; it must be 0 or more"),
        ({"prompts": 0}, "prompting.prompts is out of range; it must be 1 or more"),
        ({"words_share": 1.1}, "prompting.words_share is out of range; it must be 0 to 1"),
        ({"words_share": -0.1}, "prompting.words_share is out of range; it must be 0 to 1"),
        ({"words": []}, "prompting.words must be a list of words, or set prompting.words_share=0"),
        ({"with_words": " It is small."}, "prompting.with_words must be a sentence with {words} in it"),
        ({"write": "Write a review."}, "prompting.write must be a text with {label} in it"),
        ({"write": "Write a\n{label} review."}, "prompting.write is out of range; it must be one line"),
        ({"names": {"text": "Text"}}, "setting 'prompting.names.label' is missing"),
        ({"wirte": "…"}, "prompting.wirte: unknown setting; nearest: prompting.write."),
        ({"shots": "two"}, "prompting.shots is 'two'; expected int"),
    ],
)
def test_a_mistake_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as error:
        prompting_of({**SECTION, **changes}, REVIEWS)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"write_second": None}, "prompting.write_second must be a text with {label} in it"),
        ({"write_second": "Second"}, "prompting.write_second must be a text with {label} in it"),
        ({"write_second": "Second\n{label}"}, "prompting.write_second is out of range; it must be one line"),
        (
            {"names": {"text": "First", "label": "S"}},
            "prompting.names.second must be the name of the second text's line",
        ),
    ],
)
def test_a_mistake_of_a_task_over_pairs_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as error:
        prompting_of({**PAIR_SECTION, **changes}, ALIKE)
    assert message in str(error.value)


@pytest.mark.parametrize("labels", [["positive"], ["positive", "negative", "neutral"], ["positive", "negatve"]])
def test_labels_other_than_those_of_the_task_are_named(labels: list[str]) -> None:
    phrases = {label: {"wanted": "w", "answer": "a"} for label in labels}
    with pytest.raises(UserError) as error:
        prompting_of({**SECTION, "labels": phrases}, REVIEWS)
    named = ", ".join(repr(label) for label in labels)
    assert str(error.value) == (
        f"params.yaml: prompting.labels has {named}; task.labels has 'positive', 'negative'. Each needs a wording. "
        "Correct it in conf/task/reviews.yaml."
    )


@pytest.mark.parametrize(("section", "task"), [(SECTION, REVIEWS), (PAIR_SECTION, ALIKE)])
def test_labels_of_one_answer_cannot_be_told_apart(section: dict[str, Any], task: Classification | Similarity) -> None:
    phrases = {label: {"wanted": f"w{label}", "answer": "a"} for label in section["labels"]}
    with pytest.raises(UserError, match=r"prompting\.labels gives two labels the same answer\. Each needs its own"):
        prompting_of({**section, "labels": phrases}, task)


@pytest.mark.parametrize("labels", [["0"], ["0", "6"], ["-1", "5"], ["0", "much"], ["0", "nan"]])
def test_numbers_outside_the_range_are_named(labels: list[str]) -> None:
    phrases = {label: {"wanted": "w", "answer": "a"} for label in labels}
    with pytest.raises(UserError, match="expected two or more numbers from 0 to 5, in quotes") as error:
        prompting_of({**PAIR_SECTION, "labels": phrases}, ALIKE)
    assert all(repr(label) in str(error.value) for label in labels)
