"""Where data is so little that a run makes no sense, said with what the number means."""

from collections.abc import Iterator
from math import sqrt

LEAST_EVALUATED = 100
"""Rows of dev or test."""
LEAST_GOLD = 100
LEAST_SILVER = 30
PAIRS, SILVER = 0.75, 0.15
"""What only a run will tell, as a share: prompts that give a pair, candidates that become silver.

With the default `filter.keep_fraction` of 0.3 that is 3 of 100 prompts; docs/results.md has 3 to 5, of the sample and of real data.
"""


def too_little(key: str, role: str, rows: int) -> Iterator[str]:
    """A sentence on a file of too few rows for its role."""
    if role in ("dev", "test") and rows < LEAST_EVALUATED:
        known, least, more = (f"±{_half_width(number):.0f}" for number in (rows, LEAST_EVALUATED, 400))
        yield (
            f"{key}: {rows} sound rows, so that a score is known to roughly {known} points; with {LEAST_EVALUATED} it is {least}, "
            f"with 400 {more}. Add rows: a smaller gain is not seen"
        )
    if role == "gold" and rows < LEAST_GOLD:
        yield f"{key}: {rows} sound rows. Add rows: from under {LEAST_GOLD} a student hardly learns the task"


def too_little_silver(prompts: int, keep_fraction: float) -> Iterator[str]:
    """A sentence on prompts that are too few for silver of any use."""
    pairs = prompts * PAIRS * keep_fraction
    if pairs * SILVER < LEAST_SILVER:
        yield (
            f"{prompts} prompts, from which roughly {int(pairs)} candidates and {int(pairs * SILVER)} silver pairs are to be "
            f"expected, under {LEAST_SILVER}: add passages, or write more prompts (prompting)"
        )


def _half_width(rows: int) -> float:
    """Half of the 95% interval, in points, of a share of one half among so many rows."""
    return 196 * sqrt(0.25 / rows)
