"""Forecast tokens, time and money of a generation before anything is spent."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gemquad.generation.engine import Engine, cost
from gemquad.generation.pairs import Plan
from gemquad.generation.store import Spent
from gemquad.params import Prices
from gemquad.schema import Prompt

_SEED = 0


@dataclass(frozen=True)
class Estimate:
    """`expected` extrapolates the sample; `at_most` lets every field run to its limit. `measured` completions are the basis."""

    prompts: int
    kept: int
    measured: int
    expected: Spent
    at_most: Spent
    prices: Prices

    def lines(self) -> list[str]:
        """For people."""
        rate = f"{self.expected.seconds / 60:.1f} minutes" if self.expected.seconds else "unknown time"
        return [
            f"{self.prompts} prompts, {self.kept} of them in the store already; to generate: {self.prompts - self.kept}",
            f"tokens in: {self.expected.prompt_tokens}, out: {self.expected.completion_tokens} "
            f"(at most {self.at_most.completion_tokens})",
            f"time: {rate}",
            "ranking the candidates (generation.rank_by) is not included",
            f"cost: {cost(self.expected, self.prices):.4f} (at most {cost(self.at_most, self.prices):.4f} for tokens)",
            f"basis: {self.measured} completions of this generator in the store; --measure N generates and keeps N of these prompts"
            if self.measured
            else "basis: the prompts alone, completions at half their limit; --measure N generates and keeps N of these prompts",
        ]


def estimate(
    prompts: Sequence[Prompt], engine: Engine, plan: Plan[Any], prices: Prices, sample: int, measure: int
) -> Estimate:
    """Forecast what completing `prompts` takes: of `sample` prompts the tokens are counted, of `measure` completions made.

    Completions that the store has of the same generator say how long a completion is and how long it takes; without any, half of
    the fields' limits is assumed and time stays unknown. Ranking (`generation.rank_by`) is not included.
    """
    requests = [plan.prompter.request(prompt) for prompt in prompts]
    draw = random.Random(_SEED).sample(requests, min(max(sample, measure), len(requests)))
    if measure:
        engine.complete(draw[:measure], "measuring", "prompts")
    keys = engine.keys(requests)
    missing = engine.store.missing(keys)
    left = sum(key in missing for key in keys)
    counts = engine.backend.token_counts([request.prompt for request in draw])
    longest = [request.max_tokens for request in draw]
    prompt_tokens, limit = (round(left * sum(values) / len(draw)) for values in (counts, longest))
    count, known = engine.store.written(engine.backend.identity)
    share = left / count if count else 0.0
    expected = (
        Spent(prompt_tokens, round(known.completion_tokens * share), known.seconds * share)
        if count
        else Spent(prompt_tokens, limit // 2)
    )
    return Estimate(len(requests), len(requests) - left, count, expected, Spent(prompt_tokens, limit), prices)
