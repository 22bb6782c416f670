"""What the figures of a measurement are made of; how fast a machine is is no business of a test."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from gemquad.doctor.models import measure_learning, measure_writing, seconds_of
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


def test_a_call_is_warmed_up_and_computed_three_times_more() -> None:
    calls: list[int] = []
    assert 0 < seconds_of(lambda: calls.append(1)) < 1.0
    assert len(calls) == 5


@pytest.fixture
def one_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything takes a second, and is computed once."""

    def call(work: Callable[[], Any]) -> float:
        work()
        return 1.0

    monkeypatch.setattr("gemquad.doctor.models.seconds_of", call)


def saved(folder: Path, **changes: Any) -> ModelSource:
    (folder / "config.json").write_text(json.dumps({**GEMMA, **changes}))
    (folder / "model.safetensors").touch()
    return ModelSource(str(folder))


def student(model: ModelSource, **changes: Any) -> Student:
    own = {"model": model, "layers": None, "dtype": "float32", "batch_size": 2, "eval_batch_size": 5, **changes}
    return replace(PARAMS.student, **own)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_figures_are_for_one_token_and_of_all_layers_and_words(one_second: None, tmp_path: Path, dtype: Any) -> None:
    model = saved(tmp_path)
    generation = replace(PARAMS.generation, dtype=dtype, batch_tokens=100)
    assert measure_writing(model, generation, 25.0) == (3 / (4 * 64), 3 / 4 + 1 / 4)
    assert measure_writing(model, generation, 101.0) == (3 / 64, 3 + 1)
    asked = student(model, dtype=dtype)
    assert measure_learning(asked, 10.5) == (3, 1 / 50, 1 / 20)
    assert measure_learning(replace(asked, max_length=32, layers=2), 500.0) == (2, 1 / 160, 1 / 64)


def test_on_a_cpu_a_call_on_a_large_model_is_of_fewer_rows(
    one_second: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gemquad.doctor.models.device", lambda: torch.device("cpu"))
    monkeypatch.setattr("transformers.PreTrainedModel.num_parameters", lambda *_: 1e9)
    read, write = measure_writing(saved(tmp_path), PARAMS.generation, 100.0)
    assert (read, write) == (3 / 64, 3 + 1)


@pytest.mark.parametrize("model_type", ["xlm-roberta", "qwen2"])
def test_other_architectures_have_layers_too(one_second: None, tmp_path: Path, model_type: str) -> None:
    model = saved(tmp_path, model_type=model_type, layer_types=None)
    assert measure_learning(student(model), 4) == (3, 1 / 20, 1 / 8)


def test_what_is_not_to_be_had_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match="'nobody/nothing-at-all' is not to be had: its weights are neither here"):
        measure_writing(ModelSource("nobody/nothing-at-all"), PARAMS.generation, 1)
    with pytest.raises(UserError, match=r"is not to be had: .*no-such-model"):
        measure_learning(student(saved(tmp_path, model_type="no-such-model")), 10)
