"""Pairs that people checked, as silver of every round."""

from collections.abc import Sequence
from dataclasses import asdict, replace

from gemquad.rounds.silver import Pair, Silver
from gemquad.schema import Example
from gemquad.schema.results import SilverCounts
from gemquad.tasks.base import AnyDefinition


def with_corrected(
    silver: Silver[Pair], corrected: Sequence[Example], seen: set[str], task: AnyDefinition
) -> Silver[Pair]:
    """The silver with the pairs that people checked, in place of those of the same id; they count as candidates that were kept.

    What was generated under such an id is kept by no judgement.
    """
    checked = [task.records.silver(**asdict(task.pair(one)), weight=1.0) for one in corrected]
    replaced = {(pair.language, pair.id) for pair in checked}
    others = [pair for pair in silver.pairs if (pair.language, pair.id) not in replaced]
    judgements = [
        replace(one, kept=False, repaired=False) if (one.language, one.id) in replaced else one
        for one in silver.judgements
    ]
    counts = dict(silver.counts)
    for language in dict.fromkeys(pair.language for pair in checked):
        judged = {one.id for one in judgements if one.language == language}
        kept = [pair.id for pair in [*others, *checked] if pair.language == language]
        new = sum(identifier not in seen for identifier in kept)
        counts[language] = SilverCounts(len(judged.union(kept)), len(kept), new)
    return Silver([*others, *checked], judgements, counts)
