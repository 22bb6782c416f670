"""What is drawn for one prompt alone, by its own seed.

The draw is made once and recorded in the prompt's row, so that it is versioned with it: what a request returns depends on its
row, not on when or beside what it runs (GeMQuAD section 3.1).
"""

import hashlib
import random
from typing import TypedDict

from gemquad.params import Sampling


class Drawn(TypedDict):
    """The sampling settings drawn for a prompt."""

    temperature: float
    top_k: int
    top_p: float
    seed: int


def own_draw(seed: int, identifier: str) -> random.Random:
    """A random generator that depends on `seed` and `identifier` alone, so that adding prompts leaves others unchanged."""
    return random.Random(int.from_bytes(hashlib.sha256(f"{seed}/{identifier}".encode()).digest()[:8]))


def draw_settings(draw: random.Random, sampling: Sampling) -> Drawn:
    """The sampling settings of a prompt, each drawn from its range."""
    return {
        "temperature": round(draw.uniform(*sampling.temperature), 4),
        "top_k": draw.randint(*sampling.top_k),
        "top_p": round(draw.uniform(*sampling.top_p), 4),
        "seed": draw.getrandbits(32),
    }
