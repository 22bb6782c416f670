"""Training a reader: this project's against transformers' question-answering example, side by side.

    python benchmarks/training.py [--questions 240] [--seeds 1] [--epochs 2] [--gold FILE] [--systems ours,before] [--profile]

The example is examples/pytorch/question-answering/run_qa.py of transformers: its features, padded to `max_length`, and its Trainer;
a second time with padding to the longest of a batch (`--pad_to_max_length False`). Model, frozen layers, rows, batch, epochs,
learning rates, precision and seeds are the same for all. `before` is this project's loop as it was: a log at every step, losses
filtered at every step, AdamW not fused, frozen layers in fp32 under autocast. Nothing is kept from one training to the
next; a time is that of training, without loading, tokenising and saving. F1 is that of questions about other articles.
"""

import argparse
import gc
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformers import (
    DataCollatorWithPadding,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PrinterCallback,
    Trainer,
    TrainingArguments,
    default_data_collator,
)
from transformers.models.gemma3.modeling_gemma3 import Gemma3RMSNorm

from gemquad.compute import compute_dtype, device
from gemquad.params import Student, load_params
from gemquad.schema import Question
from gemquad.scoring.qa import f1
from gemquad.sources.squad import read_questions
from gemquad.student.frozen import computed_once
from gemquad.student.gemma import FusedRMSNorm
from gemquad.student.inference import answer
from gemquad.student.model import load_pretrained, train_only_top
from gemquad.student.trainer import Curve, optimizer, train
from gemquad.student.training import Phase, training_arguments, training_rows
from gemquad.tasks.head import AnyHead
from gemquad.tasks.loading import load_task
from gemquad.weights import cache_root

ROOT = Path(__file__).parents[1]
Trained = tuple[PreTrainedModel, PreTrainedTokenizerBase, "Spent", int]
"""Model, tokenizer, time, and rows that were trained on, counted once for every epoch."""


def main() -> None:
    """Train by turns with every seed and print rows per second, F1, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=240, help="to train on; the others are answered")
    parser.add_argument("--answers", type=int, default=200, help="at most so many of the others")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument(
        "--gold", type=Path, default=ROOT / "data/sample/gold.en.json", help="in SQuAD's format, English"
    )
    parser.add_argument("--systems", default="ours,example,longest", help="of ours, example, longest, before")
    parser.add_argument("--profile", action="store_true", help="print where the time of ours goes")
    args = parser.parse_args()
    params = load_params(ROOT / "params.yaml")
    settings = replace(params.student, epochs=args.epochs, batch_size=args.batch)
    head = load_task(params).head()
    questions = read_questions(args.gold, "en")
    gold, held_out = questions[: args.questions], questions[args.questions :][: args.answers]
    print(f"{torch.__version__}, {device()}, {compute_dtype(settings.dtype)}, {torch.get_num_threads()} threads")
    every: dict[str, Callable[[list[Question], AnyHead, Student, int], Trained]] = {
        "ours": ours,
        "example": example,
        "longest": example_of_the_longest,
        "before": before,
    }
    systems = {name: every[name] for name in args.systems.split(",")}
    before(gold[:2], head, replace(settings, epochs=1), 1)  # whatever a device does at its first use
    speeds: dict[str, list[float]] = {name: [] for name in systems}
    scores: dict[str, list[float]] = {name: [] for name in systems}
    for seed in range(1, args.seeds + 1):
        for name, system in systems.items():
            with profiled(name == "ours" and args.profile):
                model, tokenizer, spent, rows = system(gold, head, settings, seed)
            speeds[name].append(rows / spent.seconds)
            scores[name].append(score(model.eval(), tokenizer, held_out, head, settings) if held_out else 0.0)
            cpu = f"{spent.cpu_seconds:.1f} CPU seconds"
            print(
                f"seed {seed}, {name}: {rows} rows in {spent.seconds:.1f} s, {cpu}, {speeds[name][-1]:.2f} rows/s",
                flush=True,
            )
            del model
            gc.collect()
    for name in systems:
        spread = f"{min(scores[name]):.1f} to {max(scores[name]):.1f}"
        print(
            f"{name}: {statistics.median(speeds[name]):.2f} rows/s, F1 {statistics.mean(scores[name]):.1f} ({spread})"
        )
    median = {name: statistics.median(found) for name, found in speeds.items()}
    for name in [name for name in systems if name != "ours"]:
        difference = statistics.mean(scores["ours"]) - statistics.mean(scores[name])
        print(f"F1 of ours less that of {name}: {difference:+.1f}")
        print(f"ratio training-{name} {median['ours'] / median[name]:.2f}")


def ours(gold: list[Question], head: AnyHead, settings: Student, seed: int) -> Trained:
    """What `fine_tune` does between loading and saving, with nothing kept from before."""
    inputs = [head.input(question) for question in gold]
    model, tokenizer = load_pretrained(settings.model, head, seed, settings.layers)
    train_only_top(model, settings.trainable_layers)
    rows = training_rows(inputs, head, tokenizer, settings)
    weights = cache_root() / "weights"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "weights").symlink_to(weights)
        kept, os.environ["GEMQUAD_CACHE"] = os.environ.get("GEMQUAD_CACHE"), folder
        arguments = training_arguments(
            Phase("gold", inputs, settings.epochs), settings, seed, Path(folder) / "checkpoints"
        )
        with Spent() as spent, computed_once(model, compute_dtype(settings.dtype)):
            train(model, tokenizer, head, rows, arguments, settings, Curve("gold", 0, lambda entry: None))
        os.environ.pop("GEMQUAD_CACHE")
        os.environ.update({"GEMQUAD_CACHE": kept} if kept else {})
    return model, tokenizer, spent, int(len(rows) * settings.epochs)


def example(gold: list[Question], head: AnyHead, settings: Student, seed: int) -> Trained:
    """run_qa.py with its defaults."""
    return _example(gold, head, settings, seed, pad_to_max_length=True)


def example_of_the_longest(gold: list[Question], head: AnyHead, settings: Student, seed: int) -> Trained:
    """run_qa.py --pad_to_max_length False."""
    return _example(gold, head, settings, seed, pad_to_max_length=False)


def _example(gold: list[Question], head: AnyHead, settings: Student, seed: int, pad_to_max_length: bool) -> Trained:
    model, tokenizer = plain_model(head, settings, seed)
    rows = prepare_train_features(gold, tokenizer, settings, pad_to_max_length)
    collate = default_data_collator if pad_to_max_length else DataCollatorWithPadding(tokenizer)
    with tempfile.TemporaryDirectory() as folder:
        arguments = plain_arguments(settings, seed, folder)
        trainer = Trainer(
            model, arguments, collate, rows, optimizers=(plain_optimizer(model, settings, fused=True), None)
        )
        trainer.remove_callback(PrinterCallback)
        with Spent() as spent:
            trainer.train()
    return model, tokenizer, spent, int(len(rows) * settings.epochs)


def before(gold: list[Question], head: AnyHead, settings: Student, seed: int) -> Trained:
    """This project's loop before its frozen layers were computed apart."""
    inputs = [head.input(question) for question in gold]
    model, tokenizer = plain_model(head, settings, seed)
    rows = training_rows(inputs, head, tokenizer, settings)
    with tempfile.TemporaryDirectory() as folder:
        arguments = plain_arguments(settings, seed, folder, logging_steps=1, train_sampling_strategy="group_by_length")
        trainer = Trainer(
            model,
            arguments,
            DataCollatorWithPadding(tokenizer),
            rows,
            optimizers=(plain_optimizer(model, settings, fused=False), None),
        )
        trainer.remove_callback(PrinterCallback)
        with Spent() as spent:
            trainer.train()
    return model, tokenizer, spent, int(len(rows) * settings.epochs)


def plain_model(head: AnyHead, settings: Student, seed: int) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The same first weights and frozen layers, without this project's hooks."""
    model, tokenizer = load_pretrained(settings.model, head, seed, settings.layers)
    as_transformers_has_it(model)
    tokenizer.padding_side = "right"
    train_only_top(model, settings.trainable_layers)
    return model, tokenizer


def as_transformers_has_it(model: PreTrainedModel) -> None:
    """Take off what this project changes of a loaded model."""
    model._forward_pre_hooks.clear()
    model._forward_pre_hooks_with_kwargs.clear()
    for module in model.modules():
        if type(module) is FusedRMSNorm:
            module.__class__ = Gemma3RMSNorm


def plain_optimizer(model: PreTrainedModel, settings: Student, fused: bool) -> torch.optim.Optimizer:
    """The same groups of weights, rates and decay."""
    groups = optimizer(model, settings).param_groups
    return torch.optim.AdamW(
        [{key: group[key] for key in ("params", "lr", "weight_decay")} for group in groups], fused=fused
    )


def plain_arguments(settings: Student, seed: int, folder: str, **changes: Any) -> TrainingArguments:
    """transformers' defaults but for what is to be the same."""
    return TrainingArguments(
        output_dir=folder,
        per_device_train_batch_size=settings.batch_size,
        num_train_epochs=settings.epochs,
        warmup_steps=settings.warmup_ratio,
        bf16=compute_dtype(settings.dtype) is torch.bfloat16,
        use_cpu=device().type == "cpu",
        seed=seed,
        save_strategy="no",
        disable_tqdm=True,
        report_to="none",
        **changes,
    )


def prepare_train_features(
    gold: list[Question], tokenizer: PreTrainedTokenizerBase, settings: Student, pad_to_max_length: bool
) -> list[dict[str, Any]]:
    """run_qa.py's function of that name: answers as token positions, those outside of a window at the first token."""
    tokenized = tokenizer(
        [question.question.lstrip() for question in gold],
        [question.passage for question in gold],
        truncation="only_second",
        max_length=settings.max_length,
        stride=settings.stride,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        padding="max_length" if pad_to_max_length else False,
    )
    features = []
    for i, offsets in enumerate(tokenized["offset_mapping"]):
        question, parts = gold[tokenized["overflow_to_sample_mapping"][i]], tokenized.sequence_ids(i)
        start_char = question.answer_starts[0]
        end_char = start_char + len(question.answers[0])
        first, last = parts.index(1), len(parts) - 1 - parts[::-1].index(1)
        start = end = 0
        if offsets[first][0] <= start_char and offsets[last][1] >= end_char:
            start = max(at for at in range(first, last + 1) if offsets[at][0] <= start_char)
            end = min(at for at in range(first, last + 1) if offsets[at][1] >= end_char)
        row = {key: tokenized[key][i] for key in ("input_ids", "attention_mask")}
        features.append({**row, "start_positions": start, "end_positions": end})
    return features


def score(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    held_out: list[Question],
    head: AnyHead,
    settings: Student,
) -> float:
    """Mean F1 of a model's answers, as this project chooses them."""
    model.to(device())
    said = answer(model, tokenizer, [head.input(question) for question in held_out], head, settings, label=None)
    found = zip(said, held_out, strict=True)
    return 100 * statistics.mean(max(f1(one.text, gold, "en") for gold in question.answers) for one, question in found)


class Spent:
    """`with Spent() as spent: …`, until the device has done its work. On a shared machine compare CPU seconds."""

    seconds = cpu_seconds = 0.0

    def __enter__(self) -> "Spent":
        self._began = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *error: object) -> None:
        if device().type == "cuda":
            torch.cuda.synchronize()
        self.seconds, self.cpu_seconds = time.perf_counter() - self._began[0], time.process_time() - self._began[1]


def profiled(wanted: bool) -> Any:
    """Within it, operations are counted; the table is printed at its end."""
    if not wanted:
        return nullcontext()
    from torch.profiler import profile

    def show(profiler: Any) -> None:
        order = "self_cuda_time_total" if device().type == "cuda" else "self_cpu_time_total"
        for key in {order, "self_cpu_time_total"}:
            print(profiler.key_averages().table(sort_by=key, row_limit=20, max_name_column_width=48))

    return profile(on_trace_ready=show)


if __name__ == "__main__":
    main()
