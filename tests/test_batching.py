"""Sequences of small whole numbers: what they share is computed once, and a batch keeps to its budget."""

import random
from collections.abc import Sequence

import pytest

from gemquad.generation.decoder.batching import chunks, plan_batches, shared_prefixes


def run_of(first: int, count: int) -> list[int]:
    return list(range(first, first + count))


def computed(sequences: Sequence[Sequence[int]], shared: Sequence[int]) -> int:
    """Tokens to compute: every distinct prefix once, and of every sequence what follows."""
    prefixes = {tuple(sequence[:length]) for sequence, length in zip(sequences, shared, strict=True)}
    return sum(map(len, prefixes)) + sum(len(s) - length for s, length in zip(sequences, shared, strict=True))


def families(seed: int) -> list[list[int]]:
    """Sequences of 1 to 90 tokens, shuffled: sets of exemplars, passages after them, completions after those; and loners."""
    draw = random.Random(seed)
    sequences = [run_of(draw.randrange(10_000), draw.randint(1, 40)) for _ in range(draw.randrange(8))]
    for number in range(draw.randint(1, 4)):
        exemplars = run_of(1000 * number, draw.randint(1, 40))
        for passage in range(draw.randint(1, 4)):
            text = exemplars + run_of(100_000 + 100 * passage, draw.randint(0, 40))
            sequences += [text + run_of(draw.randrange(10), draw.randint(1, 10)) for _ in range(draw.randint(1, 5))]
    draw.shuffle(sequences)
    return sequences


def test_what_many_begin_with_is_shared() -> None:
    exemplars, others = run_of(0, 20), run_of(50, 33)
    sequences = [
        [*exemplars, 100, 1],
        [*others, 100],
        [*exemplars, 101, 2, 3],
        [*others, 102, 5],
        [*exemplars, 102],
        run_of(200, 40),
    ]
    assert shared_prefixes(sequences) == [20, 33, 20, 33, 20, 0]


def test_short_prefixes_are_not_worth_sharing() -> None:
    assert shared_prefixes([[*run_of(0, 15), 90, 91], [*run_of(0, 15), 92]]) == [0, 0]
    assert shared_prefixes([[*run_of(0, 16), 90, 91], [*run_of(0, 16), 92]]) == [16, 16]


def test_the_last_token_is_never_shared() -> None:
    assert shared_prefixes([run_of(0, 20), run_of(0, 25)]) == [19, 19]
    assert shared_prefixes([run_of(0, 17), run_of(0, 17)]) == [16, 16]
    assert shared_prefixes([run_of(0, 16), run_of(0, 16)]) == [0, 0]


def test_identical_sequences_share_all_but_their_last_token() -> None:
    assert shared_prefixes([run_of(0, 30)] * 4) == [29, 29, 29, 29]


def test_one_sequence_or_none_shares_nothing() -> None:
    assert shared_prefixes([run_of(0, 50)]) == [0]
    assert shared_prefixes([]) == []


@pytest.mark.parametrize(("passage", "expected"), [(5, 20), (14, 20), (15, 20), (16, 36), (40, 60)])
def test_of_nested_prefixes_the_one_that_saves_more_is_shared(passage: int, expected: int) -> None:
    """4 passages of two completions after 20 tokens of exemplars: 7 x 20 tokens saved, or 4 x (20 + passage)."""
    texts = [[*run_of(0, 20), *run_of(100 * number, passage)] for number in range(1, 5)]
    assert shared_prefixes([[*text, token] for text in texts for token in (7, 8)]) == [expected] * 8


def test_a_loner_among_nested_prefixes_shares_what_it_can() -> None:
    exemplars = run_of(0, 20)
    sequences = [[*exemplars, 50, 51], *([*exemplars, *run_of(60, 5), token] for token in (1, 2, 3))]
    assert shared_prefixes(sequences) == [20, 20, 20, 20]
    sequences = [[*exemplars, 50, 51], *([*exemplars, *run_of(60, 50), token] for token in (1, 2, 3))]
    assert shared_prefixes(sequences) == [0, 70, 70, 70]


@pytest.mark.parametrize("seed", range(20))
def test_sharing_never_computes_more(seed: int) -> None:
    sequences = families(seed)
    shared = shared_prefixes(sequences)
    assert computed(sequences, shared) <= computed(sequences, [0] * len(sequences))
    prefixes = [tuple(sequence[:length]) for sequence, length in zip(sequences, shared, strict=True)]
    for sequence, length, prefix in zip(sequences, shared, prefixes, strict=True):
        assert length == 0 or (16 <= length < len(sequence) and prefixes.count(prefix) > 1)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("budget", [1, 100, 400, 100_000])
def test_every_row_is_in_one_batch_under_the_budget(seed: int, budget: int) -> None:
    sequences = families(seed)
    room = [random.Random(seed).randint(0, 30) for _ in sequences]
    batches = plan_batches(sequences, room, budget)
    assert sorted(row for batch in batches for row in batch) == list(range(len(sequences)))
    for batch in batches:
        widest = max(len(sequences[row]) + room[row] for row in batch)
        assert len(batch) == 1 or widest * len(batch) <= budget
    assert plan_batches(sequences, room, budget) == batches
    assert plan_batches([tuple(sequence) for sequence in sequences], tuple(room), budget) == batches


def test_rows_that_share_stand_together_by_length() -> None:
    first, second = run_of(0, 20), run_of(500, 20)
    sequences = [
        [*first, 1, 1],
        [*second, 1],
        run_of(900, 30),
        [*first, 2],
        [*second, 2],
        run_of(700, 3),
        [*first, 3, 3, 3],
    ]
    assert plan_batches(sequences, [0] * 7, token_budget=1000) == [[5, 2, 3, 0, 6, 1, 4]]
    assert plan_batches(sequences, [0] * 7, token_budget=69) == [[5, 2], [3, 0, 6], [1, 4]]
    assert plan_batches(sequences, [0] * 7, token_budget=50) == [[5], [2], [3, 0], [6, 1], [4]]
    assert plan_batches(sequences, [100] * 7, token_budget=1000) == [[5, 2, 3, 0, 6, 1, 4]]
    assert plan_batches(sequences, [100, 100, 100, 300, 100, 100, 100], token_budget=1000) == [
        [5, 2, 3],
        [0, 6, 1, 4],
    ]
    assert plan_batches([], [], token_budget=10) == []


def test_a_row_over_the_budget_runs_alone() -> None:
    sequences = [[*run_of(0, 20), token] for token in (1, 2, 3)]
    assert plan_batches(sequences, [5, 5, 5], token_budget=3) == [[0], [1], [2]]


def test_chunks_hold_neighbours_or_one_item_that_is_too_large() -> None:
    assert list(chunks("abcdef", [2, 3, 9, 1, 4, 1], most=5)) == [["a", "b"], ["c"], ["d", "e"], ["f"]]
    assert list(chunks([], [], most=5)) == []
