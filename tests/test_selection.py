"""What the arms of the selection experiment (`benchmarks/selection.py`) are made of."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gemquad.params import load_params
from gemquad.schema import SyntheticPair
from gemquad.tasks.answers import Answer
from gemquad.tasks.loading import load_task

ROOT = Path(__file__).parents[1]
PARAMS = load_params(ROOT / "params.yaml")
TASK = load_task(PARAMS)
PASSAGE = "Ana vive en Lima con Luis."


@pytest.fixture
def selections(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import selection_arms

    return selection_arms


def pair(number: int, answer: str, language: str = "es") -> SyntheticPair:
    return SyntheticPair(str(number), language, "p", PASSAGE, "¿Dónde?", answer, PASSAGE.index(answer))


def said(text: str) -> Answer:
    return Answer(text, PASSAGE.index(text), 0.5)


def test_repair_takes_the_span_that_all_labelers_agree_on_and_never_one_they_do_not(selections: Any) -> None:
    pairs = [pair(1, "Lima"), pair(2, "Luis"), pair(3, "Luis")]
    first = [said("Lima"), said("Lima"), said("Lima")]
    second = [said("Lima"), said("Lima"), said("Ana")]
    kept = selections.repair(pairs, [first, second], PARAMS.filter, TASK)
    assert kept == [pairs[0], replace(pairs[1], answer="Lima", answer_start=PASSAGE.index("Lima"))]


def test_every_arm_has_the_number_of_pairs_and_of_updates_of_what_it_is_matched_with(selections: Any) -> None:
    pool = [pair(number, "Lima", "es" if number % 2 else "hi") for number in range(40)]
    silver, repaired = pool[:6], pool[:22]
    logprobs = {one.id: -float(one.id) for one in pool}
    found = selections.arms(selections.Pool(pool, silver, repaired, logprobs), list(selections.SELECTIONS), seed=1)
    settings = replace(PARAMS.student, batch_size=4, silver_epochs=2)
    phases = {arm.name: selections.phases(arm, ["gold"], 10, TASK.head(), settings) for arm in found}
    assert {arm.name: len(arm.pairs) for arm in found} == {
        "english": 0, "silver": 6, "random": 6, "english_long": 0, "repaired": 22, "random_many": 22, "likeliest": 6, "all": 40,
    }  # fmt: skip
    updates = {name: sum(phase.updates for phase in own) for name, own in phases.items()}
    assert {updates[name] for name in ("english", "silver", "random", "likeliest")} == {13}
    assert {updates[name] for name in ("english_long", "repaired", "random_many", "all")} == {21}
    assert [one.id for one in selections.likeliest(pool, logprobs, silver)] == [one.id for one in silver]


def test_an_arm_without_likelihoods_or_silver_is_left_out(selections: Any) -> None:
    pool = selections.Pool([pair(1, "Lima")], [], [pair(1, "Lima")], {})
    assert [arm.name for arm in selections.arms(pool, ["silver", "likeliest", "repaired"], 1)] == ["repaired"]
