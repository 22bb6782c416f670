"""What the figures of a measurement are made of; how fast a machine is is no business of a test."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
import torch

from gemquad.machine.speed import Learning, Writing, measure_learning, measure_writing, seconds_of

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

    monkeypatch.setattr("gemquad.machine.speed.seconds_of", call)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_figures_are_for_one_token_and_of_all_words(one_second: None, dtype: torch.dtype) -> None:
    assert measure_writing(GEMMA, dtype, rows=4) == Writing(read=1 / (4 * 64), write=1 / 4, word=2 / 4)
    assert measure_learning(GEMMA, dtype, rows=2, eval_rows=5, tokens=10) == Learning(read=1 / 50, learn=1 / 20)


def test_on_a_cpu_a_call_on_a_large_model_is_of_fewer_rows(one_second: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gemquad.machine.speed._ON_A_CPU", 1.0)
    monkeypatch.setattr("gemquad.machine.speed.device", lambda: torch.device("cpu"))
    assert measure_writing(GEMMA, torch.float32, rows=64).write == 1.0


@pytest.mark.parametrize("model_type", ["xlm-roberta", "qwen2"])
def test_other_architectures_have_layers_too(one_second: None, model_type: str) -> None:
    config = {**{k: v for k, v in GEMMA.items() if k not in ("layer_types", "head_dim")}, "model_type": model_type}
    assert all(asdict(measure_learning(config, torch.float32, rows=1, eval_rows=1, tokens=4)).values())


def test_an_unknown_architecture_is_an_error() -> None:
    with pytest.raises(ValueError, match="no-such-model"):
        measure_writing({**GEMMA, "model_type": "no-such-model"}, torch.float32, rows=1)
