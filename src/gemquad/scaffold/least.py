"""How much data make sense, in numbers: what the reference runs gave, and what a test set can show (`scoring/power.py`)."""

from collections.abc import Iterator
from math import ceil

from gemquad.check.enough import LEAST_EVALUATED, LEAST_SILVER, PAIRS, SILVER
from gemquad.scoring.power import DEFAULTS, Power

PROMPTS_PER_PASSAGE, KEEP_FRACTION = 6, 0.3
"""Of the default; other numbers are `prompting.prompts_per_passage` and `filter.keep_fraction`."""
_SILVER_OF_100 = int(100 * PAIRS * KEEP_FRACTION * SILVER)
_QUESTIONS_PER_PASSAGE = 3
_TESTS = (200, 400, 900)
LEAST_PASSAGES = 10 * ceil(LEAST_SILVER * 100 / _SILVER_OF_100 / PROMPTS_PER_PASSAGE / 10)


def least(role: str) -> str:
    """How much of a role of question answering makes sense, and what that is worth."""
    return {
        "exemplars": "10 to 20 solved questions of all kinds (who, when, how many, why); prompts show them",
        "passages": f"{LEAST_PASSAGES} or more, of 50 to 150 words and without questions: {PROMPTS_PER_PASSAGE} prompts each, of "
        f"which {_SILVER_OF_100} in 100 become silver, make {LEAST_SILVER}; fewer pairs teach little",
        "dev": f"{LEAST_EVALUATED} solved questions or more; fewer choose a round by chance",
        "test": f"{_TESTS[0]} solved questions or more, {_QUESTIONS_PER_PASSAGE} to a passage: a gain shows from {_and(_gains())}",
    }[role]


def _gains() -> Iterator[str]:
    """ "5.6 points of F1 on with 200": found in 4 of 5 runs with one seed."""
    for count in _TESTS:
        points = Power.of(DEFAULTS["f1"], count // _QUESTIONS_PER_PASSAGE, 1).detectable
        yield f"{points:.1f} points of F1 on with {count}" if count == _TESTS[0] else f"{points:.1f} with {count}"


def _and(parts: Iterator[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}"
