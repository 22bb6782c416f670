"""What a generation gave and what it cost.

`account` is decided by the inputs alone, so that two machines that generate the same write the same file, and DVC versions it.
`timing` is what this machine took, as the store remembers it. Both name the completions they speak of.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from gemquad.generation.engine import Engine, cost
from gemquad.generation.store import CompletionStore, Spent
from gemquad.params import Prices
from gemquad.schema import Completion, Example, Prompt
from gemquad.schema.results import (
    GenerationCounts,
    GenerationSpeed,
    GenerationSummary,
    GenerationTime,
    LanguageGeneration,
)
from gemquad.tasks.base import AnyDefinition
from gemquad.text.characters import shown


def account(
    completions: Sequence[Completion],
    pairs: Sequence[Example],
    prices: Prices,
    task: AnyDefinition,
    generator: dict[str, Any],
) -> GenerationSummary:
    """Counts by language and in total of what `generator` (its `provenance`) wrote, with the task's facts.

    Costs are in the currency of `prices`; what the machine costs by the hour is in `timing`.
    """
    languages = dict.fromkeys(c.language for c in completions)
    by_language = {}
    for language in languages:
        own = [pair for pair in pairs if pair.language == language]
        facts = task.facts(own)
        counts = _counts([c for c in completions if c.language == language], own, prices)
        by_language[language] = LanguageGeneration(
            **asdict(counts),
            facts=dict(facts.numbers),
            warnings=[*without_pairs(completions, own, language), *facts.warnings],
        )
    return GenerationSummary(_digest(completions), by_language, _counts(completions, pairs, prices), generator)


def without_pairs(completions: Iterable[Completion], pairs: Sequence[Example], language: str) -> list[str]:
    """A sentence, with the outcomes and one completion, if none of the `completions` of `language` became one of `pairs`."""
    own = [one for one in completions if one.language == language]
    if not own or any(pair.language == language for pair in pairs):
        return []
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in Counter(one.outcome for one in own).most_common())
    sample = next((one for one in own if one.text.strip()), own[0])
    return [
        f"none of {len(own)} prompts gave a synthetic pair ({outcomes}); {sample.id}, for one: {shown(sample.text)}"
    ]


def timing(completions: Sequence[Completion], pairs: int, store: CompletionStore, prices: Prices) -> GenerationTime:
    """Seconds, tokens per second and the price of a pair, by the times at which its completions were generated."""
    spent = store.spent(list(dict.fromkeys(key for completion in completions for key in completion.keys)))
    money = cost(spent, prices)
    seconds = max(spent.seconds, 1e-9)
    taken = GenerationSpeed(
        seconds=round(spent.seconds, 3),
        tokens_per_second=round(spent.tokens / seconds, 1),
        completion_tokens_per_second=round(spent.completion_tokens / seconds, 1),
        pairs_per_minute=round(60 * pairs / seconds, 2),
        cost_with_hours=money,
        cost_per_pair_with_hours=money / pairs if pairs else 0.0,
    )
    return GenerationTime(_digest(completions), taken)


def provenance(engine: Engine) -> dict[str, Any]:
    """Which generator ran and what its backend guarantees; whether it heeds seeds, as it was found when it last generated."""
    identity = engine.backend.identity
    capabilities, remembered = engine.backend.capabilities, engine.store.capabilities(identity)
    if remembered:
        capabilities = replace(capabilities, seeds=remembered.seeds)
    return {**identity, "promises": {**asdict(capabilities), "ignored": ", ".join(capabilities.ignored)}}


def _counts(completions: Sequence[Completion], pairs: Sequence[Example], prices: Prices) -> GenerationCounts:
    judged = sum(c.judged_tokens for c in completions)
    spent = Spent(sum(c.prompt_tokens for c in completions) + judged, sum(c.completion_tokens for c in completions))
    money = cost(spent, prices)
    return GenerationCounts(
        prompts=len(completions),
        outcomes=dict(sorted(Counter(c.outcome for c in completions).items())),
        synthetic_pairs=len(pairs),
        prompt_tokens=spent.prompt_tokens - judged,
        completion_tokens=spent.completion_tokens,
        judged_tokens=judged,
        cost=money,
        cost_per_pair=money / len(pairs) if pairs else 0.0,
    )


def _digest(completions: Sequence[Completion]) -> str:
    """Identifies a set of completions: 16 hexadecimal digits."""
    return hashlib.sha256("".join(key for c in completions for key in c.keys).encode()).hexdigest()[:16]


def texts_by_variant(
    pairs: Iterable[Example], prompts: Iterable[Prompt], task: AnyDefinition
) -> dict[str, dict[str, list[str]]]:
    """The texts of pairs by language and by the kind of their prompts, "all" of them first."""
    variants = {prompt.id: task.variant(prompt) for prompt in prompts}
    texts: dict[str, dict[str, list[str]]] = {}
    for pair in pairs:
        text = "\n".join(task.texts(pair).generated)
        for name in filter(None, ["all", variants[pair.id]]):
            texts.setdefault(pair.language, {}).setdefault(name, []).append(text)
    return texts
