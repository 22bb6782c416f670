"""What a model takes, told without its weights: memory by its shape, time by one layer of random weights that is measured.

Training holds weights in fp32 and a copy in bf16, gradients and AdamW's two moments of what is trained, and 34 bytes of activations
for each token and hidden unit of a trained layer (Korthikanti et al. 2022, arXiv 2205.05198), doubled for gates and autocast.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.utils.benchmark import Timer
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedConfig, PreTrainedModel
from transformers.utils import has_file

from gemquad.compute import compute_dtype, device
from gemquad.doctor.finding import hub
from gemquad.params import Generation, ModelSource, Student
from gemquad.pretrained import Origin, build, load
from gemquad.student.fitness import check_fit
from gemquad.student.model import keep_lower
from gemquad.weights import resolve

_RUNTIME = 6e8  # bytes of Python, torch and its buffers
_WORDS, _PAST = 128, 64  # embeddings of the measured layer; tokens that a row has before it writes one more
_OTHERS = "Name another: -S student=gemma-270m, or e.g. -S generator.name=FOLDER -S generator.wheel=null."
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")


def config_of(source: ModelSource) -> PreTrainedConfig:
    """The configuration of a model whose weights are here or on the hub; a `UserError` says that they are not to be had."""
    name, options = resolve(source)
    origin = Origin(f"'{source.name}'", _OTHERS, "is not to be had")
    with origin.loading():
        here = any(has_file(name, file, options.get("revision"), local_files_only=True) for file in _WEIGHTS)
        if not here and (Path(name).exists() or hub().level != "ok"):
            raise OSError("its weights are neither here nor on a hub that answers.")
    return load(AutoConfig, name, origin, local_files_only=here, **options)


def empty_model(kind: Any, source: ModelSource, layers: int | None = None) -> PreTrainedModel:
    """A model of an `AutoModelFor…` class with its lower `layers`, without weights; a `UserError` says that there is none."""
    config = config_of(source)
    keep_lower(config.get_text_config(), layers)
    with torch.device("meta"):
        return build(kind, config, Origin(f"'{source.name}'", _OTHERS))


def check_student(source: ModelSource, model: PreTrainedModel, max_length: int) -> None:
    """Raise a `UserError` where the student's training would: its tokenizer or its positions do not suit."""
    name, options = resolve(source)
    origin = Origin(f"student '{source.name}'", _OTHERS)
    check_fit(model, load(AutoTokenizer, name, origin, **options), max_length, origin)


def training_memory(model: PreTrainedModel, student: Student, batch_size: int) -> float:
    """Bytes at the peak of a training of what is not frozen in the model."""
    shape = model.config.get_text_config()
    layers = shape.num_hidden_layers if student.trainable_layers is None else student.trainable_layers
    activations = 2 * 34 * batch_size * student.max_length * shape.hidden_size * layers
    return _RUNTIME + (4 + 2) * model.num_parameters() + (4 + 8) * model.num_parameters(True) + activations


def saved_bytes(model: PreTrainedModel, dtype: torch.dtype) -> int:
    """Bytes of a student on disk that computes in `dtype`; what is frozen stands there no larger than in its checkpoint."""
    size = dtype.itemsize
    return sum(one.numel() * (size if one.requires_grad else min(size, one.itemsize)) for one in model.parameters())


def generation_memory(model: PreTrainedModel, generation: Generation, batch_tokens: int) -> float:
    """Bytes at the peak of a generation: of the weights, and of the keys and values of a batch of so many tokens."""
    shape = model.config.get_text_config()
    heads = shape.num_attention_heads
    width = getattr(shape, "head_dim", None) or shape.hidden_size // heads
    cached = 2 * width * (getattr(shape, "num_key_value_heads", None) or heads) * shape.num_hidden_layers
    return _RUNTIME + compute_dtype(generation.dtype).itemsize * (model.num_parameters() + batch_tokens * cached)


def halved(setting: int, needs: Callable[[int], float], room: float) -> int:
    """The largest halving of `setting` for which `needs(halved)` is at most `room`; 1 where none is."""
    while setting > 1 and needs(setting) > room:
        setting //= 2
    return setting


@torch.inference_mode()
def measure_writing(source: ModelSource, generation: Generation, tokens: float) -> tuple[float, float]:
    """Seconds of a generator to read a token, and to write one, in the rows of a batch of `tokens` each, prompt and completion."""
    shape, dtype = config_of(source).get_text_config(), compute_dtype(generation.dtype)
    head = torch.ones(shape.hidden_size, shape.vocab_size, dtype=dtype, device=device())
    layers, layer = shape.num_hidden_layers, _layer(shape, dtype).eval()
    ids = _ids(layer, max(int(generation.batch_tokens / max(tokens, 1.0)), 1), _PAST)
    states, past = head.new_ones(len(ids), len(head)), layer(input_ids=ids, use_cache=True).past_key_values
    read = seconds_of(lambda: layer(input_ids=ids)) / ids.numel()
    write = seconds_of(lambda: layer(input_ids=ids[:, :1], past_key_values=past, use_cache=True)) / len(ids)
    return layers * read, layers * write + seconds_of(lambda: states @ head) / len(ids)


def measure_learning(student: Student, tokens: float) -> tuple[int, float, float]:
    """The student's layers, and seconds per token in one of them to answer and to learn, in batches of texts of `tokens` each."""
    shape, dtype = config_of(student.model).get_text_config(), compute_dtype(student.dtype)
    keep_lower(shape, student.layers)
    layers, layer = shape.num_hidden_layers, _layer(shape, torch.float32).train()
    length = min(max(int(tokens), 1), student.max_length)
    learnt, asked = _ids(layer, student.batch_size, length), _ids(layer, student.eval_batch_size, length)
    optimizer = torch.optim.AdamW(layer.parameters())

    def update() -> None:
        with torch.autocast(device().type, torch.bfloat16, enabled=dtype is torch.bfloat16):
            loss = layer(input_ids=learnt).last_hidden_state.float().square().mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    learn = seconds_of(update) / learnt.numel()
    layer.to(dtype).eval()
    with torch.inference_mode():
        return layers, seconds_of(lambda: layer(input_ids=asked)) / asked.numel(), learn


def seconds_of(call: Callable[[], Any]) -> float:
    """Mean seconds of three calls behind two that warm up, with all of torch's threads, the work of a GPU included."""
    return Timer("call()", globals={"call": call}, num_threads=torch.get_num_threads()).timeit(3).mean


def _layer(shape: PreTrainedConfig, dtype: torch.dtype) -> PreTrainedModel:
    """One layer of the shape, which is changed to that."""
    shape.vocab_size, shape.pad_token_id = _WORDS, 0
    keep_lower(shape, 1)
    return build(AutoModel, shape, Origin("the model", _OTHERS), dtype=dtype).to(device())


def _ids(layer: PreTrainedModel, rows: int, tokens: int) -> torch.Tensor:
    """Token ids [rows, tokens], on a CPU of so few rows that a call takes under a second on two cores with AVX2."""
    if device().type == "cpu":
        rows = halved(rows, lambda count: 2.0 * layer.num_parameters() * count * tokens, room=2e10)
    return torch.full((rows, tokens), _WORDS // 2, device=device())
