"""Times from counts and a given speed, by hand; counts from the sample with a tokenizer of characters."""

from dataclasses import replace
from pathlib import Path

import pytest

from gemquad.doctor.checks import _time
from gemquad.doctor.finding import Finding
from gemquad.doctor.forecast import count_load, forecast, learning_stages, read_data, tokens
from gemquad.params import ModelSource, Params, load_params

ROOT = Path(__file__).parents[1]
LOAD = {
    "gold": 100.0,
    "dev": 10.0,
    "test": 30.0,
    "pair": 8.0,
    "prompts": 50.0,
    "read": 900.0,
    "written": 70.0,
    "request": 20.0,
}
SPEED = (5, 1.0, 10.0)


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
    assert learning_stages(LOAD, params, *SPEED) == pytest.approx(
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
    stages = learning_stages(LOAD, twice, *SPEED)
    assert stages["filter@2"] == pytest.approx(96 * 3) and stages["audit@2"] == 10 * 6
    assert stages["finetune@2"] == stages["finetune@1"]


def test_without_gold_synthetic_pairs_train_the_baseline_and_two_halves(params: Params) -> None:
    without = replace(params, data=replace(params.data, gold=None))
    stages = learning_stages({**LOAD, "gold": 0.0}, without, *SPEED)
    assert stages["finetune@0"] == pytest.approx(96 * 2 + 2 * 2 * 96 * 3 * 10)


def test_all_layers_can_be_trained_and_all_pairs_kept(params: Params) -> None:
    whole = replace(
        params,
        student=replace(params.student, trainable_layers=None),
        generation=replace(params.generation, rank_by="none"),
    )
    stages = learning_stages(LOAD, whole, *SPEED)
    assert stages["finetune@0"] == 100 * 3 * 5 * 10
    assert stages["filter@1"] == 50 * 0.75 * 8 * 5


def test_every_system_beside_the_rounds_is_a_training_and_an_evaluation(params: Params) -> None:
    beside = replace(params, comparisons=["random-1", "random-2"])
    stages = learning_stages(LOAD, beside, *SPEED)
    assert stages["compare"] == pytest.approx(2 * (stages["finetune@1"] + stages["evaluate@1"]))


def test_tokens_of_many_texts_go_by_a_sample() -> None:
    assert tokens(["ab", "abcd"], Characters()) == 6
    assert tokens(["abc"] * 1000, Characters()) == 3000
    assert tokens(["", ""], Characters()) == tokens([], Characters()) == 0


def test_the_sample_is_counted_before_anything_runs(params: Params) -> None:
    records = read_data(params, ROOT)
    load = count_load(params, records, Characters(), Characters())
    assert load["prompts"] == 84 * 6
    assert load["pair"] == pytest.approx(load["dev"] / 153)
    assert load["written"] == pytest.approx(84 * 6 * 68 * 0.4)
    assert load["request"] > 68 and load["read"] < 84 * 6 * (load["request"] - 68), "shared beginnings are read once"
    both = count_load(replace(params, lang=["es", "hi"]), records, Characters(), Characters())
    assert (both["prompts"], both["gold"], both["test"]) == (2 * load["prompts"], load["gold"], load["test"])


@pytest.fixture
def here(params: Params, tiny_gemma: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    """The same with a tiny model of a given speed."""
    monkeypatch.setattr("gemquad.doctor.forecast.measure_learning", lambda *_: SPEED)
    monkeypatch.setattr("gemquad.doctor.forecast.measure_writing", lambda *_: (2.0, 3.0))
    tiny = ModelSource(str(tiny_gemma))
    return replace(params, generator=tiny, student=replace(params.student, model=tiny))


def test_stages_are_in_the_order_of_the_method(here: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gemquad.doctor.forecast.count_load", lambda *_: LOAD)
    stages = forecast(here, {})
    assert list(stages) == ["generate", "finetune@0", "evaluate@0", "filter@1", "audit@1", "finetune@1", "evaluate@1"]
    assert stages["generate"] == 900 * 2 + 70 * 3
    served = forecast(replace(here, backend=replace(here.backend, name="openai")), {})
    assert list(served) == list(stages)[1:]


def found(params: Params, monkeypatch: pytest.MonkeyPatch, stages: dict[str, float]) -> list[Finding]:
    monkeypatch.setattr("gemquad.doctor.checks.forecast", lambda *_: stages)
    return list(_time(params, ROOT, {}))


def test_the_doctor_tells_the_whole_and_the_long_stages(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, generate = found(params, monkeypatch, {"generate": 600.0, "evaluate@0": 30.0})
    assert (whole.level, whole.found) == ("ok", "roughly 10 minutes for a whole run, by the speed just measured")
    assert (generate.topic, generate.found) == ("time of generate", "10 minutes")


def test_over_an_hour_there_is_advice(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    served = replace(params, backend=replace(params.backend, name="openai"))
    whole, _ = found(served, monkeypatch, {"finetune@0": 7200.0})
    assert whole.level == "warn" and "-S experiment=quick" in whole.advice
    assert whole.found.startswith("roughly 120 minutes") and "without generate, which backend=openai" in whole.found


def test_no_time_is_told_before_data_are_fetched(params: Params) -> None:
    assert list(_time(replace(params, fetches={"xquad-es": "xquad"}), ROOT, {})) == []
