"""Which sequences share a batch and a prefix, and sequences of different length as one tensor."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

_WORTH_SHARING = 16  # tokens
_LEVELS = 16  # of prefixes within prefixes


def plan_batches(sequences: Sequence[Sequence[int]], room: Sequence[int], token_budget: int) -> list[list[int]]:
    """Positions of sequences that run together: padded to the longest, with `room[i]` tokens to write, under `token_budget`.

    Sequences that share a prefix stand together, and among them those of similar length; those that share nothing stand apart,
    because a batch computes as many tokens of every row as of the row with the most of its own. The plan depends on `sequences`
    alone, not on what is already in the store, so that a resumed run batches as an uninterrupted one.
    """
    shared = shared_prefixes(sequences)
    order = sorted(range(len(sequences)), key=lambda i: (list(sequences[i][: shared[i]]), len(sequences[i]), i))
    batches: list[list[int]] = []
    widest = 0
    for i in order:
        width = len(sequences[i]) + room[i]
        joins = batches and bool(shared[i]) == bool(shared[batches[-1][0]])
        if joins and max(width, widest) * (len(batches[-1]) + 1) <= token_budget:
            batches[-1].append(i)
            widest = max(width, widest)
        else:
            batches.append([i])
            widest = width
    return batches


def shared_prefixes(sequences: Sequence[Sequence[int]]) -> list[int]:
    """For each sequence, how many leading tokens to compute once for it and others.

    In sorted order, sequences with a common prefix are neighbours. A run of neighbours shares what all of it has in common, or
    falls apart, everywhere where that prefix ends, into runs that share more: whichever leaves fewer tokens to compute. The last
    token is never shared, because its logits are needed.
    """
    order = sorted(range(len(sequences)), key=lambda i: list(sequences[i]))
    common = [_common(sequences[i], sequences[j]) for i, j in pairwise(order)]
    lengths = [len(sequences[i]) for i in order]
    shared = [0] * len(sequences)
    for run in _best_runs(_Run(0, len(order)), common, lengths, _LEVELS)[1]:
        for place in range(run.begin, run.end):
            shared[order[place]] = run.shared
    return shared


def _common(a: Sequence[int], b: Sequence[int]) -> int:
    """How many tokens two sequences begin with alike."""
    different = (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y)
    return next(different, min(len(a), len(b)))


@dataclass(frozen=True)
class _Run:
    """Neighbours `begin` to `end` (exclusive) in sorted order, of which the first `shared` tokens are computed once."""

    begin: int
    end: int
    shared: int = 0


def _best_runs(run: _Run, common: Sequence[int], lengths: Sequence[int], levels: int) -> tuple[int, list[_Run]]:
    """The tokens to compute for `run`, and how it is best cut; `common[i]` is what neighbours i and i + 1 share."""
    tokens = sum(lengths[run.begin : run.end])
    if run.end - run.begin < 2:
        return tokens, [run]
    prefix = min(common[run.begin : run.end - 1])
    usable = min(prefix, min(lengths[run.begin : run.end]) - 1)
    together = [_Run(run.begin, run.end, usable)] if usable >= _WORTH_SHARING else [run]
    spent = tokens - (run.end - run.begin - 1) * together[0].shared
    if levels == 0:
        return spent, together
    cuts = [i + 1 for i in range(run.begin, run.end - 1) if common[i] == prefix]
    pieces = [
        _best_runs(_Run(begin, end), common, lengths, levels - 1)
        for begin, end in pairwise([run.begin, *cuts, run.end])
    ]
    apart = sum(cost for cost, _ in pieces)
    return (apart, [piece for _, split in pieces for piece in split]) if apart < spent else (spent, together)


def left_pad(sequences: Sequence[list[int]], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Token ids, attention mask and positions, each [rows, longest]; padding on the left, so that all rows end together."""
    longest = max(map(len, sequences))
    ids = torch.zeros(len(sequences), longest, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        ids[row, longest - len(sequence) :] = torch.tensor(sequence)
        mask[row, longest - len(sequence) :] = 1
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    return ids.to(device), mask.to(device), positions.to(device)
