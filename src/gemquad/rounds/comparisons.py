"""The systems a round is compared with: sequences of fine-tuning phases under one budget of updates, and the LLM itself.

GeMQuAD (section 4) compares its rounds with English gold alone, with machine-translated gold and with its own data used
otherwise. Without a common number of optimiser steps a gain could be longer training; the budget is what the chosen round took,
`silver` updates, then `gold` updates.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gemquad.errors import UserError
from gemquad.rounds.candidates import likeliest
from gemquad.schema import Example, Prompt

Records = Sequence[Example]


@dataclass(frozen=True)
class UpdateBudget:
    """Optimiser updates of the two phases of `round`, beside which the systems are compared; round 0: none was trained."""

    round: int
    silver: int
    gold: int

    @property
    def total(self) -> int:
        """Optimiser updates of both phases together."""
        return self.silver + self.gold


@dataclass(frozen=True)
class TrainingData:
    """Everything a system may be trained on.

    `exemplars` are those that the generator was shown, `synthetic` is every pair that it wrote, and `likelihoods`
    (`candidates.likelihoods`) are by its id how likely it finds its answer.
    """

    gold: Records
    exemplars: Records
    translated: Records
    synthetic: Records
    silver: Records
    likelihoods: Mapping[str, float]


@dataclass(frozen=True)
class TrainingPhase:
    """One fine-tuning phase of a system: its name, its training records and its number of optimiser updates."""

    name: str
    records: Records
    updates: int


@dataclass(frozen=True)
class SystemDefinition:
    """A system that is compared with the rounds: its description in words, and a function that gives its training phases."""

    description: str
    training_phases: Callable[[TrainingData, UpdateBudget, int], list[TrainingPhase]]


def budget_of(round_number: int, curve: Sequence[Mapping[str, Any]]) -> UpdateBudget:
    """The updates of a round's two phases, from its learning curve."""
    own = updates_by_phase(curve)
    return UpdateBudget(round_number, own.get("silver", 0), own.get("gold", 0))


def updates_by_phase(curve: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The updates of each phase, in order: the steps of a curve count through all phases, and each has an entry for its last."""
    ends = {entry["phase"]: int(entry["step"]) for entry in curve}
    return {phase: end - before for (phase, end), before in zip(ends.items(), [0, *ends.values()], strict=False)}


def training_phases(system: str, material: TrainingData, budget: UpdateBudget, seed: int) -> list[TrainingPhase]:
    """The training phases of `system`, in order.

    Raises:
        UserError: a phase has no training records.
    """
    phases = COMPARISONS[system].training_phases(material, budget, seed)
    for phase in phases:
        if not phase.records:
            raise UserError(
                f"comparison '{system}' has nothing for its phase '{phase.name}'. Gold comes from data.gold, its machine "
                "translation from data.languages.LANGUAGE.translated (docs/experiments.md); or leave the system out of "
                "comparison.systems."
            )
    return phases


def shown_exemplars(exemplars: Records, prompts: Sequence[Prompt]) -> list[Example]:
    """The exemplars that appear in at least one prompt: the few-shot gold of the method."""
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


def likeliest_sample(synthetic: Records, silver: Records, likelihoods: Mapping[str, float]) -> list[Example]:
    """As many synthetic pairs of each language as silver has, those of the likeliest answers; in their order."""
    drawn: set[str] = set()
    for language, size in Counter(pair.language for pair in silver).items():
        pool = [pair for pair in synthetic if pair.language == language]
        drawn.update(pair.id for pair in likeliest(pool, size, likelihoods))
    return [pair for pair in synthetic if pair.id in drawn]


def _before_gold(name: str, records: Records, material: TrainingData, budget: UpdateBudget) -> list[TrainingPhase]:
    """Training on `records`, then on gold; zero-shot, without updates on gold, only the first."""
    gold = [TrainingPhase("gold", material.gold, budget.gold)] if budget.gold else []
    return [TrainingPhase(name, records, budget.silver), *gold]


COMPARISONS = {
    "baseline": SystemDefinition(
        "gold alone, for the updates of the baseline",
        lambda material, budget, seed: [TrainingPhase("gold", material.gold, budget.gold)],
    ),
    "longer_baseline": SystemDefinition(
        "gold alone, for the updates of the round",
        lambda material, budget, seed: [TrainingPhase("gold", material.gold, budget.total)],
    ),
    "translated": SystemDefinition(
        "machine-translated gold, then gold",
        lambda material, budget, seed: _before_gold("translated", material.translated, material, budget),
    ),
    "unfiltered": SystemDefinition(
        "synthetic pairs without a filter, as many as the updates reach, then gold",
        lambda material, budget, seed: _before_gold("synthetic", material.synthetic, material, budget),
    ),
    "random": SystemDefinition(
        "a random sample of all synthetic pairs as large as silver, then gold",
        lambda material, budget, seed: _before_gold(
            "random", random_sample(material.synthetic, material.silver, seed), material, budget
        ),
    ),
    "likeliest": SystemDefinition(
        "the synthetic pairs whose answers the generator finds likeliest, as many as silver, then gold",
        lambda material, budget, seed: _before_gold(
            "likeliest",
            likeliest_sample(material.synthetic, material.silver, material.likelihoods),
            material,
            budget,
        ),
    ),
    "combined": SystemDefinition(
        "silver and gold mixed in one fine-tuning",
        lambda material, budget, seed: [TrainingPhase("silver+gold", [*material.silver, *material.gold], budget.total)],
    ),
    "weakdap": SystemDefinition(
        "silver, gold and the exemplars the generator was shown, mixed in one fine-tuning (WeakDAP)",
        lambda material, budget, seed: [
            TrainingPhase(
                "silver+gold+exemplars", [*material.silver, *material.gold, *material.exemplars], budget.total
            )
        ],
    ),
    "sequential": SystemDefinition(
        "silver, then gold: the round itself, with several seeds",
        lambda material, budget, seed: _before_gold("silver", material.silver, material, budget),
    ),
    "synthetic_alone": SystemDefinition(
        "synthetic pairs without a filter and without gold",
        lambda material, budget, seed: [TrainingPhase("synthetic", material.synthetic, budget.total)],
    ),
    "silver_alone": SystemDefinition(
        "silver without gold",
        lambda material, budget, seed: [TrainingPhase("silver", material.silver, budget.total)],
    ),
}
"""Every student that `comparison.systems` may name."""

PROMPTED = {
    "zero_shot_llm": "the generator itself, asked without an exemplar",
    "few_shot_llm": "the generator itself, asked beside exemplars",
}
"""The systems of `comparison.systems` that are prompted, not trained."""
