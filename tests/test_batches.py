import random

from gemquad.student.batches import ByLength

LENGTHS = [random.Random(number).randint(40, 384) for number in range(1003)]


def padding(lengths: list[int], order: list[int], size: int) -> float:
    batches = [[lengths[row] for row in order[at : at + size]] for at in range(0, len(order), size)]
    return 1 - sum(lengths) / sum(max(batch) * len(batch) for batch in batches)


def test_every_row_once_with_little_padding() -> None:
    order = list(ByLength(LENGTHS, 8, 1))
    assert sorted(order) == list(range(1003))
    assert padding(LENGTHS, order, 8) < 0.04 < 0.2 < padding(LENGTHS, list(range(1003)), 8)


def test_the_order_follows_from_seed_and_epoch() -> None:
    one, two = ByLength(LENGTHS, 8, 1), ByLength(LENGTHS, 8, 1)
    first = list(one)
    two.epoch = 1
    assert list(two) != first
    two.epoch = 0
    assert list(two) == first
    assert list(ByLength(LENGTHS, 8, 2)) != first


def test_long_and_short_batches_come_mixed() -> None:
    order = list(ByLength(LENGTHS[:400], 8, 1))
    means = [sum(LENGTHS[row] for row in order[at : at + 8]) / 8 for at in range(0, 400, 8)]
    assert abs(sum(means[:25]) - sum(means[25:])) / 25 < 40


def test_only_the_last_batch_is_short() -> None:
    order = list(ByLength([5, 1, 4, 2, 3], 2, 1))
    assert sorted(order[:4]) != order[:4] or sorted(order) == [0, 1, 2, 3, 4]
    assert ByLength([5, 1, 4, 2, 3], 2, 1).batches == 3


def test_few_rows_are_not_sorted_by_label_where_labels_have_their_lengths() -> None:
    of_two_labels = [10] * 8 + [12] * 8
    batches = [list(ByLength(of_two_labels, 8, seed))[:8] for seed in range(10)]
    assert not any({of_two_labels[row] for row in batch} == {10} for batch in batches)
