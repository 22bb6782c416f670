"""The systems a round is compared with: sequences of fine-tuning phases under one budget of updates, and the LLM itself.

GeMQuAD (section 4) compares its rounds with English gold alone, with machine-translated gold and with its own data used
otherwise. Without a common number of optimiser steps a gain could be longer training; the budget is what the chosen round took,
`silver` updates, then `gold` updates.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gemquad.errors import UserError
from gemquad.schema import Example, Prompt

Records = Sequence[Example]


@dataclass(frozen=True)
class Budget:
    """Which round the comparisons stand beside, and the optimiser updates of its two phases. Round 0: none was trained."""

    round: int
    silver: int
    gold: int

    @property
    def total(self) -> int:
        """Updates of both phases."""
        return self.silver + self.gold


@dataclass(frozen=True)
class TrainingData:
    """Everything a system may be trained on. `exemplars` are those that the generator was shown."""

    gold: Records
    exemplars: Records
    translated: Records
    synthetic: Records
    silver: Records


@dataclass(frozen=True)
class Course:
    """One fine-tuning of a system: its name, what it trains on, for how many updates."""

    name: str
    records: Records
    updates: int


@dataclass(frozen=True)
class Recipe:
    """How a system beside the rounds is trained, and the same in words."""

    description: str
    courses: Callable[[TrainingData, Budget, int], list[Course]]


def budget_of(round_number: int, curve: Sequence[Mapping[str, Any]]) -> Budget:
    """The updates of each phase, from the round's learning curve: steps count through both, and each has an entry for its last."""
    ends = {entry["phase"]: int(entry["step"]) for entry in curve}
    silver = ends.get("silver", 0)
    return Budget(round_number, silver, max(ends.get("gold", 0) - silver, 0))


def courses(system: str, material: TrainingData, budget: Budget, seed: int) -> list[Course]:
    """How to train `system`.

    Raises:
        UserError: the system lacks its data.
    """
    plan = COMPARISONS[system].courses(material, budget, seed)
    for course in plan:
        if not course.records:
            raise UserError(
                f"comparison '{system}' has nothing for its phase '{course.name}'. Gold comes from data.gold, its machine "
                "translation from data.languages.LANGUAGE.translated (docs/experiments.md); or leave the system out of "
                "comparison.systems."
            )
    return plan


def shown_exemplars(exemplars: Records, prompts: Sequence[Prompt]) -> list[Example]:
    """The exemplars that stand in a prompt: the few-shot gold of the method."""
    shown = {(prompt.language, identifier) for prompt in prompts for identifier in prompt.exemplar_ids}
    return [exemplar for exemplar in exemplars if (exemplar.language, exemplar.id) in shown]


def random_sample(synthetic: Records, silver: Records, seed: int) -> list[Example]:
    """As many synthetic pairs of each language as silver has, drawn without looking at them; in their order."""
    drawn: set[str] = set()
    for language in sorted({pair.language for pair in silver}):
        pool = [pair.id for pair in synthetic if pair.language == language]
        size = sum(pair.language == language for pair in silver)
        drawn.update(random.Random(f"{seed}/{language}").sample(pool, size))
    return [pair for pair in synthetic if pair.id in drawn]


def _before_gold(name: str, records: Records, material: TrainingData, budget: Budget) -> list[Course]:
    """Without gold (zero-shot) the first phase is all."""
    gold = [Course("gold", material.gold, budget.gold)] if budget.gold else []
    return [Course(name, records, budget.silver), *gold]


COMPARISONS = {
    "baseline": Recipe(
        "gold alone, for the updates of the baseline",
        lambda material, budget, seed: [Course("gold", material.gold, budget.gold)],
    ),
    "longer_baseline": Recipe(
        "gold alone, for the updates of the round",
        lambda material, budget, seed: [Course("gold", material.gold, budget.total)],
    ),
    "translated": Recipe(
        "machine-translated gold, then gold",
        lambda material, budget, seed: _before_gold("translated", material.translated, material, budget),
    ),
    "unfiltered": Recipe(
        "synthetic pairs without a filter, as many as the updates reach, then gold",
        lambda material, budget, seed: _before_gold("synthetic", material.synthetic, material, budget),
    ),
    "random": Recipe(
        "a random sample of the synthetic pairs as large as silver, then gold",
        lambda material, budget, seed: _before_gold(
            "random", random_sample(material.synthetic, material.silver, seed), material, budget
        ),
    ),
    "combined": Recipe(
        "silver and gold mixed in one fine-tuning",
        lambda material, budget, seed: [Course("silver+gold", [*material.silver, *material.gold], budget.total)],
    ),
    "weakdap": Recipe(
        "silver, gold and the exemplars the generator was shown, mixed in one fine-tuning (WeakDAP)",
        lambda material, budget, seed: [
            Course("silver+gold+exemplars", [*material.silver, *material.gold, *material.exemplars], budget.total)
        ],
    ),
    "sequential": Recipe(
        "silver, then gold: the round itself, with several seeds",
        lambda material, budget, seed: _before_gold("silver", material.silver, material, budget),
    ),
    "synthetic_alone": Recipe(
        "synthetic pairs without a filter and without gold",
        lambda material, budget, seed: [Course("synthetic", material.synthetic, budget.total)],
    ),
    "silver_alone": Recipe(
        "silver without gold",
        lambda material, budget, seed: [Course("silver", material.silver, budget.total)],
    ),
}
"""Every student that `comparison.systems` may name."""

PROMPTED = {
    "zero_shot_llm": "the generator itself, asked without an exemplar",
    "few_shot_llm": "the generator itself, asked beside exemplars",
}
"""The systems of `comparison.systems` that are prompted, not trained."""
