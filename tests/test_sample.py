"""The bundled sample keeps what its data card promises."""

import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from gemquad.schema import Question
from gemquad.sources.overlap import Located, find_overlaps
from gemquad.sources.squad import read_passages, read_questions

SAMPLE = Path(__file__).parents[1] / "data/sample"
QUESTION_FILES = ["gold.en", "exemplars.es", "exemplars.hi", "dev.es", "dev.hi", "test.es", "test.hi"]
ALL_FILES = [*QUESTION_FILES, "passages.es", "passages.hi"]


ROLES = ("gold", "exemplars", "dev", "test")
LABELS = {"reviews": ["negative", "positive"], "nli": ["contradiction", "entailment", "neutral"]}
TEXTS = {"reviews": ["text"], "nli": ["sentence1", "sentence2"]}
IDS = {"reviews": "review_id", "nli": "sentence_pair_id"}


def questions(name: str) -> list[Question]:
    return read_questions(SAMPLE / f"{name}.json", name[-2:])


@pytest.mark.parametrize(
    ("name", "at_least_questions", "at_least_passages"),
    [
        ("gold.en", 320, 110),
        ("exemplars.es", 10, 10),
        ("exemplars.hi", 10, 10),
        ("dev.es", 150, 50),
        ("dev.hi", 150, 50),
        ("test.es", 150, 50),
        ("test.hi", 150, 50),
    ],
)
def test_has_enough_questions_and_passages(name: str, at_least_questions: int, at_least_passages: int) -> None:
    rows = questions(name)
    assert len(rows) >= at_least_questions
    assert len({row.passage for row in rows}) >= at_least_passages


@pytest.mark.parametrize("language", ["es", "hi"])
def test_has_enough_unlabelled_passages(language: str) -> None:
    assert len(read_passages(SAMPLE / f"passages.{language}.json", language)) >= 80


@pytest.mark.parametrize("name", ALL_FILES)
def test_passages_are_short_paragraphs(name: str) -> None:
    for passage in read_passages(SAMPLE / f"{name}.json", name[-2:]):
        assert 50 <= len(passage.text.split()) <= 110, passage.text
        assert passage.text == " ".join(passage.text.split()), passage.text


@pytest.mark.parametrize("name", QUESTION_FILES)
def test_answers_are_whole_words_without_stray_punctuation(name: str) -> None:
    for row in questions(name):
        start, text = row.answer_starts[0], row.answers[0]
        around = row.passage[start - 1 : start] + row.passage[start + len(text) : start + len(text) + 1]
        assert not any(character.isalnum() for character in around), row
        assert text == text.strip(" .,;:।"), row


@pytest.mark.parametrize("name", ["gold.en", "dev.es", "dev.hi", "test.es", "test.hi"])
def test_answers_vary(name: str) -> None:
    rows = questions(name)
    lengths = [len(row.answers[0].split()) for row in rows]
    numbers = sum(any(character.isdigit() for character in row.answers[0]) for row in rows)
    later = sum(row.passage.index(row.answers[0]) < row.answer_starts[0] for row in rows)
    assert sum(length == 1 for length in lengths) < 0.75 * len(rows)
    assert sum(length >= 3 for length in lengths) > 0.15 * len(rows)
    assert 0.05 * len(rows) < numbers < 0.6 * len(rows)
    assert later >= 5


def test_no_passage_has_two_roles() -> None:
    by_file = {name: [p.text for p in read_passages(SAMPLE / f"{name}.json", name[-2:])] for name in ALL_FILES}
    texts = [text for passages in by_file.values() for text in passages]
    assert len(texts) == len(set(texts))
    roles = ("gold", "exemplars", "passages", "dev", "test")
    by_role = {role: [t for name, ts in by_file.items() if name.startswith(role) for t in ts] for role in roles}
    located = {role: [Located(text, role) for text in texts] for role, texts in by_role.items()}
    assert not any(overlap.examples for overlap in find_overlaps(located))


def test_question_ids_are_unique_over_all_files() -> None:
    ids = [row.id for name in QUESTION_FILES for row in questions(name)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ALL_FILES)
def test_hindi_is_in_devanagari_and_files_are_plain_squad(name: str) -> None:
    document = json.loads((SAMPLE / f"{name}.json").read_text(encoding="utf-8"))
    assert set(document) == {"version", "data"}
    for passage in read_passages(SAMPLE / f"{name}.json", name[-2:]):
        devanagari = sum("\u0900" <= character <= "\u097f" for character in passage.text)
        assert (devanagari > 0.5 * len(passage.text)) == name.endswith("hi")


def rows(task: str, role: str) -> list[dict[str, str]]:
    lines = (SAMPLE / f"{task}.{role}.ja.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def texts(task: str, role: str) -> list[str]:
    return ["".join(row[name] for name in TEXTS[task]) for row in rows(task, role)]


@pytest.mark.parametrize(
    ("task", "sizes"),
    [
        ("reviews", {"gold": 100, "exemplars": 12, "dev": 60, "test": 100}),
        ("nli", {"gold": 120, "exemplars": 18, "dev": 60, "test": 120}),
    ],
)
def test_labelled_texts_are_as_many_of_each_label(task: str, sizes: dict[str, int]) -> None:
    for role, size in sizes.items():
        counts = Counter(row["label"] for row in rows(task, role))
        assert counts == {label: size // len(LABELS[task]) for label in LABELS[task]}


@pytest.mark.parametrize(("task", "shortest", "longest"), [("reviews", 15, 80), ("nli", 12, 29)])
def test_labelled_texts_are_short_and_japanese(task: str, shortest: int, longest: int) -> None:
    for row in (row for role in ROLES for row in rows(task, role)):
        assert set(row) == {IDS[task], *TEXTS[task], "label"}
        for text in (row[name] for name in TEXTS[task]):
            assert shortest <= len(text) <= longest and text == text.strip() and "\n" not in text, row
            kana = sum("\u3040" <= character <= "\u30ff" for character in text)
            assert kana > 0.2 * len(text), row
        assert len({row[name] for name in TEXTS[task]}) == len(TEXTS[task]), row


@pytest.mark.parametrize("task", ["reviews", "nli"])
def test_labelled_texts_have_an_id_of_their_own_and_none_has_two_roles(task: str) -> None:
    ids = [row[IDS[task]] for role in ROLES for row in rows(task, role)]
    assert len(ids) == len(set(ids))
    whole = [text for role in ROLES for text in texts(task, role)]
    assert len(whole) == len(set(whole))
    for first, second in combinations(ROLES, 2):
        alike = cdist(texts(task, first), texts(task, second), scorer=fuzz.ratio)
        assert alike.max() < 60, (first, second)
