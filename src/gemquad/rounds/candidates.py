"""The cut before the filter: the candidates for silver are the synthetic pairs whose answers the generator itself finds likeliest.

It is a step of the filter, not of generation: all that was parsed stays in the pool, from which comparisons draw.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from math import ceil, inf, isfinite
from typing import TypeVar

from gemquad.schema import Completion, Example
from gemquad.tasks.base import AnyDefinition

Pair = TypeVar("Pair", bound=Example)


def candidates(
    pairs: Sequence[Pair], completions: Iterable[Completion], fraction: float, task: AnyDefinition
) -> list[Pair]:
    """Of each stratum of the task the likeliest `fraction` of the pairs (`filter.keep_fraction`), in their order; 1 keeps all."""
    if fraction == 1:
        return list(pairs)
    likelihood = likelihoods(completions)
    strata: dict[Hashable, list[Pair]] = {}
    for pair in pairs:
        strata.setdefault(task.stratum(pair), []).append(pair)
    chosen = [pair for own in strata.values() for pair in likeliest(own, ceil(fraction * len(own)), likelihood)]
    identifiers = {pair.id for pair in chosen}
    return [pair for pair in pairs if pair.id in identifiers]


def likeliest(pairs: Iterable[Pair], size: int, likelihood: Mapping[str, float]) -> list[Pair]:
    """The `size` pairs of the greatest `likelihood`, which is by id, best first; of equals the earlier one.

    A pair without one comes last.
    """
    return sorted(pairs, key=lambda pair: likelihood.get(pair.id, -inf), reverse=True)[:size]


def likelihoods(completions: Iterable[Completion]) -> dict[str, float]:
    """By the id of each ranked completion the log-likelihood of its answer or, where it has a prior (`generation.rank_by:
    answer_gain`), how much what was asked raises it; nothing where `generation.rank_by` is none."""
    return {
        one.id: one.answer_logprob - (one.answer_prior_logprob if isfinite(one.answer_prior_logprob) else 0.0)
        for one in completions
        if isfinite(one.answer_logprob)
    }
