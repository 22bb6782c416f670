"""Times from counts and a given speed, by hand; counts from the sample with a tokenizer of characters."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from conftest import pair
from gemquad.doctor.checks import _time
from gemquad.doctor.finding import Finding
from gemquad.doctor.forecast import count_load, forecast, learning_stages, read_data, tokens, tuning_seconds
from gemquad.errors import UserError
from gemquad.params import ModelSource, Params, load_params
from gemquad.parquet import write_records
from gemquad.schema import SilverPair

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
    """One round, three of five layers trained; 12 candidates of 8 tokens (50 × 0.75 × 0.32), of them 1.8 silver."""
    whole = load_params(ROOT / "params.yaml")
    return replace(
        whole,
        lang=["es"],
        student=replace(whole.student, layers=None, trainable_layers=3, epochs=3, silver_epochs=2),
        filter=replace(whole.filter, keep_fraction=0.32),
        stopping=replace(whole.stopping, max_rounds=1),
    )


def test_frozen_layers_read_once_and_trained_ones_every_epoch(params: Params) -> None:
    assert learning_stages(LOAD, params, *SPEED) == pytest.approx(
        {
            "finetune@0": 100 * (2 + 3 * 3 * 10),
            "evaluate@0": 40 * (2 + 3),
            "label@1": 96 * (2 + 3) + 10 * (2 + 2 * 3),
            "finetune@1": (2 * 14.4 + 3 * 100) * 3 * 10,
            "evaluate@1": 40 * 3,
        }
    )


def test_a_second_round_knows_what_the_frozen_layers_make_of_its_texts(params: Params) -> None:
    twice = replace(params, stopping=replace(params.stopping, max_rounds=2))
    stages = learning_stages(LOAD, twice, *SPEED)
    assert stages["label@2"] == pytest.approx(96 * 3 + 10 * 6)
    assert stages["finetune@2"] == stages["finetune@1"]


def test_without_gold_synthetic_pairs_train_the_baseline_and_two_halves(params: Params) -> None:
    without = replace(params, data=replace(params.data, gold=None))
    stages = learning_stages({**LOAD, "gold": 0.0}, without, *SPEED)
    assert stages["finetune@0"] == pytest.approx(96 * 2 + 2 * 2 * 96 * 3 * 10)


def test_all_layers_can_be_trained_and_all_pairs_kept(params: Params) -> None:
    whole = replace(
        params,
        student=replace(params.student, trainable_layers=None),
        filter=replace(params.filter, keep_fraction=1.0),
    )
    stages = learning_stages(LOAD, whole, *SPEED)
    assert stages["finetune@0"] == 100 * 3 * 5 * 10
    assert stages["label@1"] == 50 * 0.75 * 8 * 5 + 10 * 2 * 5


def test_every_system_beside_the_rounds_is_a_training_and_an_evaluation(params: Params) -> None:
    beside = replace(params, comparisons=["random-1", "random-2"])
    stages = learning_stages(LOAD, beside, *SPEED)
    assert stages["compare"] == pytest.approx(2 * (stages["finetune@1"] + stages["evaluate@1"]))


def test_further_labelers_train_on_their_parts_and_answer_everything_once_more(params: Params) -> None:
    """Of three labelers two are trained: on two thirds of gold, in round 2 after a third of the 14.4 tokens of silver."""
    three = replace(params, filter=replace(params.filter, labelers=3), stopping=replace(params.stopping, max_rounds=2))
    one = learning_stages(LOAD, replace(three, filter=params.filter), *SPEED)
    stages = learning_stages(LOAD, three, *SPEED)
    answering, gold = (96 + 2 * 10) * 3, 3 * 100 * 2 / 3 * 3 * 10
    assert stages["label@1"] - one["label@1"] == pytest.approx(2 * (gold + answering))
    assert stages["label@2"] - one["label@2"] == pytest.approx(2 * (gold + 2 * 14.4 / 3 * 3 * 10 + answering))
    assert {name for name in stages if stages[name] != one[name]} == {"label@1", "label@2"}


def test_further_labelers_without_gold_first_learn_a_part_of_the_candidates(params: Params) -> None:
    without = replace(params, data=replace(params.data, gold=None))
    three = replace(without, filter=replace(params.filter, labelers=3))
    one, stages = (learning_stages({**LOAD, "gold": 0.0}, which, *SPEED) for which in (without, three))
    more = 2 * (2 * 96 / 3 * 3 * 10 + (96 + 2 * 10) * 3)
    assert stages["label@1"] - one["label@1"] == pytest.approx(more)


def test_a_generator_that_learns_reads_all_layers_in_every_epoch(params: Params) -> None:
    load = {**LOAD, "tuned": 50.0}
    assert tuning_seconds(load, params, *SPEED) == 50 * 5 * 10
    two = replace(params, tuning=replace(params.tuning, trainable_layers=2))
    assert tuning_seconds(load, two, *SPEED) == 50 * (3 * 1 + 2 * 10)


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


def test_what_the_generator_learns_is_counted_as_often_as_it_learns_it(params: Params, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/sample").symlink_to(ROOT / "data/sample")
    silver = [SilverPair(**asdict(pair(f"p{i}", passage=f"Ana vive en Lima {i}.")), weight=1.0) for i in range(6)]
    write_records(tmp_path / "data/own.parquet", SilverPair, silver)

    def load(**changes: Any) -> dict[str, float]:
        tuned = replace(params, tuning=replace(params.tuning, **changes))
        return count_load(tuned, read_data(tuned, tmp_path), Characters(), Characters())

    assert (load()["tuned"], load()["row"]) == (0, 0)
    gold, both = load(epochs=3.0), load(epochs=3.0, accepted="data/own.parquet")
    count = len(read_data(params, ROOT)["gold"])
    assert gold["tuned"] == pytest.approx(3 * count * gold["row"])
    assert both["tuned"] == pytest.approx(3 * (count + 6) * both["row"])
    assert both["row"] > 100 and both["prompts"] == 84 * 6
    with pytest.raises(UserError, match=r"^tuning\.accepted: .*data/none\.parquet does not exist"):
        load(epochs=1.0, accepted="data/none.parquet")


@pytest.fixture
def here(params: Params, tiny_gemma: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    """The same with a tiny model of a given speed."""
    monkeypatch.setattr("gemquad.doctor.measured.cache_root", lambda: tmp_path)
    monkeypatch.setattr("gemquad.doctor.forecast.measure_learning", lambda *_: SPEED)
    monkeypatch.setattr("gemquad.doctor.forecast.measure_writing", lambda *_: (2.0, 3.0))
    tiny = ModelSource(str(tiny_gemma))
    return replace(params, generator=tiny, student=replace(params.student, model=tiny))


def test_stages_are_in_the_order_of_the_method(here: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gemquad.doctor.forecast.count_load", lambda *_: LOAD)
    stages = forecast(here, {})
    assert list(stages) == ["generate", "finetune@0", "evaluate@0", "label@1", "finetune@1", "evaluate@1"]
    assert stages["generate"] == 900 * 2 + 70 * 3
    monkeypatch.setattr(
        "gemquad.doctor.forecast.count_load", lambda *_: {**LOAD, "read": 901.0, "tuned": 50.0, "row": 9.0}
    )
    assert forecast(here, {})["generate"] > stages["generate"], "counts are those of the code at hand"
    learns = forecast(replace(here, tuning=replace(here.tuning, epochs=1)), {})
    assert list(learns) == ["tune", *stages] and learns["tune"] == 50 * 5 * 10
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
