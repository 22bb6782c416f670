"""Sequential fine-tuning (GeMQuAD section 3.2): from the pre-trained model, first on silver, then on gold.

Silver teaches the language, gold corrects what silver got wrong: the clean labels have the last word.
"""

import tempfile
from collections.abc import Sequence
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
from gemquad.params import Student
from gemquad.progress import Progress
from gemquad.schema import Question, SyntheticPair
from gemquad.student.features import Example, target, training_example, windows
from gemquad.student.model import load_pretrained, train_only_top


@dataclass(frozen=True)
class Phase:
    """One fine-tuning in the sequence: its name ("silver", "gold"), what it trains on, and for how many epochs or updates.

    `updates`, where given, is the number of optimiser steps and takes the place of `epochs`.
    """

    name: str
    examples: Sequence[Example]
    epochs: float = 1.0
    updates: int | None = None


def training_examples(records: Sequence[Question | SyntheticPair]) -> list[Example]:
    """Gold questions (their first answer) or synthetic pairs, as the student trains on them."""
    return [training_example(record) for record in records]


def fine_tune(phases: Sequence[Phase], settings: Student, seed: int, folder: Path) -> list[dict[str, Any]]:
    """Train the pre-trained student through `phases` in order, save it to `folder`, return its learning curve.

    The curve is a list of {"phase", "step", "loss", "learning_rate"}; steps count through all phases.
    """
    model, tokenizer = load_pretrained(settings.model, seed)
    train_only_top(model, settings.trainable_layers)
    curve: list[dict[str, Any]] = []
    for phase in phases:
        if phase.examples:
            curve += _train(model, tokenizer, phase, settings, seed, first_step=curve[-1]["step"] if curve else 0)
    nn.Module.to(model, compute_dtype(settings.dtype))  # transformers' own `to` hides its signature from type checkers
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return curve


def _train(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    phase: Phase,
    settings: Student,
    seed: int,
    first_step: int,
) -> list[dict[str, Any]]:
    dataset = _Windows(phase.examples, tokenizer, settings)
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
            callbacks=[_ProgressCallback(f"training on {phase.name}")],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return [
        {
            "phase": phase.name,
            "step": first_step + entry["step"],
            "loss": round(entry["loss"], 6),
            "learning_rate": entry["learning_rate"],
        }
        for entry in trainer.state.log_history
        if "loss" in entry
    ]


def collator(tokenizer: PreTrainedTokenizerBase) -> DataCollatorWithPadding:
    """Pads on the right, whatever the tokenizer prefers: answer positions count from the first token."""
    tokenizer.padding_side = "right"
    return DataCollatorWithPadding(tokenizer)


def _optimizer(model: PreTrainedModel, settings: Student) -> torch.optim.Optimizer:
    """AdamW; the new head learns at its own, higher rate, and vectors (norms, biases) do not decay."""
    head = [p for name, p in model.named_parameters() if name.startswith("qa_outputs") and p.requires_grad]
    body = [p for name, p in model.named_parameters() if not name.startswith("qa_outputs") and p.requires_grad]
    decay = settings.weight_decay
    return torch.optim.AdamW(
        [
            {"params": head, "lr": settings.head_learning_rate, "weight_decay": 0.0},
            {"params": [p for p in body if p.ndim > 1], "lr": settings.learning_rate, "weight_decay": decay},
            {"params": [p for p in body if p.ndim <= 1], "lr": settings.learning_rate, "weight_decay": 0.0},
        ]
    )


class _Windows(Dataset[dict[str, Any]]):
    """Training windows with the token positions of their answers."""

    def __init__(self, examples: Sequence[Example], tokenizer: PreTrainedTokenizerBase, settings: Student) -> None:
        self._items = []
        for window in windows(examples, tokenizer, settings.max_length, settings.stride):
            answer = examples[window.example].answer
            assert answer is not None, "training examples have answers"
            start, end = target(window, answer)
            self._items.append({"input_ids": window.input_ids, "start_positions": start, "end_positions": end})

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self._items[index]


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
