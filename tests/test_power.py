from dataclasses import astuple
from itertools import pairwise

import numpy as np
import pytest

from gemquad.scoring.components import Components, components, strata_of
from gemquad.scoring.metrics import Metric, mean_of
from gemquad.scoring.power import Power, groups_needed

MEAN = Metric("mean", "mean", 0, mean_of(0))


def measured(scores: list[list[float]], languages: list[str] | None = None) -> Components:
    """Of scores [seeds, items], every item a group."""
    table = np.array(scores)[..., np.newaxis]
    return components(strata_of(MEAN, [table], np.arange(table.shape[1]), languages))


def test_one_seed_leaves_groups_alone() -> None:
    """Of 0, 0, 100, 100 the variance is 40,000 / 12."""
    assert astuple(measured([[0, 0, 1, 1]])) == (pytest.approx(10_000 / 3), 0, 0)


def test_seeds_that_move_all_groups_alike_are_seeds_alone() -> None:
    """Means 40, 50 and 60: the variance of one seed is 100."""
    assert astuple(measured([[0.4] * 5, [0.5] * 5, [0.6] * 5])) == pytest.approx((0, 0, 100), abs=1e-6)


def test_seeds_that_differ_by_group_are_both_together() -> None:
    """Two students that are right about opposite groups: each varies by 10,000 / 3, their mean not at all."""
    assert astuple(measured([[0, 0, 1, 1], [1, 1, 0, 0]])) == pytest.approx((0, 4 * 2 * 2500 / 3, 0))


def test_two_equal_languages_vary_as_one_by_group() -> None:
    assert measured([[0, 0, 1, 1] * 2], ["es"] * 4 + ["hi"] * 4).groups == pytest.approx(10_000 / 3)


def test_the_width_is_students_t_of_groups_and_of_seeds() -> None:
    """t reaches 1.984 with 99 degrees of freedom and 2.776 with 4; for a power of 80% add 0.845 and 0.941."""
    of_groups = Power.of(Components(100.0, 0.0, 0.0), 100, 3)
    assert (of_groups.half_width, of_groups.detectable) == pytest.approx((1.984, 2.829), rel=0.02)
    of_seeds = Power.of(Components(0.0, 0.0, 5.0), 100, 5)
    assert (of_seeds.half_width, of_seeds.detectable) == pytest.approx((2.776, 3.717), rel=0.02)


def test_more_groups_lessen_what_seeds_do_to_groups_and_not_what_they_do_to_all() -> None:
    found = Components(0.0, 300.0, 0.0)
    assert Power.of(found, 400, 3).half_width == pytest.approx(1.966 * 0.5, rel=0.02)
    alone = Components(0.0, 0.0, 3.0)
    assert astuple(Power.of(alone, 50, 3)) == pytest.approx(astuple(Power.of(alone, 5000, 3)), rel=0.02)


def test_one_point_needs_so_many_groups() -> None:
    """(1.96 + 0.84)^2 * 100 = 785 for a variance of 100 a group; with what seeds do to all, no number is enough."""
    assert groups_needed(Components(100.0, 0.0, 0.0), 3) == pytest.approx(785, rel=0.06)
    assert groups_needed(Components(100.0, 0.0, 1.0), 3) is None
    needed = [groups_needed(Components(100.0, 60.0, 0.05), seeds) or 0 for seeds in (3, 5, 10)]
    assert all(before > after for before, after in pairwise(needed))


def test_synthetic_data_of_known_components_give_them_back() -> None:
    """Groups of variance 900, groups with seeds 400, seeds 25, in squared points; the means over 40 draws."""
    rng, found = np.random.default_rng(0), []
    for _ in range(40):
        scores = 0.3 * rng.normal(size=200) + 0.2 * rng.normal(size=(5, 200)) + 0.05 * rng.normal(size=(5, 1))
        found.append(astuple(measured(scores.tolist())))
    assert np.mean(found, axis=0) == pytest.approx((900, 400, 25), rel=0.15)
