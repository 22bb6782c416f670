"""Teach the generator to write such pairs as gold has, in the very form in which it will be asked (off by default).

Gold is turned round: the prompt is the task's own for a passage of gold, beside exemplars from elsewhere in gold; the text to learn
is what the generator should have written after it. Then the same with pairs that the labelers of an earlier run accepted. The paper
never fine-tunes the generator; why and when this does, and what it was measured to be worth: docs/decisions/41-tuned-generator.md.
"""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase, TrainingArguments

from gemquad.compute import compute_dtype, device
from gemquad.errors import UserError
from gemquad.generation.backends.in_process import load_model, load_tokenizer
from gemquad.generation.chat import chat_tokens
from gemquad.generation.decoder.head import OutputHead
from gemquad.params import ModelSource, Precision, Tuning
from gemquad.schema import Example
from gemquad.student.batches import ByLength
from gemquad.student.gemma import fuse_norms
from gemquad.student.model import layer_stack, without_padding
from gemquad.student.processes import is_main
from gemquad.student.trainer import Curve, Rows, run
from gemquad.tasks.prompter import AnyPrompter

_NO_TARGET = -100
_WARMUP = 0.1
"""Share of the updates in which the learning rate rises."""


class TuningRow(NamedTuple):
    """A prompt, and the text that the generator should write after it."""

    prompt: str
    continuation: str


def tuning_rows(examples: Sequence[Example], prompter: AnyPrompter, seed: int) -> list[TuningRow]:
    """A row for each example of gold, or each accepted pair, in order; `seed` draws the exemplars of its prompt from the others.

    Raises:
        UserError: a language has too few of them for the exemplars of a prompt.
    """
    return [TuningRow(*turned) for turned in prompter.turned_round(examples, seed)]


def tune_generator(
    rows: Sequence[TuningRow],
    model: ModelSource,
    settings: Tuning,
    seed: int,
    folder: Path,
    dtype: Precision = "auto",
    seen: Callable[[dict[str, Any]], None] = lambda entry: None,
    accepted: Sequence[TuningRow] = (),
) -> list[dict[str, Any]]:
    """Train the generator on the rows' continuations, and save it to `folder` as a model of its own; returns the learning curve.

    `rows`, of gold, come first; then `accepted`, with an optimiser and a warm-up of their own. The curve is a list of {"phase",
    "step", "loss", "learning_rate"}: the phase "gold" or "accepted", steps counted through both, the loss in nats for a token of a
    continuation. Weights are kept in fp32 while they learn, computed with in `dtype` and saved in it.

    Raises:
        UserError: there are no rows, the model cannot be loaded or has fewer layers than shall learn.
    """
    phases = {name: own for name, own in (("gold", rows), ("accepted", accepted)) if own}
    if not phases:
        raise UserError("There is no gold to teach the generator. Give some (data.gold), or set -S tuning.epochs=0.")
    tokenizer = load_tokenizer(model)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    encoded = {name: _encoded(own, model.chat, tokenizer) for name, own in phases.items()}
    learning = load_model(model, "float32").train()
    _let_learn(learning, settings.trainable_layers)
    fuse_norms(learning)
    told = _Told(learning, max(len(row["input_ids"]) - row["begins"] for own in encoded.values() for row in own))
    curve: list[dict[str, Any]] = []
    for name, own in encoded.items():
        entries = Curve(name, curve[-1]["step"] if curve else 0, seen)
        order = ByLength([len(row["input_ids"]) for row in own], settings.batch_size, seed)
        with tempfile.TemporaryDirectory() as scratch:
            arguments = _arguments(settings, seed, Path(scratch), compute_dtype(dtype))
            optimizer = _optimizer(learning, settings)
            run(told, tokenizer, lambda told, batch: told(**batch), own, order, arguments, optimizer, entries)
        curve += entries.entries
    if is_main():
        nn.Module.to(learning, compute_dtype(dtype))  # transformers' own `to` hides its signature
        learning.config._name_or_path = ""  # a folder of this machine, in a file by whose content the weights are known
        learning.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return curve


class _Told(nn.Module):
    """A causal language model that returns its loss on the tokens of the continuations alone.

    Logits of every token of a prompt would fill the memory: Gemma's vocabulary has 262,144 words.
    """

    steps: Tensor

    def __init__(self, model: PreTrainedModel, longest: int) -> None:
        super().__init__()
        self.base, self._head = model.base_model, OutputHead(model)
        self.register_buffer("steps", torch.arange(longest, device=model.device), persistent=False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, begins: Tensor) -> Tensor:
        """From token ids and mask, (rows, tokens), and where each row's continuation begins, (rows,), to the mean loss, ()."""
        hidden = self.base(input_ids=input_ids, **without_padding()).last_hidden_state  # (rows, tokens, hidden)
        at = begins[:, None] + self.steps  # (rows, longest): the places of a continuation's tokens
        there = at < attention_mask.sum(1, keepdim=True)
        at = at.clamp(max=input_ids.shape[1] - 1)
        words = input_ids.gather(1, at).masked_fill(~there, _NO_TARGET)
        telling = hidden.gather(1, (at - 1)[..., None].expand(-1, -1, hidden.shape[-1]))  # (rows, longest, hidden)
        if hidden.device.type == "cpu":  # elsewhere to find out how many are there would be to wait for the device
            telling, words = telling[there], words[there]
        logits = self._head.all(telling.flatten(0, -2))
        return nn.functional.cross_entropy(logits.float(), words.flatten(), ignore_index=_NO_TARGET)


def _encoded(rows: Sequence[TuningRow], chat: bool, tokenizer: PreTrainedTokenizerBase) -> Rows:
    """Token ids of prompt and continuation, as the backend has them, and where the continuation begins."""
    texts = [row.prompt for row in rows]
    prompts = [chat_tokens(text, tokenizer) for text in texts] if chat else tokenizer(texts)["input_ids"]
    written = tokenizer([row.continuation for row in rows], add_special_tokens=False)["input_ids"]
    return [
        {"input_ids": [*prompt, *text], "begins": len(prompt)} for prompt, text in zip(prompts, written, strict=True)
    ]


def _let_learn(model: PreTrainedModel, layers: int | None) -> None:
    """Freeze all but the last `layers` layers and the norm behind them; None is all layers."""
    stack = layer_stack(model.base_model)
    if layers is not None and layers > len(stack):
        raise UserError(
            f"tuning.trainable_layers is {layers}, but the generator has {len(stack)} layers. Use fewer, or null."
        )
    model.requires_grad_(False)
    for layer in stack[len(stack) - (layers or len(stack)) :]:
        layer.requires_grad_(True)
    if isinstance(norm := getattr(model.base_model, "norm", None), nn.Module):
        norm.requires_grad_(True)


def _optimizer(model: PreTrainedModel, settings: Tuning) -> torch.optim.Optimizer:
    return torch.optim.AdamW(
        [parameter for parameter in model.parameters() if parameter.requires_grad],
        lr=settings.learning_rate,
        weight_decay=0.0,
        fused=device().type in ("cpu", "cuda"),
    )


def _arguments(settings: Tuning, seed: int, folder: Path, dtype: torch.dtype) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=settings.batch_size,
        num_train_epochs=settings.epochs,
        warmup_steps=_WARMUP,
        lr_scheduler_type="linear",
        max_grad_norm=1.0,
        bf16=dtype is torch.bfloat16,
        use_cpu=device().type == "cpu",
        seed=seed,
        accelerator_config={"split_batches": True, "non_blocking": device().type == "cuda"},
        logging_strategy="no",
        logging_nan_inf_filter=False,
        save_strategy="no",
        disable_tqdm=True,
        report_to="none",
    )
