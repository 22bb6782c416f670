from random import Random

import pytest

from gemquad.schema.results import Diversity, LanguageDiversity
from gemquad.scoring.diversity import distinct_n, diversity, diversity_by, nearest, self_similarity

NUMBERED = [f"Satz Nummer {i} handelt von {i * i} Dingen." for i in range(400)]


def test_distinct_n_is_the_share_of_different_n_grams() -> None:
    """the cat, cat sat | the cat, cat ran: 3 of 4 pairs, 4 of 6 words."""
    texts = ["the cat sat", "the cat ran."]
    assert distinct_n(texts, 1) == pytest.approx(4 / 6)
    assert distinct_n(texts, 2) == pytest.approx(3 / 4)
    assert distinct_n(texts, 3) == 1


def test_n_grams_do_not_reach_across_texts() -> None:
    assert distinct_n(["a b", "c a", "b c"], 2) == 1
    assert distinct_n(["a", "b"], 2) is None


def test_scripts_without_spaces_count_characters() -> None:
    """犬 が 走 る and 猫 が 走 る."""
    assert distinct_n(["犬が走る。", "猫が走る。"], 1) == pytest.approx(5 / 8)
    assert distinct_n(["犬が走る。", "猫が走る。"], 2) == pytest.approx(4 / 6)


def test_similarity_is_twice_what_two_texts_share_over_their_lengths() -> None:
    """犬が走る and 猫が走る share three of four characters; "x" shares nothing."""
    assert self_similarity(["犬が走る", "猫が走る"], seed=0) == pytest.approx(0.75)
    assert self_similarity(["犬が走る", "猫が走る", "x"], seed=0) == pytest.approx(0.75 / 3)
    assert nearest(["犬が走る", "猫が走る", "x"], seed=0) == pytest.approx((0.75 + 0.75 + 0) / 3)


def test_a_copy_is_nearest_but_a_text_is_not_its_own_copy() -> None:
    assert nearest(["abc", "abc", "xyz"], seed=0) == pytest.approx(2 / 3)
    assert nearest(["abc", "xyz"], seed=0) == 0


def test_large_sets_are_sampled_with_the_seed() -> None:
    assert self_similarity(NUMBERED, seed=1) == self_similarity(NUMBERED, seed=1) != self_similarity(NUMBERED, seed=2)
    assert self_similarity(NUMBERED, seed=1) == pytest.approx(self_similarity(NUMBERED, seed=2), abs=0.02)
    assert self_similarity(NUMBERED[:300], seed=1) == pytest.approx(self_similarity(NUMBERED[:300], seed=2))


@pytest.mark.parametrize("texts", [[], ["ein Text"]])
def test_fewer_than_two_texts_have_no_diversity(texts: list[str]) -> None:
    found = diversity(texts)
    assert found == Diversity(len(texts), None, None, None, None, None)


def test_repetition_shows_in_every_number() -> None:
    varied, repeated = diversity(NUMBERED[:50]), diversity(NUMBERED[:5] * 10)
    assert varied.distinct_1 > repeated.distinct_1
    assert varied.distinct_2 > repeated.distinct_2 and varied.distinct_3 > repeated.distinct_3
    assert varied.self_similarity < repeated.self_similarity and varied.nearest < repeated.nearest == 1


def test_sets_are_compared_at_the_size_of_the_smallest_that_is_not_empty() -> None:
    found = diversity_by({"all": NUMBERED, "few": NUMBERED[:20], "none": []})
    assert found.compared == 20
    assert {name: one.texts for name, one in found.sets.items()} == {"all": 400, "few": 20, "none": 0}
    assert {name: one.texts for name, one in found.equal.items()} == {"all": 20, "few": 20}
    assert found.equal["few"] == found.sets["few"]
    assert found.sets["all"].distinct_1 < found.equal["all"].distinct_1
    assert found == diversity_by({"all": NUMBERED, "few": NUMBERED[:20], "none": []})


def test_one_set_is_compared_with_nothing() -> None:
    found = diversity_by({"all": NUMBERED[:30], "none": []})
    assert (found.compared, found.equal, found.sets["all"].texts) == (None, {}, 30)
    assert diversity_by({}) == LanguageDiversity({}, None, {})


def test_distinct_is_the_share_of_different_tuples_of_words() -> None:
    draw = Random(3)
    texts = [" ".join(draw.choices("abcdefg", k=draw.randrange(9))) for _ in range(200)]
    for n in (1, 2, 3):
        grams = [tuple(words[at : at + n]) for words in map(str.split, texts) for at in range(len(words) - n + 1)]
        assert distinct_n(texts, n) == len(set(grams)) / len(grams)
