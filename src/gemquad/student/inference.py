"""Answer examples: the most confident of the candidates that the head finds for each, or several of them."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase
from transformers.utils import ModelOutput

from gemquad.progress import Progress
from gemquad.tasks.answers import Answer
from gemquad.tasks.head import AnyHead, Encoded, Input, ReadingSettings, X

_CPU_TOKENS = 1536  # of a batch on a CPU: a layer of more does not fit its caches, and takes a fifth longer
_PIECE = 2048  # inputs: enough to fill batches of one length, few enough to have in memory with all their token ids


class Model(Protocol):
    """A student that answers: a model of transformers, or an exported one."""

    @property
    def device(self) -> torch.device:
        """The device on which the model expects its inputs."""

    def __call__(self, *, input_ids: Tensor, attention_mask: Tensor, **segments: Tensor) -> Any:
        """From token ids, mask and perhaps segments, each (batch, tokens), to a `ModelOutput` with the head's logits."""


def answer(
    model: Model,
    tokenizer: PreTrainedTokenizerBase,
    inputs: Sequence[Input],
    head: AnyHead,
    settings: ReadingSettings,
    label: str | None = "answering",
) -> list[Answer]:
    """The student's answer to each input, in order; without a `label` nothing is printed."""
    return [best for best, *_ in candidates(model, tokenizer, inputs, head, settings, 1, label)]


@torch.inference_mode()
def candidates(
    model: Model,
    tokenizer: PreTrainedTokenizerBase,
    inputs: Sequence[Input],
    head: AnyHead,
    settings: ReadingSettings,
    most: int,
    label: str | None = "answering",
) -> list[list[Answer]]:
    """The student's 1 to `most` likeliest answers to each input, in order, the likeliest first; computed piece by piece.

    The same text at the same place counts once, with its largest probability: windows of a passage overlap.
    """
    found: list[list[Answer]] = []
    with Progress(label, len(inputs), "inputs") if label else nullcontext() as progress:
        for piece in pieces(inputs):
            found += _of_piece(model, tokenizer, piece, head, settings, most, progress)
    return found


def pieces(inputs: Sequence[Input]) -> list[Sequence[Input]]:
    """The inputs in order, in pieces that are encoded separately."""
    return [inputs[begin : begin + _PIECE] for begin in range(0, len(inputs), _PIECE)]


def _of_piece(
    model: Model,
    tokenizer: PreTrainedTokenizerBase,
    inputs: Sequence[Input],
    head: AnyHead,
    settings: ReadingSettings,
    most: int,
    progress: Progress | None,
) -> list[list[Answer]]:
    """The answers to inputs that are encoded together, and batched by length."""
    best: dict[int, list[Answer]] = {}  # by the number of the input, which may have several windows
    encoded = sorted(head.encode(inputs, tokenizer, settings), key=lambda one: len(one.input_ids))
    tokens = settings.eval_batch_size * settings.max_length
    for batch in _batches(encoded, min(tokens, _CPU_TOKENS) if model.device.type == "cpu" else tokens):
        answered = len(best)
        found = head.answers(batch, _output(model, tokenizer, batch), inputs, settings, most)
        for one, own in zip(batch, found, strict=True):
            best[one.example] = _likeliest([*best.get(one.example, ()), *own], most)
        if progress:
            progress.advance(len(best) - answered)
    return [best[number] for number in range(len(inputs))]


def _likeliest(answers: Sequence[Answer], most: int) -> list[Answer]:
    """The `most` likeliest distinct answers; of equally likely ones those that come first."""
    ranked = sorted(answers, key=lambda one: -one.confidence)
    distinct: dict[tuple[str, int], Answer] = {}
    for one in ranked:
        distinct.setdefault((one.text, one.start), one)
    return list(distinct.values())[:most]


def _batches(encoded: Sequence[X], tokens: int) -> Iterator[list[X]]:
    """Model inputs, which come by length, in batches of at most so many tokens, padding included, or of one."""
    batch: list[X] = []
    for one in encoded:
        if batch and (len(batch) + 1) * len(one.input_ids) > tokens:
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _output(model: Model, tokenizer: PreTrainedTokenizerBase, batch: Sequence[Encoded]) -> ModelOutput:
    """The model's output for a batch, padded on the right: positions count from the first token."""
    # all (batch, tokens), tokens being the length of the longest input; the mask is 0 for padding
    padded = tokenizer.pad([one.tokens for one in batch], padding_side="right", return_tensors="pt")
    return model(**{name: value.to(model.device) for name, value in padded.items()})
