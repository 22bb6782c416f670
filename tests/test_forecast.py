"""Times from counts and a given speed, by hand; counts from the sample with a tokenizer of characters."""

from dataclasses import replace
from pathlib import Path

import pytest

from gemquad.doctor.checks import _time
from gemquad.doctor.finding import Finding, Level, lasting
from gemquad.doctor.forecast import (
    Load,
    count_load,
    forecast,
    generating,
    learning_stages,
    tokens,
)
from gemquad.doctor.speed import Learning, Writing
from gemquad.params import ModelSource, Params, load_params

ROOT = Path(__file__).parents[1]
LOAD = Load(gold=100, dev=10, test=30, pair=8, prompts=50, read=900, written=70, chosen=90, request=20)
SPEED = Learning(layers=5, read=1.0, learn=10.0)


class Characters:
    """Every character is a token."""

    def __call__(self, texts: list[str]) -> dict[str, list[list[str]]]:
        return {"input_ids": [list(text) for text in texts]}


@pytest.fixture(scope="module")
def params() -> Params:
    """One round, three of five layers trained; 12 synthetic pairs of 8 tokens (50 × 0.75 × 0.32), a quarter of them silver."""
    whole = load_params(ROOT / "params.yaml")
    return replace(
        whole,
        lang=["es"],
        student=replace(whole.student, layers=None, trainable_layers=3, epochs=3, silver_epochs=2),
        generation=replace(whole.generation, keep_fraction=0.32),
        stopping=replace(whole.stopping, max_rounds=1),
    )


def test_frozen_layers_read_once_and_trained_ones_every_epoch(params: Params) -> None:
    assert learning_stages(LOAD, params, SPEED) == pytest.approx(
        {
            "finetune@0": 100 * (2 + 3 * 3 * 10),
            "evaluate@0": 40 * (2 + 3),
            "filter@1": 96 * (2 + 3),
            "audit@1": 10 * (2 + 2 * 3),
            "finetune@1": (2 * 24 + 3 * 100) * 3 * 10,
            "evaluate@1": 40 * 3,
        }
    )


def test_a_second_round_knows_what_the_frozen_layers_make_of_its_texts(params: Params) -> None:
    twice = replace(params, stopping=replace(params.stopping, max_rounds=2))
    stages = learning_stages(LOAD, twice, SPEED)
    assert stages["filter@2"] == pytest.approx(96 * 3) and stages["audit@2"] == 10 * 6
    assert stages["finetune@2"] == stages["finetune@1"]


def test_without_gold_synthetic_pairs_train_the_baseline_and_two_halves(params: Params) -> None:
    without = replace(params, data=replace(params.data, gold=None))
    stages = learning_stages(replace(LOAD, gold=0), without, SPEED)
    assert stages["finetune@0"] == pytest.approx(96 * 2 + 2 * 2 * 96 * 3 * 10)


def test_all_layers_can_be_trained_and_all_pairs_kept(params: Params) -> None:
    whole = replace(
        params,
        student=replace(params.student, trainable_layers=None),
        generation=replace(params.generation, rank_by="none"),
    )
    stages = learning_stages(LOAD, whole, SPEED)
    assert stages["finetune@0"] == 100 * 3 * 5 * 10
    assert stages["filter@1"] == 50 * 0.75 * 8 * 5


def test_every_system_beside_the_rounds_is_a_training_and_an_evaluation(params: Params) -> None:
    beside = replace(params, comparisons=["random-1", "random-2"])
    stages = learning_stages(LOAD, beside, SPEED)
    assert stages["compare"] == pytest.approx(2 * (stages["finetune@1"] + stages["evaluate@1"]))


def test_a_generation_is_read_written_and_chosen() -> None:
    assert (
        generating(Writing(layers=5, read=1, write=2, word=10), read=900, written=70, chosen=90)
        == 5 * (900 + 140) + 900
    )


def test_tokens_of_many_texts_go_by_a_sample() -> None:
    assert tokens(["ab", "abcd"], Characters()) == 6
    assert tokens(["abc"] * 1000, Characters()) == 3000
    assert tokens(["", ""], Characters()) == tokens([], Characters()) == 0


def test_the_sample_is_counted_before_anything_runs(params: Params) -> None:
    load = count_load(params, ROOT, Characters(), Characters())
    assert load.prompts == 84 * 6
    assert load.pair == pytest.approx(load.dev / 51)
    assert load.written == pytest.approx(84 * 6 * 68 * 0.4)
    assert load.chosen == pytest.approx(84 * 6 * (40 * 0.4 + 0.75 * 12)), (
        "a question of 40 tokens, an answer of 12 that is ranked"
    )
    unranked = replace(params, generation=replace(params.generation, rank_by="none"))
    other = count_load(unranked, ROOT, Characters(), Characters())
    assert other.chosen == pytest.approx(84 * 6 * 40 * 0.4) and other.read < load.read
    both = count_load(replace(params, lang=["es", "hi"]), ROOT, Characters(), Characters())
    assert (both.prompts, both.gold, both.test) == (2 * load.prompts, load.gold, load.test)


@pytest.fixture
def here(params: Params, tiny_gemma: Path) -> Params:
    """The same with a tiny model."""
    tiny = ModelSource(str(tiny_gemma))
    return replace(params, generator=tiny, student=replace(params.student, model=tiny))


def test_stages_are_in_the_order_of_the_method(here: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gemquad.doctor.speed.measure_learning", lambda *_: SPEED)
    monkeypatch.setattr("gemquad.doctor.speed.measure_writing", lambda *_: Writing(5, 1, 1, 1))
    stages = forecast(here, ROOT)
    assert list(stages) == ["generate", "finetune@0", "evaluate@0", "filter@1", "audit@1", "finetune@1", "evaluate@1"]
    served = forecast(replace(here, backend=replace(here.backend, name="openai")), ROOT)
    assert list(served) == list(stages)[1:]


def found(params: Params, monkeypatch: pytest.MonkeyPatch, stages: dict[str, float]) -> list[Finding]:
    monkeypatch.setattr("gemquad.doctor.checks.forecast", lambda *_: stages)
    return list(_time(params, ROOT))


def test_the_doctor_tells_the_whole_and_the_long_stages(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, generate = found(params, monkeypatch, {"generate": 600.0, "evaluate@0": 30.0})
    assert (whole.level, whole.found) == (Level.OK, "roughly 10 minutes for a whole run, by the speed just measured")
    assert (generate.topic, generate.found) == ("time of generate", "10 minutes")


def test_over_an_hour_there_is_advice(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    served = replace(params, backend=replace(params.backend, name="openai"))
    whole, _ = found(served, monkeypatch, {"finetune@0": 7200.0})
    assert whole.level is Level.WARN and "-S experiment=quick" in whole.advice
    assert whole.found.startswith("roughly 2.0 hours") and "without generate, which backend=openai" in whole.found


def test_what_keeps_the_time_unknown_is_said(here: Params, tmp_path: Path) -> None:
    (said,) = _time(here, tmp_path)
    assert said.level is Level.WARN and "not known: " in said.found and "data/sample/gold.en.json" in said.found


def test_times_are_for_people() -> None:
    assert [lasting(t) for t in (7.4, 89, 90, 5399, 5400)] == [
        "7 seconds",
        "89 seconds",
        "2 minutes",
        "90 minutes",
        "1.5 hours",
    ]
