"""Sequential fine-tuning (GeMQuAD section 3.2): from the pre-trained model, first on silver, then on gold.

Silver teaches the language, gold corrects what silver got wrong: the clean labels have the last word.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
import xxhash
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase, TrainingArguments

from gemquad.compute import compute_dtype, device
from gemquad.errors import UserError
from gemquad.params import Student
from gemquad.schema import Example
from gemquad.student.checkpoints import checkpoints
from gemquad.student.description import describe
from gemquad.student.frozen import computed_once
from gemquad.student.model import load_pretrained, train_only_top
from gemquad.student.processes import is_main
from gemquad.student.trainer import Curve, Rows, train
from gemquad.tasks.head import AnyHead, Input

_NEVER = 1 << 30
"""Steps after which Trainer saves by itself; with the strategy "steps" it also does so at the end."""


@dataclass(frozen=True)
class Phase:
    """One fine-tuning in the sequence: its name ("silver", "gold"), what it trains on, and for how many epochs or updates.

    `updates`, where given, is the number of optimiser steps and takes the place of `epochs`.
    """

    name: str
    inputs: Sequence[Input]
    epochs: float = 1.0
    updates: int | None = None


def sequence(examples: Mapping[str, Sequence[Example]], head: AnyHead, settings: Student) -> list[Phase]:
    """The phases of a round, by the name of what each trains on, in order: "silver" or, without gold, "synthetic"; then "gold"."""
    return [
        Phase(name, [head.input(one) for one in own], settings.epochs if name == "gold" else settings.silver_epochs)
        for name, own in examples.items()
    ]


def fine_tune(
    phases: Sequence[Phase],
    head: AnyHead,
    settings: Student,
    seed: int,
    folder: Path,
    seen: Callable[[dict[str, Any]], None] = lambda entry: None,
) -> list[dict[str, Any]]:
    """Train the pre-trained student through `phases` in order, save it to `folder`, return its learning curve.

    The curve is a list of {"phase", "step", "loss", "learning_rate"}: the mean loss of the steps since the entry before. Steps
    count through all phases; the first and the last of each have an entry, and `seen` is given each as soon as it is known. A
    phase without inputs is left out. A training that was killed goes on from its last checkpoint, to the same student and curve.

    Raises:
        UserError: no phase has inputs, or the pre-trained student cannot be loaded.
    """
    if not any(phase.inputs for phase in phases):
        names = " and ".join(f"'{phase.name}'" for phase in phases)
        raise UserError(
            f"There is no example to train the student on ({names}). Give gold (data.gold), or generate more."
        )
    model, tokenizer = load_pretrained(settings.model, head, seed, settings.layers, settings.max_length)
    train_only_top(model, settings.trainable_layers)
    phases = [phase for phase in phases if phase.inputs]
    rows = [training_rows(phase.inputs, head, tokenizer, settings) for phase in phases]
    curve: list[dict[str, Any]] = []
    with checkpoints(_digest(model, phases, rows, settings, seed)) as kept:
        with computed_once(model, compute_dtype(settings.dtype)):
            for number, phase in enumerate(phases):
                own = Curve(phase.name, curve[-1]["step"] if curve else 0, seen)
                is_last = number + 1 == len(phases)
                arguments = training_arguments(phase, settings, seed, kept / str(number), save_end=not is_last)
                train(model, tokenizer, head, rows[number], arguments, settings, own)
                curve += own.entries
        if is_main():
            nn.Module.to(model, compute_dtype(settings.dtype))  # transformers' own `to` hides its signature
            model.save_pretrained(folder, state_dict=_stored(model))
            tokenizer.save_pretrained(folder)
            describe(folder, head, settings)
    return curve


def _stored(model: PreTrainedModel) -> dict[str, Tensor]:
    """The weights as they are saved: of the frozen ones those in bf16 that it holds exactly, as it does a checkpoint's in bf16.

    Loading brings all of them to one dtype. Embeddings are most of a small model, and stand in half the space.
    """
    weights: dict[str, Tensor] = model.state_dict()
    frozen = {name: one.bfloat16() for name, one in model.named_parameters() if not one.requires_grad}
    if not frozen:
        return weights
    exact = torch.stack([(half == weights[name]).all() for name, half in frozen.items()]).tolist()
    return weights | {name: half for (name, half), same in zip(frozen.items(), exact, strict=True) if same}


def training_rows(
    inputs: Sequence[Input], head: AnyHead, tokenizer: PreTrainedTokenizerBase, settings: Student
) -> Rows:
    """One row for the Trainer per model input; with its `weight` unless all are 1."""
    encoded = head.encode(inputs, tokenizer, settings)
    rows = [head.training_item(one, inputs) for one in encoded]
    if any(one.weight != 1 for one in inputs):
        return [{**row, "weight": inputs[one.example].weight} for row, one in zip(rows, encoded, strict=True)]
    return rows


def training_arguments(
    phase: Phase, settings: Student, seed: int, folder: Path, save_end: bool = False
) -> TrainingArguments:
    """The Trainer's arguments. `trainer.py` decides when to log and save; NaN filtering is off, as it would wait for the device."""
    return TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=settings.batch_size,
        num_train_epochs=phase.epochs,
        max_steps=-1 if phase.updates is None else phase.updates,
        warmup_steps=settings.warmup_ratio,
        lr_scheduler_type="linear",
        max_grad_norm=1.0,
        bf16=compute_dtype(settings.dtype) is torch.bfloat16,
        use_cpu=device().type == "cpu",
        seed=seed,
        accelerator_config={"split_batches": True, "non_blocking": device().type == "cuda"},
        logging_strategy="no",
        logging_nan_inf_filter=False,
        save_strategy="steps" if save_end else "no",
        save_steps=_NEVER,
        save_total_limit=1,
        disable_tqdm=True,
        report_to="none",
    )


def _digest(model: PreTrainedModel, phases: Sequence[Phase], rows: Sequence[Rows], settings: Student, seed: int) -> str:
    """Of all that decides a training: first weights, rows in their order, settings, and the code that trains."""
    digest = xxhash.xxh3_128()
    for name, weight in model.state_dict().items():
        digest.update(name.encode())
        digest.update(weight.flatten().view(torch.uint8).numpy())
    world = os.environ.get("WORLD_SIZE", "1")
    lengths = [(phase.name, phase.epochs, phase.updates) for phase in phases]
    digest.update(repr((lengths, rows, settings, seed, compute_dtype(settings.dtype), device().type, world)).encode())
    digest.update(repr((torch.__version__, transformers.__version__)).encode())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()
