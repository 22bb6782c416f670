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
def arms(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import selection_arms

    return selection_arms


def pair(number: int, answer: str, language: str = "es") -> SyntheticPair:
    return SyntheticPair(str(number), language, "p", PASSAGE, "¿Dónde?", answer, PASSAGE.index(answer))


def says(text: str, confidence: float) -> Answer:
    return Answer(text, PASSAGE.index(text), confidence)


def verdict(arms: Any, pair: SyntheticPair, *labelers: list[Answer]) -> Any:
    return arms.verdict(pair, [arms.said(pair, own, PARAMS.filter, TASK) for own in labelers], PARAMS.filter, TASK)


def test_a_verdict_adds_up_what_labelers_give_an_answer(arms: Any) -> None:
    found = verdict(
        arms, pair(1, "Lima"), [says("Luis", 0.5), says("Lima", 0.4)], [says("Lima", 0.3), says("Luis", 0.1)]
    )
    assert found.first == says("Luis", 0.5)
    assert found.right == pytest.approx((0.4 + 0.3) / 2)
    assert (found.answer.text, found.answer.confidence) == ("Lima", pytest.approx(0.35))
    assert found.agrees == 1.0


def test_every_selection_takes_as_many_pairs_of_a_language_as_it_may(arms: Any) -> None:
    pairs = [pair(number, "Lima", "es" if number % 2 else "hi") for number in range(40)]
    verdicts = [verdict(arms, one, [says("Lima", 0.5 + int(one.id) / 100)]) for one in pairs]
    scores = {one.id: float(one.id) for one in pairs}
    pool = arms.Pool(pairs, verdicts, scores, scores, {one.id: "Lima" for one in pairs})
    rules = arms.Rules(5, PARAMS.filter, TASK, 13)
    sizes = {name: arms.sizes(own(pool, rules).pairs) for name, own in arms.SELECTIONS.items()}
    expected = {key: {"hi": 5, "es": 5} for key in sizes} | {
        "wide": {"hi": 10, "es": 10},
        "weighted": {"hi": 20, "es": 20},
    }
    assert sizes == expected
    assert [one.id for one in arms.SELECTIONS["likeliest"](pool, rules).pairs] == [str(n) for n in range(30, 40)]
    assert [one.id for one in arms.SELECTIONS["unsure"](pool, rules).pairs] == [str(n) for n in range(10)]
    updates = arms.updates_of(5, 2, replace(PARAMS.student, batch_size=4, silver_epochs=2))
    every = [arms.phases(own(pool, rules), ["gold"], 10, updates, TASK.head()) for own in arms.SELECTIONS.values()]
    assert {sum(phase.updates for phase in phases) for phases in every} == {15}
    english = arms.phases(arms.Arm("english", []), ["gold"], 10, updates, TASK.head())
    assert [(phase.name, phase.updates) for phase in english] == [("gold", 15)]


def test_repaired_pairs_take_the_labelers_answer_where_it_is_another(arms: Any) -> None:
    pairs = [pair(1, "Lima"), pair(2, "Luis"), pair(3, "Ana")]
    verdicts = [verdict(arms, one, [says("Lima", sure)]) for one, sure in zip(pairs, (0.9, 0.8, 0.1), strict=True)]
    rules = arms.Rules(2, PARAMS.filter, TASK, 13)
    assert arms.repaired(arms.Pool(pairs, verdicts), 2, rules) == [
        pairs[0],
        replace(pairs[1], answer="Lima", answer_start=PASSAGE.index("Lima")),
    ]


def test_weights_have_the_mean_one_and_random_pairs_are_as_many_as_silver(arms: Any) -> None:
    pairs = [pair(number, "Lima") for number in range(8)]
    verdicts = [verdict(arms, one, [says("Lima" if int(one.id) < 3 else "Luis", 0.6)]) for one in pairs]
    pool, rules = arms.Pool(pairs, verdicts), arms.Rules(20, PARAMS.filter, TASK, 13)
    assert [one.id for one in arms.SELECTIONS["silver"](pool, rules).pairs] == ["0", "1", "2"]
    assert len(arms.SELECTIONS["random_as_silver"](pool, rules).pairs) == 3
    assert arms.SELECTIONS["weighted"](pool, rules).weights == pytest.approx([1.0, 1.0, 1.0])
    assert not arms.SELECTIONS["likeliest"](pool, rules).pairs, "no likelihoods"
