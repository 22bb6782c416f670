"""Training by transformers' Trainer: rows sorted by length, no waits for the device, resumed from the last checkpoint."""

import time
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Any, cast

import torch
from safetensors.torch import load_model
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from transformers import (
    DataCollatorWithPadding,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerState,
    TrainingArguments,
)

from gemquad.compute import device
from gemquad.errors import UserError
from gemquad.params import Student
from gemquad.progress import Progress
from gemquad.student.batches import ByLength
from gemquad.student.captured import MULTIPLE, Captured, can_be_captured
from gemquad.student.checkpoints import STATE, newest, seconds_between
from gemquad.student.processes import agreed, is_main
from gemquad.tasks.head import AnyHead, mean_loss

_STEPS_BETWEEN_LOGS = 10
_POINTS_OF_A_CURVE = 10

Rows = list[dict[str, Any]]
"""Model inputs with their targets, as `Head.training_item` makes them: token ids of any length, and targets."""

Loss = Callable[[Any, Any], Tensor]
"""From the model, which may be wrapped for several processes, and a batch to the mean loss, a scalar ()."""


def train(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    head: AnyHead,
    rows: Rows,
    arguments: TrainingArguments,
    settings: Student,
    curve: "Curve",
) -> None:
    """Train `model` on `rows`; `curve` takes the losses.

    A training that has a checkpoint in its output folder goes on from there; of one at its end, the model takes the weights.
    """
    checkpoint = newest(Path(str(arguments.output_dir)))
    state = TrainerState.load_from_json(str(checkpoint / STATE)) if checkpoint else None
    if checkpoint and state and state.global_step == state.max_steps:
        load_model(model, checkpoint / "model.safetensors")
        curve.on_train_begin(arguments, state, None)
        return
    order = ByLength([len(row["input_ids"]) for row in rows], settings.batch_size, arguments.seed)

    def loss(
        model: Any, batch: Any
    ) -> Tensor:  # token ids and mask, each (batch, tokens); targets and weights (batch,)
        return mean_loss(
            head.losses(model(**{name: one for name, one in batch.items() if name != "weight"}), batch), batch
        )

    run(model, tokenizer, loss, rows, order, arguments, optimizer(model, settings), curve, checkpoint)


def run(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    loss: Loss,
    rows: Rows,
    order: ByLength,
    arguments: TrainingArguments,
    optimizer: torch.optim.Optimizer,
    curve: "Curve",
    checkpoint: Path | None = None,
) -> None:
    """Train any `model` on `rows` in their `order`, batches being padded to token ids and mask, each (batch, tokens)."""
    trainer = _Trainer(
        model=model,
        args=arguments,
        train_dataset=cast(Dataset[Any], rows),
        data_collator=collator(tokenizer),
        optimizers=(optimizer, None),
        callbacks=[_Pace(order), curve, *([_ProgressLine(f"training on {curve.phase}")] if is_main() else [])],
    )
    trainer.order, trainer.loss = order, loss
    if arguments.device.type == "cuda" and arguments.world_size == 1 and can_be_captured(model):
        model.train()
        trainer.captured = Captured(lambda batch: trainer.compute_loss(model, batch), model.parameters())
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)


class _Trainer(Trainer):
    """Takes rows in the order of `ByLength`, and the loss that it is given.

    Floating-point operations are not counted: that would walk through all parameters at every step.
    """

    order: ByLength
    loss: Loss
    captured: Captured | None = None

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Tensor:
        if self.captured is None:
            loss: Tensor = super().training_step(model, inputs, num_items_in_batch)
            return loss
        return self.captured(self._prepare_inputs(inputs))  # mean loss, a scalar ()

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        # inputs: token ids and mask, each (batch, tokens); targets (batch,). The loss is a scalar ()
        return self.loss(model, inputs)

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Batches of `student.batch_size` rows, over all processes together."""
        loader: DataLoader[Any] = DataLoader(
            cast(Dataset[Any], self.train_dataset),
            batch_size=self.args.per_device_train_batch_size,
            sampler=self.order,
            collate_fn=self.data_collator,
            pin_memory=self.args.device.type == "cuda",
        )
        return self.accelerator.prepare(loader)

    def floating_point_ops(self, inputs: dict[str, Any]) -> int:
        return 0


def collator(tokenizer: PreTrainedTokenizerBase) -> DataCollatorWithPadding:
    """Pads rows to token ids and mask, each (batch, tokens), on the right: answer positions count from the first token."""
    tokenizer.padding_side = "right"
    return DataCollatorWithPadding(tokenizer, pad_to_multiple_of=MULTIPLE if device().type == "cuda" else None)


def optimizer(model: PreTrainedModel, settings: Student) -> torch.optim.Optimizer:
    """AdamW; the new head learns at its own, higher rate, and vectors (norms, biases) do not decay."""
    pretrained = set(model.base_model.parameters())
    trained = [p for p in model.parameters() if p.requires_grad]
    head = [p for p in trained if p not in pretrained]  # outside the pre-trained base model
    body = [p for p in trained if p in pretrained]
    decay = settings.weight_decay
    return torch.optim.AdamW(
        [
            {"params": head, "lr": settings.head_learning_rate, "weight_decay": 0.0},
            {"params": [p for p in body if p.ndim > 1], "lr": settings.learning_rate, "weight_decay": decay},
            {"params": [p for p in body if p.ndim <= 1], "lr": settings.learning_rate, "weight_decay": 0.0},
        ],
        fused=device().type in ("cpu", "cuda"),
    )


class _Pace(TrainerCallback):
    """Decides at which steps the Trainer logs the loss and saves: not at every step, as both wait for the device.

    The first loss is logged, the last, and every few steps between. A checkpoint is written where a loss has just been logged, so
    that no half of a mean is lost with the process: when it is due, and at the end if the arguments say so.
    """

    def __init__(self, order: ByLength) -> None:
        self._order, self._seconds, self._saved = order, seconds_between(), time.monotonic()

    def on_epoch_begin(self, args: TrainingArguments, state: TrainerState, control: Any, **kwargs: Any) -> None:
        self._order.epoch = state.global_step // self._order.batches

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: Any, **kwargs: Any) -> None:
        every = max(1, min(_STEPS_BETWEEN_LOGS, state.max_steps // _POINTS_OF_A_CURVE))
        is_last = state.global_step == state.max_steps
        control.should_log = state.global_step == 1 or state.global_step % every == 0 or is_last
        if control.should_log and not is_last:
            control.should_save = agreed(lambda: time.monotonic() - self._saved >= self._seconds)

    def on_save(self, args: TrainingArguments, state: TrainerState, control: Any, **kwargs: Any) -> None:
        self._saved = time.monotonic()


class Curve(TrainerCallback):
    """The losses of one phase, each the mean of the steps since the one before; `first_step` steps were taken before the phase."""

    def __init__(self, phase: str, first_step: int, seen: Callable[[dict[str, Any]], None]) -> None:
        self.phase, self._first_step, self._seen = phase, first_step, seen
        self.entries: list[dict[str, Any]] = []

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: Any, **kwargs: Any) -> None:
        """Take the losses logged before the interruption of a resumed training."""
        for log in state.log_history:
            self._take(log)

    def on_log(self, args: TrainingArguments, state: TrainerState, control: Any, **kwargs: Any) -> None:
        self._take(state.log_history[-1])

    def _take(self, log: dict[str, Any]) -> None:
        if "loss" in log:
            if not isfinite(log["loss"]):
                raise UserError(
                    f"training on {self.phase}: the loss is {log['loss']} at step {log['step']}. Lower the learning rate."
                )
            entry = {
                "phase": self.phase,
                "step": self._first_step + log["step"],
                "loss": round(log["loss"], 6),
                "learning_rate": log["learning_rate"],
            }
            self.entries.append(entry)
            self._seen(entry)


class _ProgressLine(TrainerCallback):
    """The Trainer's steps on our progress line."""

    def __init__(self, label: str) -> None:
        self._label = label

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: Any, **kwargs: Any) -> None:
        self._progress = Progress(self._label, state.max_steps, "steps")
        self._progress.advance(state.global_step)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: Any, **kwargs: Any) -> None:
        self._progress.advance(1)

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: Any, **kwargs: Any) -> None:
        self._progress.__exit__(None, None, None)
