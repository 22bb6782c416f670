"""Labelling synthetic pairs: `filter`'s own against a plain `Trainer.predict` loop, side by side.

    python benchmarks/labelling.py [--pairs 64] [--file FILE] [--language es] [--rounds 1]

Questions of a SQuAD-format file stand for synthetic pairs. The plain loop is transformers' Trainer, rows as they come, padded to
the longest of a batch, and then the likeliest span of each window, one window after the other. The student has the pre-trained
frozen layers and a head drawn at random, as good as any for speed. The first labelling finds nothing kept; the second is that of a
later round. Loading is not counted. On a shared machine compare CPU seconds.
"""

import argparse
import os
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from training import ROOT, Spent, as_transformers_has_it, plain_model
from transformers import DataCollatorWithPadding, PreTrainedModel, PreTrainedTokenizerBase, Trainer, TrainingArguments

from gemquad.compute import compute_dtype, device
from gemquad.params import Student, load_params
from gemquad.sources.squad import read_questions
from gemquad.student.frozen import computed_once
from gemquad.student.inference import answer
from gemquad.student.model import load_student, train_only_top
from gemquad.tasks.answers import Answer
from gemquad.tasks.head import AnyHead, Input
from gemquad.tasks.loading import load_task


def main() -> None:
    """Label by turns, and print pairs per second and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=64)
    parser.add_argument("--file", type=Path, default=ROOT / "data/sample/test.es.json", help="in SQuAD's format")
    parser.add_argument("--language", default="es")
    parser.add_argument("--rounds", type=int, default=1)
    args = parser.parse_args()
    params = load_params(ROOT / "params.yaml")
    settings, head = params.student, load_task(params).head()
    questions = read_questions(args.file, args.language)
    inputs = [head.input(questions[number % len(questions)]) for number in range(args.pairs)]
    print(f"{torch.__version__}, {device()}, {compute_dtype(settings.dtype)}, {torch.get_num_threads()} threads")
    speeds: dict[str, list[float]] = {"plain": [], "ours": [], "ours, kept": []}
    with tempfile.TemporaryDirectory() as folder:
        student = saved(Path(folder) / "student", head, settings)
        for number in range(args.rounds):
            said = {"plain": plain(student, inputs, head, settings, speeds["plain"])}
            os.environ["GEMQUAD_CACHE"] = f"{folder}/cache-{number}"
            for name in ("ours", "ours, kept"):
                said[name] = ours(student, inputs, head, settings, speeds[name])
            for name in said:
                same = statistics.mean(a.text == b.text for a, b in zip(said[name], said["plain"], strict=True))
                print(
                    f"{name}: {speeds[name][-1]:.2f} pairs/s, {same:.1%} of the answers as the plain loop", flush=True
                )
    median = {name: statistics.median(found) for name, found in speeds.items()}
    print(f"ratio labelling {median['ours'] / median['plain']:.2f}")
    print(f"ratio labelling-kept {median['ours, kept'] / median['plain']:.2f}")


def saved(folder: Path, head: AnyHead, settings: Student) -> Path:
    """A student as a training saves it, untrained."""
    model, tokenizer = plain_model(head, settings, 1)
    model.to(compute_dtype(settings.dtype)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def ours(folder: Path, inputs: Sequence[Input], head: AnyHead, settings: Student, speeds: list[float]) -> list[Answer]:
    """What `student.evaluation.label` does after loading."""
    model, tokenizer = load_student(folder, head, compute_dtype(settings.dtype))
    train_only_top(model, settings.trainable_layers)
    with Spent() as spent, computed_once(model, compute_dtype(settings.dtype)):
        said = answer(model, tokenizer, inputs, head, settings, label=None)
    return told("ours", spent, said, speeds)


def plain(folder: Path, inputs: Sequence[Input], head: AnyHead, settings: Student, speeds: list[float]) -> list[Answer]:
    """`Trainer.predict`, and the span of each window by itself."""
    model, tokenizer = load_plain(folder, head, settings)
    with Spent() as spent, tempfile.TemporaryDirectory() as scratch:
        encoded = head.encode(inputs, tokenizer, settings)
        arguments = TrainingArguments(
            scratch,
            per_device_eval_batch_size=settings.eval_batch_size,
            use_cpu=device().type == "cpu",
            disable_tqdm=True,
            report_to="none",
        )
        rows = [{"input_ids": one.input_ids} for one in encoded]
        predicted = Trainer(model, arguments, DataCollatorWithPadding(tokenizer), eval_dataset=rows).predict(rows)
        starts, ends = (torch.from_numpy(logits).float() for logits in predicted.predictions)
        best: list[Answer] = [Answer("", 0, -1.0)] * len(inputs)
        for row, window in enumerate(encoded):
            found = best_span(window.spans, starts[row], ends[row], inputs[window.example].text, settings)
            if found.confidence > best[window.example].confidence:
                best[window.example] = found
    return told("plain", spent, best, speeds)


def load_plain(folder: Path, head: AnyHead, settings: Student) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The student as transformers loads it."""
    model, tokenizer = load_student(folder, head, compute_dtype(settings.dtype))
    as_transformers_has_it(model)
    tokenizer.padding_side = "right"
    return model, tokenizer


def best_span(spans: list[object], starts: torch.Tensor, ends: torch.Tensor, passage: str, settings: Student) -> Answer:
    """The likeliest span of a window, by its own small tensors."""
    positions = [at for at, span in enumerate(spans) if span]
    index = torch.tensor([0, *positions])
    scores = starts[index].log_softmax(-1)[1:, None] + ends[index].log_softmax(-1)[None, 1:]
    allowed = torch.ones_like(scores, dtype=torch.bool).triu().tril(settings.max_answer_tokens - 1)
    flat = scores.masked_fill(~allowed, -torch.inf).flatten()
    choice = int(flat.argmax())
    first, last = (spans[positions[number]] for number in divmod(choice, len(positions)))
    return Answer(passage[first.start : last.end], first.start, float(flat[choice].exp()))


def told(name: str, spent: Spent, said: list[Answer], speeds: list[float]) -> list[Answer]:
    """Print and note how fast it was."""
    speeds.append(len(said) / spent.seconds)
    print(f"{name}: {len(said)} pairs in {spent.seconds:.1f} s, {spent.cpu_seconds:.1f} CPU seconds", flush=True)
    return said


if __name__ == "__main__":
    main()
