"""The order of training rows: batches of rows of similar length, so that little of a batch is padding."""

import random
from collections.abc import Iterator, Sequence

from torch.utils.data import Sampler

_POOL = 50
"""So many batches at most are made of rows that were drawn together."""

_POOLS = 4
"""So many pools at least has an epoch, or few rows sorted by length would be sorted by label where labels have their lengths."""


class ByLength(Sampler[int]):
    """Samples row numbers, batch after batch, from the rows' `lengths` in tokens; only the last batch may be incomplete.

    Rows are drawn at random, a pool of several batches at a time, sorted by length within it and cut into batches, which come in
    random order. All of it follows from `seed` and `epoch` alone, so that a training can go on in the middle of an epoch.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self._lengths, self._batch_size, self._seed = lengths, batch_size, seed
        self.epoch = 0

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def batches(self) -> int:
        """The number of batches in an epoch."""
        return -(-len(self._lengths) // self._batch_size)

    def __iter__(self) -> Iterator[int]:
        draw = random.Random(f"{self._seed} {self.epoch}")
        rows = draw.sample(range(len(self)), len(self))  # a permutation of all row numbers
        pool = min(_POOL, -(-self.batches // _POOLS)) * self._batch_size  # rows in a pool, whole batches
        batches = []
        for at in range(0, len(rows), pool):
            near = sorted(rows[at : at + pool], key=lambda row: self._lengths[row])
            batches += [near[i : i + self._batch_size] for i in range(0, len(near), self._batch_size)]
        # The incomplete batch stays last: shuffled, it would shift all later batches, which are cut by position
        short = [batches.pop()] if len(rows) % self._batch_size else []
        draw.shuffle(batches)
        for batch in batches + short:
            yield from batch
