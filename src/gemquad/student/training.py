"""Sequential fine-tuning (GeMQuAD section 3.2): from the pre-trained model, first on silver, then on gold.

Silver teaches the language, gold corrects what silver got wrong: the clean labels have the last word.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import Dataset
from transformers import (
    DataCollatorWithPadding,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from gemquad.compute import compute_dtype, device
from gemquad.errors import UserError
from gemquad.params import Student
from gemquad.progress import Progress
from gemquad.student.description import describe
from gemquad.student.model import load_pretrained, train_only_top
from gemquad.tasks.heads.base import AnyHead, Input


@dataclass(frozen=True)
class Phase:
    """One fine-tuning in the sequence: its name ("silver", "gold"), what it trains on, and for how many epochs or updates.

    `updates`, where given, is the number of optimiser steps and takes the place of `epochs`.
    """

    name: str
    inputs: Sequence[Input]
    epochs: float = 1.0
    updates: int | None = None


def fine_tune(
    phases: Sequence[Phase],
    head: AnyHead,
    settings: Student,
    seed: int,
    folder: Path,
    seen: Callable[[dict[str, Any]], None] = lambda entry: None,
) -> list[dict[str, Any]]:
    """Train the pre-trained student through `phases` in order, save it to `folder`, return its learning curve.

    The curve is a list of {"phase", "step", "loss", "learning_rate"}; steps count through all phases, and `seen` is given each
    entry as soon as it is known. A phase without inputs is left out.

    Raises:
        UserError: no phase has inputs, or the pre-trained student cannot be loaded.
    """
    if not any(phase.inputs for phase in phases):
        names = " and ".join(f"'{phase.name}'" for phase in phases)
        raise UserError(
            f"There is no example to train the student on ({names}). Give gold (data.gold), or generate more."
        )
    model, tokenizer = load_pretrained(settings.model, head, seed)
    train_only_top(model, settings.trainable_layers)
    curve: list[dict[str, Any]] = []
    for phase in phases:
        if phase.inputs:
            dataset = _Items(phase.inputs, head, tokenizer, settings)
            first_step = curve[-1]["step"] if curve else 0
            curve += _train(model, tokenizer, dataset, phase, settings, seed, _Curve(phase.name, first_step, seen))
    nn.Module.to(model, compute_dtype(settings.dtype))  # transformers' own `to` hides its signature from type checkers
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    describe(folder, head, settings)
    return curve


class _Items(Dataset[dict[str, Any]]):
    """What the Trainer is given of every model input."""

    def __init__(
        self, inputs: Sequence[Input], head: AnyHead, tokenizer: PreTrainedTokenizerBase, settings: Student
    ) -> None:
        self._items = [head.training_item(one, inputs) for one in head.encode(inputs, tokenizer, settings)]

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self._items[index]


def _train(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    dataset: _Items,
    phase: Phase,
    settings: Student,
    seed: int,
    curve: "_Curve",
) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as scratch:
        arguments = TrainingArguments(
            output_dir=scratch,
            per_device_train_batch_size=settings.batch_size,
            num_train_epochs=phase.epochs,
            max_steps=-1 if phase.updates is None else phase.updates,
            warmup_steps=settings.warmup_ratio,
            lr_scheduler_type="linear",
            max_grad_norm=1.0,
            train_sampling_strategy="group_by_length",
            bf16=compute_dtype(settings.dtype) is torch.bfloat16,
            use_cpu=device().type == "cpu",
            seed=seed,
            logging_steps=1,
            disable_tqdm=True,
            save_strategy="no",
            report_to="none",
        )
        trainer = Trainer(
            model=model,
            args=arguments,
            train_dataset=dataset,
            data_collator=collator(tokenizer),
            optimizers=(_optimizer(model, settings), None),
            callbacks=[_ProgressCallback(f"training on {phase.name}"), curve],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return curve.entries


def collator(tokenizer: PreTrainedTokenizerBase) -> DataCollatorWithPadding:
    """Pads on the right, whatever the tokenizer prefers: answer positions count from the first token."""
    tokenizer.padding_side = "right"
    return DataCollatorWithPadding(tokenizer)


def _optimizer(model: PreTrainedModel, settings: Student) -> torch.optim.Optimizer:
    """AdamW; the new head learns at its own, higher rate, and vectors (norms, biases) do not decay."""
    pretrained = set(model.base_model.parameters())
    trained = [p for p in model.parameters() if p.requires_grad]
    head = [p for p in trained if p not in pretrained]
    body = [p for p in trained if p in pretrained]
    decay = settings.weight_decay
    return torch.optim.AdamW(
        [
            {"params": head, "lr": settings.head_learning_rate, "weight_decay": 0.0},
            {"params": [p for p in body if p.ndim > 1], "lr": settings.learning_rate, "weight_decay": decay},
            {"params": [p for p in body if p.ndim <= 1], "lr": settings.learning_rate, "weight_decay": 0.0},
        ]
    )


class _ProgressCallback(TrainerCallback):
    """The Trainer's steps on our progress line."""

    def __init__(self, label: str) -> None:
        self._label = label

    def on_train_begin(self, args: TrainingArguments, state: Any, control: Any, **kwargs: Any) -> None:
        self._progress = Progress(self._label, state.max_steps, "steps")

    def on_step_end(self, args: TrainingArguments, state: Any, control: Any, **kwargs: Any) -> None:
        self._progress.advance(1)

    def on_train_end(self, args: TrainingArguments, state: Any, control: Any, **kwargs: Any) -> None:
        self._progress.__exit__(None, None, None)


class _Curve(TrainerCallback):
    """The loss of every step of one phase; `first_step` were taken before it."""

    def __init__(self, phase: str, first_step: int, seen: Callable[[dict[str, Any]], None]) -> None:
        self._phase, self._first_step, self._seen = phase, first_step, seen
        self.entries: list[dict[str, Any]] = []

    def on_log(self, args: TrainingArguments, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        if "loss" in logs:
            entry = {
                "phase": self._phase,
                "step": self._first_step + state.global_step,
                "loss": round(logs["loss"], 6),
                "learning_rate": logs["learning_rate"],
            }
            self.entries.append(entry)
            self._seen(entry)
