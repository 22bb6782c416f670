"""A training step on a GPU as one CUDA graph for each shape of batch.

A step of a small model is thousands of short kernels. Launched one by one from Python they take 140 ms for 32 questions and Gemma 3
270M on an H100, nearly all of it waiting for the host; captured once, they are launched as one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

MULTIPLE = 64
"""Batches are padded to a multiple of so many tokens, so that there are few shapes."""


def can_be_captured(model: nn.Module) -> bool:
    """Whether a step of `model` copies nothing from the host, which no CUDA graph can hold; DeBERTa's relative positions do."""
    return not getattr(getattr(model, "config", None), "relative_attention", False)


@dataclass(frozen=True)
class _Graph:
    """What a replay reads and writes: the batch, and its mean loss []."""

    graph: torch.cuda.CUDAGraph
    batch: Mapping[str, Tensor]
    loss: Tensor


class Captured:
    """Forward and backward pass of a batch; the gradients are left at the parameters, as `backward` leaves them.

    The first batch of a shape is computed as ever, the second is captured, and from then on it is replayed.

    Args:
        loss_of: from a batch on the GPU to its mean loss.
        parameters: those that need gradients are trained.
    """

    def __init__(self, loss_of: Callable[[Mapping[str, Tensor]], Tensor], parameters: Iterable[nn.Parameter]) -> None:
        self._loss_of = loss_of
        self._trained = [parameter for parameter in parameters if parameter.requires_grad]
        self._gradients: list[Tensor] = []
        self._seen: set[object] = set()
        self._graphs: dict[object, _Graph] = {}
        self._pool = torch.cuda.graph_pool_handle()

    def __call__(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Forward and backward pass of a batch; returns its mean loss, a scalar []."""
        shape = tuple((name, tuple(value.shape)) for name, value in sorted(batch.items()))
        if shape not in self._seen:
            self._seen.add(shape)
            return self._compute(batch)
        if shape not in self._graphs:
            self._graphs[shape] = self._capture(batch)
        captured = self._graphs[shape]
        for name, value in batch.items():
            captured.batch[name].copy_(value)
        self._place_gradients()
        captured.graph.replay()
        return captured.loss.clone()

    def _compute(self, batch: Mapping[str, Tensor]) -> Tensor:
        loss = self._loss_of(batch)
        loss.backward()
        return loss.detach()

    def _capture(self, batch: Mapping[str, Tensor]) -> _Graph:
        own = {name: value.clone() for name, value in batch.items()}
        if not self._gradients:
            self._gradients = [torch.zeros_like(parameter) for parameter in self._trained]
        self._place_gradients()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            torch._foreach_zero_(self._gradients)
            loss = self._compute(own)
        return _Graph(graph, own, loss)

    def _place_gradients(self) -> None:
        """All graphs write to the same gradients, which the Trainer takes off the parameters after every step."""
        for parameter, gradient in zip(self._trained, self._gradients, strict=True):
            parameter.grad = gradient
