"""Forecast tokens, time and money of a generation before anything is spent."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from os.path import commonprefix
from typing import Any

from gemquad.generation.engine import Engine, cost
from gemquad.generation.pairs import PairPlan
from gemquad.generation.store import Spent
from gemquad.params import Prices
from gemquad.schema import Prompt

_SEED = 0

Pace = Callable[[float, float, float], float]
"""Seconds for tokens to read that no other prompt has, tokens to write, and tokens of a whole prompt and completion."""


@dataclass(frozen=True)
class GenerationEstimate:
    """`expected` extrapolates a sample (of `measured` completions, if any); `at_most` lets every field run to its limit.

    Without any, `by_speed` tells that the time is that of this machine's measured speed; else it is not known.
    """

    prompts: int
    kept: int
    measured: int
    expected: Spent
    at_most: Spent
    prices: Prices
    by_speed: bool = False
    blind_answers: bool = False

    def lines(self) -> list[str]:
        """The estimate as lines of text to print."""
        left = self.prompts - self.kept
        rate = f"{self.expected.seconds / 60:.1f} minutes" if self.measured or self.by_speed else "unknown time"
        if not left:
            rate = "none, everything is in the store"
        return [
            f"{self.prompts} prompts, {self.kept} of them in the store already; to generate: {left}",
            f"tokens in: {self.expected.prompt_tokens}, out: {self.expected.completion_tokens} "
            f"(at most {self.at_most.completion_tokens})",
            f"time: {rate}",
            self._beside,
            f"cost: {cost(self.expected, self.prices):.4f} (at most {cost(self.at_most, self.prices):.4f} for tokens)",
            f"basis: {self._basis}; --measure N generates and keeps N of these prompts",
        ]

    @property
    def spending(self) -> list[str]:
        """The lines on prompts, tokens and money."""
        prompts, tokens, _, _, money, _ = self.lines()
        return [prompts, tokens, money]

    @property
    def _beside(self) -> str:
        """What else the generator is asked once the pairs are there."""
        ranking, blind = "ranking the candidates (generation.rank_by)", "their blind answers (generation.blind_answers)"
        return f"{ranking} and {blind} are not included" if self.blind_answers else f"{ranking} is not included"

    @property
    def _basis(self) -> str:
        if self.measured:
            return f"{self.measured} completions of this generator in the store"
        speed = ", and the speed of this machine, measured just now" if self.by_speed else " alone"
        return f"the prompts{speed}, completions at half their limit"


def estimate(
    prompts: Sequence[Prompt],
    engine: Engine,
    plan: PairPlan[Any],
    prices: Prices,
    sample: int,
    measure: int,
    pace: Pace | None = None,
) -> GenerationEstimate:
    """Forecast what completing `prompts` takes: of `sample` prompts the tokens are counted, of `measure` completions made.

    Completions that the store has of the same generator say how long a completion is and how long it takes; without any, half of
    the fields' limits is assumed, and the time is what `pace` says, which is asked only then. Ranking (`generation.rank_by`) and
    blind answers (`generation.blind_answers`) are not included.
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
    by_speed = pace is not None and not count and left > 0
    if count:
        expected = Spent(prompt_tokens, round(known.completion_tokens * share), known.seconds * share)
    else:
        own = prompt_tokens * without_shared([request.prompt for request in requests])
        seconds = pace(own, limit / 2, (prompt_tokens + limit) / left) if pace and by_speed else 0.0
        expected = Spent(prompt_tokens, limit // 2, seconds)
    at_most = Spent(prompt_tokens, limit)
    kept, blind = len(requests) - left, plan.generation.blind_answers
    return GenerationEstimate(len(requests), kept, count, expected, at_most, prices, by_speed, blind)


def without_shared(texts: Sequence[str]) -> float:
    """The share of tokens in `texts`, 0 to 1, that remains when common prefixes count once."""
    total = sum(map(len, texts))
    shared = sum(len(commonprefix(pair)) for pair in pairwise(sorted(texts)))  # noqa: RUF071, characters are meant
    return (total - shared) / total if total else 1.0
