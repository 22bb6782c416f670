"""Near-duplicates against their definition, on random texts with planted ones, by every way of finding them."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from gemquad.generation import near_duplicates, readings, sketches
from gemquad.generation.near_duplicates import first_of_its_kind
from gemquad.generation.readings import possible_pairs
from gemquad.generation.sketches import Sketched

ALPHABETS = {"many": [chr(0x4E00 + number) for number in range(600)], "few": list("aaaeeeiioosrnt   ")}


def texts(alphabet: str, count: int, seed: int, lengths: tuple[int, int] = (1, 50)) -> list[str]:
    """Random texts, some characters more frequent; every third is one of the 50 before it with up to seven characters changed."""
    draw, characters = random.Random(seed), ALPHABETS[alphabet]
    made: list[str] = []
    for _ in range(count):
        text = [characters[int(len(characters) * draw.random() ** 2)] for _ in range(draw.randint(*lengths))]
        if made and draw.random() < 0.3:
            text = list(draw.choice(made[-50:]))
            for _ in range(draw.randrange(8)):
                at = draw.randrange(len(text) + 1)
                text[at : at + draw.randrange(2)] = draw.choice([[], ["x"]])
        made.append("".join(text))
    return made


def by_definition(given: Sequence[str], least: float, comparable: Callable[[int, int], bool]) -> list[bool]:
    first: list[int] = []
    for later, text in enumerate(given):
        if not any(fuzz.ratio(text, given[at]) >= 100 * least and comparable(later, at) for at in first):
            first.append(later)
    return [number in first for number in range(len(given))]


def all_comparable(later: int, earlier: int) -> bool:
    return True


WAYS = {
    "readings": {"_FEW": 0, "_LEAF": 20, "_WORTH_READING": 20, "_LOOKS": 10**6},
    "halves": {"_FEW": 0, "_LEAF": 20, "_WORTH_READING": 10**6},
    "readings or halves": {"_FEW": 0, "_LEAF": 20, "_WORTH_READING": 20, "_LOOKS": 3},
    "sketches": {"_FEW": 0, "_LEAF": 10**6},
}


@pytest.fixture(autouse=True)
def room(monkeypatch: pytest.MonkeyPatch) -> None:
    """For as many near-duplicates as there are here."""
    monkeypatch.setattr(readings, "_LIKE", 10**6)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("alphabet", ALPHABETS)
@pytest.mark.parametrize("least", [0.5, 0.8, 0.9, 1.0])
def test_the_first_of_their_kind_are_those_of_the_definition(
    way: str, alphabet: str, least: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in WAYS[way].items():
        monkeypatch.setattr(near_duplicates, name, value)
    monkeypatch.setattr(sketches, "_CACHED", 500)
    for seed in range(3):
        given = texts(alphabet, 150, seed)
        found = first_of_its_kind(given, least, all_comparable)
        assert found == by_definition(given, least, all_comparable)
        assert 0 < sum(found) < 150


@pytest.mark.parametrize("way", WAYS)
def test_only_comparable_texts_repeat_one_another(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WAYS[way].items():
        monkeypatch.setattr(near_duplicates, name, value)
    given = texts("many", 250, seed=1)

    def comparable(later: int, earlier: int) -> bool:
        assert later > earlier
        return (later + earlier) % 3 > 0

    found = first_of_its_kind(given, 0.9, comparable)
    assert found == by_definition(given, 0.9, comparable) != by_definition(given, 0.9, all_comparable)


def test_few_texts_and_none() -> None:
    assert first_of_its_kind([], 0.9, all_comparable) == []
    assert first_of_its_kind(["Lima", "Lima", "", ""], 0.9, all_comparable) == [True, False, True, False]
    assert first_of_its_kind(["Lima"] * 100, 1.01, all_comparable) == [True] * 100
    assert first_of_its_kind(["Lima"] * 100, 1.0, all_comparable) == [True] + [False] * 99
    assert first_of_its_kind([""] * 100, 0.9, all_comparable) == [True] + [False] * 99


def test_readings_and_sketches_miss_no_pair_that_few_changes_part() -> None:
    for alphabet in ALPHABETS:
        block = Sketched(texts(alphabet, 200, seed=5), 0.8)
        numbers = np.arange(200)
        pairs = possible_pairs(block, numbers, looks=10**6)
        assert pairs is not None
        by_readings = {(a, b) for later, earlier in pairs for a, b in zip(later, earlier, strict=True)}
        by_sketches = {
            (a, b) for later, earlier in block.scan(numbers, numbers) for a, b in zip(later, earlier, strict=True)
        }
        near = {
            (later, earlier)
            for later in range(200)
            for earlier in range(later)
            if Indel.normalized_similarity(block.texts[later], block.texts[earlier]) >= 0.8
        }
        assert len(near) > 20
        assert near <= by_readings <= by_sketches


def test_readings_give_up_where_texts_read_too_much_alike() -> None:
    block = Sketched(texts("few", 200, seed=5), 0.8)
    assert possible_pairs(block, np.arange(200), looks=3) is None


def test_readings_give_up_where_texts_repeat_one_another_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "_LIKE", 10)
    block = Sketched([f"Ana vive en Lima, {number}." for number in range(200)], 0.8)
    assert possible_pairs(block, np.arange(200), looks=10**6) is None


def test_comparisons_grow_with_the_number_of_texts_not_with_its_square(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = {"looks": 0, "comparisons": 0}
    possible, compare = Sketched.possible, near_duplicates.cpdist

    def looked(block: Sketched, first: Any, second: Any) -> Any:
        counted["looks"] += len(first)
        return possible(block, first, second)

    def compared(first: Any, second: Any, **settings: Any) -> Any:
        counted["comparisons"] += len(first)
        return compare(first, second, **settings)

    monkeypatch.setattr(Sketched, "possible", looked)
    monkeypatch.setattr(near_duplicates, "cpdist", compared)
    monkeypatch.setattr(near_duplicates, "_LEAF", 1000)
    monkeypatch.setattr(near_duplicates, "_WORTH_READING", 1000)
    found = {}
    for count in (2_000, 16_000):
        counted.update(looks=0, comparisons=0)
        first = first_of_its_kind(texts("many", count, seed=7, lengths=(20, 40)), 0.9, all_comparable)
        assert 0.7 * count < sum(first) < 0.9 * count
        found[count] = dict(counted)
    for what, number in found[2_000].items():
        assert number < found[16_000][what] < 1.5 * 8 * number
