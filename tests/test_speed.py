"""What the figures of a measurement are made of; how fast a machine is is no business of a test."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from gemquad.doctor.speed import Learning, Writing, measure_learning, measure_writing, seconds_of
from gemquad.errors import UserError
from gemquad.params import ModelSource, Student, load_params

PARAMS = load_params(Path(__file__).parents[1] / "params.yaml")
GEMMA = {
    "model_type": "gemma3_text",
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 8,
    "vocab_size": 65536,
    "layer_types": ["sliding_attention", "sliding_attention", "full_attention"],
    "pad_token_id": 40000,
}


class Clock:
    """A clock that a call of `work` moves on."""

    def __init__(self, *each: float) -> None:
        self.now, self.each, self.calls = 0.0, each, 0

    def __call__(self) -> float:
        return self.now

    def work(self) -> None:
        self.now += self.each[min(self.calls, len(self.each) - 1)]
        self.calls += 1


def test_the_first_call_warms_up_and_the_mean_of_the_others_counts() -> None:
    clock = Clock(9.0, 0.1, 0.3, 0.2)
    assert seconds_of(clock.work, clock) == pytest.approx(0.2)
    assert clock.calls == 4


def test_a_long_call_is_made_once_and_a_short_one_twenty_times() -> None:
    long, short = Clock(3.0), Clock(0.001)
    assert seconds_of(long.work, long) == 3.0 and long.calls == 2
    assert seconds_of(short.work, short) == pytest.approx(0.001) and short.calls == 21


@pytest.fixture
def one_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything takes a second, and is computed once."""

    def call(work: Callable[[], Any]) -> float:
        work()
        return 1.0

    monkeypatch.setattr("gemquad.doctor.speed.seconds_of", call)


def saved(folder: Path, **changes: Any) -> ModelSource:
    (folder / "config.json").write_text(json.dumps({**GEMMA, **changes}))
    return ModelSource(str(folder))


def student(model: ModelSource, **changes: Any) -> Student:
    return replace(PARAMS.student, model=model, dtype="float32", batch_size=2, eval_batch_size=5, **changes)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_figures_are_for_one_token_and_of_all_words(one_second: None, tmp_path: Path, dtype: Any) -> None:
    model = saved(tmp_path)
    generation = replace(PARAMS.generation, dtype=dtype, batch_tokens=100)
    assert measure_writing(model, generation, 25.0) == Writing(3, read=1 / (4 * 64), write=1 / 4, word=2 / 4)
    assert measure_writing(model, generation, 101.0).write == 1.0
    asked = replace(student(model), dtype=dtype)
    assert measure_learning(asked, 10.5) == Learning(3, read=1 / 50, learn=1 / 20)
    assert measure_learning(replace(asked, max_length=32), 500.0) == Learning(3, read=1 / 160, learn=1 / 64)


def test_on_a_cpu_a_call_on_a_large_model_is_of_fewer_rows(
    one_second: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gemquad.doctor.speed._ON_A_CPU", 1.0)
    monkeypatch.setattr("gemquad.doctor.speed.device", lambda: torch.device("cpu"))
    assert measure_writing(saved(tmp_path), PARAMS.generation, 100.0).write == 1.0


@pytest.mark.parametrize("model_type", ["xlm-roberta", "qwen2"])
def test_other_architectures_have_layers_too(one_second: None, tmp_path: Path, model_type: str) -> None:
    model = saved(tmp_path, model_type=model_type, layer_types=None)
    assert measure_learning(student(model), 4) == Learning(3, read=1 / 20, learn=1 / 8)


def test_what_cannot_be_measured_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'nobody/nothing-at-all' is not here"):
        measure_writing(ModelSource("nobody/nothing-at-all"), PARAMS.generation, 1)
    with pytest.raises(UserError, match=r"cannot be measured: .*no-such-model"):
        measure_learning(student(saved(tmp_path, model_type="no-such-model")), 10)
