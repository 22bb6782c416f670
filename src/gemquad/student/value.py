"""What a pair is worth to a student: how much learning from it would lower the loss on one half of dev.

To first order a small step on a pair lowers dev's loss by the step times the dot product of both gradients (TracIn, Pruthi et al.
2020, arXiv 2002.08484; influence functions, Koh & Liang 2017, arXiv 1703.04730, have a Hessian between them). A dot product has no
sides: a small step along dev's gradient lowers the pair's loss by as much. So one step tells of all pairs, in two forward passes
over them and one backward pass over the half of dev; the other half is left to score what was selected (`rounds/halves.py`).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from gemquad.params import Student
from gemquad.schema import Example
from gemquad.student.model import load_student, train_only_top
from gemquad.student.trainer import collator
from gemquad.tasks.head import AnyHead

STEP = 0.002
"""The length of a step in the space of the trained weights: short enough for the first order, far above the rounding of fp32."""

Direction = list[tuple[nn.Parameter, Tensor]]
"""The trained weights, each with its part of a vector in their space."""


def values(
    folder: Path, pairs: Sequence[Example], dev_half: Sequence[Example], settings: Student, head: AnyHead
) -> list[float]:
    """The value of each pair, in order, to the student in `folder`, in nats of its loss for a unit of the step's length.

    value(pair) = (L(pair; w + d) - L(pair; w - d)) / (2 STEP), with d = STEP * g / |g|. Here w are the weights that training moves,
    L is the mean loss over the windows of an example, and g the gradient of the mean of L over `dev_half`. As both sides of w are
    taken, the curvature of L cancels. A pair that pulls the student where dev does is worth more than 0, one against it less.

    Raises:
        UserError: the folder holds no student.
    """
    model, tokenizer = load_student(folder, head, torch.float32)  # in bf16 rounding would hide the step
    train_only_top(model, settings.trainable_layers)
    direction = _uphill(model, tokenizer, dev_half, settings, head)
    _move(direction, STEP)
    above = _losses(model, tokenizer, pairs, settings, head)
    _move(direction, -2 * STEP)
    below = _losses(model, tokenizer, pairs, settings, head)
    return [(high - low) / (2 * STEP) for high, low in zip(above, below, strict=True)]


@torch.inference_mode()
def _losses(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    examples: Sequence[Example],
    settings: Student,
    head: AnyHead,
) -> list[float]:
    found = torch.zeros(len(examples), dtype=torch.float64)
    for numbers, shares, batch in _batches(model, tokenizer, examples, settings.eval_batch_size, settings, head):
        losses = head.losses(model(**batch), batch).double().cpu()  # (rows,)
        found.index_add_(0, numbers, losses * shares)
    return list(found.tolist())


def _uphill(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    dev: Sequence[Example],
    settings: Student,
    head: AnyHead,
) -> Direction:
    """The gradient of dev's mean loss, at length 1."""
    for _, shares, batch in _batches(model, tokenizer, dev, settings.batch_size, settings, head):
        losses = head.losses(model(**batch), batch)
        (losses * shares.to(losses)).sum().div(len(dev)).backward()
    gradients = [(parameter, parameter.grad) for parameter in model.parameters() if parameter.grad is not None]
    length = torch.nn.utils.get_total_norm([gradient for _, gradient in gradients])
    return [(parameter, gradient / length) for parameter, gradient in gradients]


@torch.no_grad()
def _move(direction: Direction, length: float) -> None:
    for parameter, part in direction:
        parameter.add_(part, alpha=length)


def _batches(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    examples: Sequence[Example],
    size: int,
    settings: Student,
    head: AnyHead,
) -> Iterator[tuple[Tensor, Tensor, dict[str, Any]]]:
    """Batches of rows by length: the number of each row's example, its share of that example's loss, and the model's inputs."""
    inputs = [head.input(example) for example in examples]
    encoded = sorted(head.encode(inputs, tokenizer, settings), key=lambda one: len(one.input_ids))
    windows = torch.bincount(torch.tensor([one.example for one in encoded]))
    collate = collator(tokenizer)
    for begin in range(0, len(encoded), size):
        some = encoded[begin : begin + size]
        numbers = torch.tensor([one.example for one in some])
        batch = collate([head.training_item(one, inputs) for one in some])
        yield numbers, 1 / windows[numbers], {name: value.to(model.device) for name, value in batch.items()}
