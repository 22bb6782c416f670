from collections import Counter
from typing import get_args

import pytest

from conftest import pair, question
from gemquad.errors import UserError
from gemquad.params import ComparedSystem
from gemquad.rounds.comparisons import (
    COMPARISONS,
    PROMPTED,
    TrainingData,
    UpdateBudget,
    budget_of,
    random_sample,
    shown_exemplars,
    training_phases,
    updates_by_phase,
)
from gemquad.schema import LabelPrompt

SYNTHETIC = [pair(f"{language}{i}", language=language) for language in ("es", "hi") for i in range(20)]
SILVER = [p for p in SYNTHETIC if p.id in {"es1", "es2", "es3", "hi7"}]
LIKELIHOODS = {p.id: -abs(int(p.id[2:]) - 9.9) for p in SYNTHETIC}
"""Pair 10 of each language is the likeliest, then 9, 11, 8."""
MATERIAL = TrainingData(
    gold=[question(id="g", language="en")],
    exemplars=[question(id="e")],
    translated=[question(id="t")],
    synthetic=SYNTHETIC,
    silver=SILVER,
    likelihoods=LIKELIHOODS,
)
BUDGET = UpdateBudget(round=2, silver=5, gold=40)


@pytest.mark.parametrize("system", [name for name in COMPARISONS if name != "baseline"])
def test_every_system_has_the_updates_of_the_round(system: str) -> None:
    assert sum(phase.updates for phase in training_phases(system, MATERIAL, BUDGET, seed=1)) == 45


def test_the_baseline_has_the_updates_of_gold_alone() -> None:
    assert [(c.name, c.updates) for c in training_phases("baseline", MATERIAL, BUDGET, seed=1)] == [("gold", 40)]


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("longer_baseline", [("gold", 45, ["g"])]),
        ("translated", [("translated", 5, ["t"]), ("gold", 40, ["g"])]),
        ("unfiltered", [("synthetic", 5, [p.id for p in SYNTHETIC]), ("gold", 40, ["g"])]),
        ("likeliest", [("likeliest", 5, ["es9", "es10", "es11", "hi10"]), ("gold", 40, ["g"])]),
        ("combined", [("silver+gold", 45, ["es1", "es2", "es3", "hi7", "g"])]),
        ("weakdap", [("silver+gold+exemplars", 45, ["es1", "es2", "es3", "hi7", "g", "e"])]),
        ("sequential", [("silver", 5, ["es1", "es2", "es3", "hi7"]), ("gold", 40, ["g"])]),
        ("synthetic_alone", [("synthetic", 45, [p.id for p in SYNTHETIC])]),
        ("silver_alone", [("silver", 45, ["es1", "es2", "es3", "hi7"])]),
    ],
)
def test_what_each_system_trains_on(system: str, expected: list[tuple[str, int, list[str]]]) -> None:
    plan = training_phases(system, MATERIAL, BUDGET, seed=1)
    assert [(c.name, c.updates, [record.id for record in c.records]) for c in plan] == expected


ZERO_SHOT = TrainingData(
    gold=[], exemplars=[], translated=[], synthetic=SYNTHETIC, silver=SILVER, likelihoods=LIKELIHOODS
)


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("unfiltered", [("synthetic", 5, 40)]),
        ("random", [("random", 5, 4)]),
        ("likeliest", [("likeliest", 5, 4)]),
        ("combined", [("silver+gold", 5, 4)]),
        ("weakdap", [("silver+gold+exemplars", 5, 4)]),
        ("sequential", [("silver", 5, 4)]),
        ("synthetic_alone", [("synthetic", 5, 40)]),
        ("silver_alone", [("silver", 5, 4)]),
    ],
)
def test_without_gold_there_is_no_phase_of_it(system: str, expected: list[tuple[str, int, int]]) -> None:
    plan = training_phases(system, ZERO_SHOT, UpdateBudget(round=1, silver=5, gold=0), seed=1)
    assert [(c.name, c.updates, len(c.records)) for c in plan] == expected


@pytest.mark.parametrize("system", ["baseline", "longer_baseline"])
def test_without_gold_a_baseline_says_where_it_comes_from(system: str) -> None:
    with pytest.raises(UserError, match=rf"'{system}' has nothing for its phase 'gold'. Gold comes from data\.gold"):
        training_phases(system, ZERO_SHOT, UpdateBudget(round=1, silver=5, gold=0), seed=1)


def test_the_random_sample_is_as_large_as_silver_in_each_language_and_differs_by_seed() -> None:
    samples = [random_sample(SYNTHETIC, SILVER, seed) for seed in range(5)]
    assert all(Counter(p.language for p in sample) == {"es": 3, "hi": 1} for sample in samples)
    assert len({tuple(p.id for p in sample) for sample in samples}) > 1
    assert random_sample(SYNTHETIC, SILVER, 3) == samples[3]


def test_a_system_without_its_data_says_where_they_come_from() -> None:
    bare = TrainingData(MATERIAL.gold, MATERIAL.exemplars, [], SYNTHETIC, SILVER, {})
    with pytest.raises(UserError, match=r"'translated'.*data\.languages\.LANGUAGE\.translated"):
        training_phases("translated", bare, BUDGET, seed=1)


def test_the_parameters_know_every_system() -> None:
    assert (*COMPARISONS, *PROMPTED) == get_args(ComparedSystem)


def test_exemplars_are_those_of_the_prompts_of_their_language() -> None:
    exemplars = [question(id=name, language=language) for language in ("es", "hi") for name in ("a", "b")]
    prompts = [
        LabelPrompt("p0", "es", ["b"], "…", 0.7, 50, 0.9, 1, "positive", []),
        LabelPrompt("p1", "hi", ["a"], "…", 0.7, 50, 0.9, 2, "positive", []),
        LabelPrompt("p2", "hi", ["a", "c"], "…", 0.7, 50, 0.9, 3, "positive", []),
    ]
    assert [(e.language, e.id) for e in shown_exemplars(exemplars, prompts)] == [("es", "b"), ("hi", "a")]


def test_updates_are_counted_by_phase() -> None:
    curve = [{"phase": "silver", "step": 1}, {"phase": "gold", "step": 2}, {"phase": "gold", "step": 3}]
    assert budget_of(2, curve) == UpdateBudget(2, silver=1, gold=2)
    assert updates_by_phase(curve) == {"silver": 1, "gold": 2}
