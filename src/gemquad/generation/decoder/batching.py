"""Which sequences stand together, and which share a prefix."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

Item = TypeVar("Item")

_WORTH_SHARING = 16  # tokens
_LEVELS = 16  # of prefixes within prefixes


def plan_batches(sequences: Sequence[Sequence[int]], room: Sequence[int], token_budget: int) -> list[list[int]]:
    """Positions of sequences that run together: as long as the longest, with `room[i]` tokens to write, under `token_budget`.

    Sequences that share a prefix stand together, and among them those of similar length. The plan depends on `sequences` alone,
    not on what is already in the store, so that a resumed run batches as an uninterrupted one.
    """
    shared = shared_prefixes(sequences)
    order = sorted(range(len(sequences)), key=lambda i: (list(sequences[i][: shared[i]]), len(sequences[i]), i))
    batches: list[list[int]] = []
    widest = 0
    for i in order:
        width = len(sequences[i]) + room[i]
        if batches and max(width, widest) * (len(batches[-1]) + 1) <= token_budget:
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


def chunks(items: Sequence[Item], tokens: Sequence[int], most: int) -> Iterator[list[Item]]:
    """Neighbours that have at most `most` tokens together, or one item that has more; `tokens[i]` are those of item i."""
    chunk: list[Item] = []
    total = 0
    for item, count in zip(items, tokens, strict=True):
        if chunk and total + count > most:
            yield chunk
            chunk, total = [], 0
        chunk.append(item)
        total += count
    if chunk:
        yield chunk
