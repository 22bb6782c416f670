"""What differences a test set and a number of seeds can show, known before anything trains.

The variance of a difference between two students has components (`components.py`): of groups, of groups and seeds together, of
seeds. They are taken from answers to dev, so test is not looked at. From them follow, for any number of groups and seeds,

* half the width of the 95% interval: the quantile of what `bootstrap.py` adds, Student's t times the root of the groups' part, and
  another times the root of the seeds' part;
* the smallest difference that is found in 80 of 100 experiments at 5% two-sided, the minimum detectable effect of Bloom (1995, doi
  10.1177/0193841X9501900504): that half width and the 80% quantile of the same sum;
* how many groups let one point be found so.

More groups lessen the first two components and more seeds the last two, so that no test set makes up for too few seeds.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from gemquad.scoring.components import Components

_DRAWS = 40_000
_MOST_GROUPS = 1_000_000

DEFAULTS = {"f1": Components(25.0, 230.0, 2.0), "exact_match": Components(28.0, 295.0, 2.8)}
"""By metric, of the difference between two students of the default kind in one language: measured as docs/experiments.md says."""


@dataclass(frozen=True)
class Power:
    """What a difference can show on `groups` groups with `seeds` seeds, in points."""

    half_width: float
    detectable: float

    @classmethod
    def of(cls, found: Components, groups: float, seeds: int) -> "Power":
        """Of groups that count and of students; two groups or more."""
        rng = np.random.default_rng(0)
        spread = math.sqrt((found.groups + found.both / seeds) / groups) * rng.standard_t(groups - 1, _DRAWS)
        if seeds > 1:
            spread += math.sqrt(found.seeds / seeds) * rng.standard_t(seeds - 1, _DRAWS)
        half, powered = np.quantile(np.abs(spread), [0.95, 0.6])  # 0.6 of the absolute is 0.8 of the signed
        return cls(float(half), float(half + powered))


def seen_in(half_width: float, groups: int, metric: str, languages: int) -> Components:
    """The components behind the interval of two students with one seed each, on `groups` groups of so many languages.

    What varies by group alone and with the seed stands as in `DEFAULTS`, and what the seed does to all is theirs; of a metric that
    has none, all is the groups'.
    """
    unit = Power.of(Components(1.0, 0.0, 0.0), groups, 1).half_width
    total, default = (half_width / unit) ** 2, DEFAULTS.get(metric)
    if not default:
        return Components(total, 0.0, 0.0)
    alone = total * default.groups / (default.groups + default.both)
    return replace(default, groups=alone, both=total - alone, seeds=default.seeds / languages)


def groups_needed(found: Components, seeds: int, points: float = 1.0) -> int | None:
    """The groups with which a difference of `points` is found in 80 of 100 experiments; None where no number is enough."""
    few, many = 2, 4
    while Power.of(found, many, seeds).detectable > points:
        few, many = many, 2 * many
        if many > _MOST_GROUPS:
            return None
    while many - few > max(1, few // 50):
        middle = (few + many) // 2
        few, many = (middle, many) if Power.of(found, middle, seeds).detectable > points else (few, middle)
    return many
