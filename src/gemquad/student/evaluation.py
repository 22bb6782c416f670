"""A saved student at work: answering dev and test, and labelling synthetic pairs.

Where `GEMQUAD_RAY_WORKERS` is set, pieces of the inputs are mapped over Ray (`ray_cluster.py`). They are those of one process, and
so are their batches. Only this process reads and writes the pipeline's files: it sends the student's along, so that a cluster needs
no file system in common.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from gemquad.compute import compute_dtype
from gemquad.params import Student
from gemquad.progress import Progress
from gemquad.ray_cluster import over_ray, ray_workers
from gemquad.schema import Example, Prediction
from gemquad.student.crossfit import judges
from gemquad.student.frozen import computed_once
from gemquad.student.inference import candidates, pieces
from gemquad.student.model import check_student, load_student, train_only_top
from gemquad.tasks.answers import Answer
from gemquad.tasks.base import AnyDefinition
from gemquad.tasks.head import AnyHead, Input

CANDIDATES = 20
"""So many answers a labeler gives to a pair at most."""


def predict(
    folder: Path, splits: Mapping[str, Sequence[Example]], settings: Student, task: AnyDefinition, head: AnyHead
) -> list[Prediction]:
    """The task's predictions of the student in `folder` for every example of every split, in order."""
    inputs_by_name = {
        f"answering {split}": [head.input(example) for example in examples] for split, examples in splits.items()
    }
    answers = _answers(folder, inputs_by_name, settings, head, most=1)
    return [
        task.prediction(example, split, next(answers)[0]) for split, examples in splits.items() for example in examples
    ]


def label_candidates(folder: Path, pairs: Sequence[Example], settings: Student, head: AnyHead) -> list[list[Answer]]:
    """The weak labeler's likeliest answers to each synthetic pair, in order; it does not see the pairs' own answers.

    Each pair has 1 to `CANDIDATES`, the likeliest first.

    Where `folder` holds cross-fitted students, each pair is answered by the one that has not been trained on it. No other is in
    memory meanwhile.
    """
    found: dict[int, list[Answer]] = {}
    for judge, numbers in judges(folder, [pair.id for pair in pairs]):
        inputs_by_name = {"labelling": [head.input(pairs[number]) for number in numbers]}
        found.update(zip(numbers, _answers(judge, inputs_by_name, settings, head, CANDIDATES), strict=True))
    return [found[number] for number in range(len(pairs))]


def _answers(
    folder: Path, inputs_by_name: Mapping[str, Sequence[Input]], settings: Student, head: AnyHead, most: int
) -> Iterator[list[Answer]]:
    """One student's `most` likeliest answers to the inputs under every name, in order."""
    if workers := ray_workers():
        yield from _over_ray(folder, inputs_by_name, settings, head, most, workers)
        return
    with _student(folder, settings, head) as (model, tokenizer):
        for name, inputs in inputs_by_name.items():
            yield from candidates(model, tokenizer, inputs, head, settings, most, name)


@contextmanager
def _student(
    folder: Path, settings: Student, head: AnyHead
) -> Iterator[tuple[PreTrainedModel, PreTrainedTokenizerBase]]:
    """The student in `folder`; what its frozen layers make of a text is shared with all students of the run."""
    dtype = compute_dtype(settings.dtype)
    model, tokenizer = load_student(folder, head, dtype)
    train_only_top(model, settings.trainable_layers)
    with computed_once(model, dtype):
        yield model, tokenizer


def _over_ray(
    folder: Path,
    inputs_by_name: Mapping[str, Sequence[Input]],
    settings: Student,
    head: AnyHead,
    most: int,
    workers: int,
) -> Iterator[list[Answer]]:
    """The same by Ray workers. The precision is decided here, not by each worker's hardware."""
    every = [piece for inputs in inputs_by_name.values() for piece in pieces(inputs)]
    if not every:
        return
    rows = [
        {"piece": number, "inputs": json.dumps([(one.text, one.second) for one in piece])}
        for number, piece in enumerate(every)
    ]
    check_student(folder)
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    is_bf16 = compute_dtype(settings.dtype) is torch.bfloat16
    precise = replace(settings, dtype="bfloat16" if is_bf16 else "float32")
    remedy = "Mend it on the workers, or unset GEMQUAD_RAY_WORKERS, and run again."
    answers: dict[int, list[list[Answer]]] = {}
    with Progress(", ".join(inputs_by_name), sum(map(len, every)), "inputs") as progress:
        for row in over_ray(_AnsweringWorker, (files, precise, head, most), rows, min(workers, len(rows)), remedy):
            answers[row["piece"]] = [[Answer(*one) for one in own] for own in json.loads(row["answers"])]
            progress.advance(len(every[row["piece"]]))
    for number in range(len(every)):
        yield from answers.pop(number)


class _AnsweringWorker:
    """One Ray actor: it loads the student once, from its files by name, and answers piece after piece."""

    def __init__(self, files: Mapping[str, bytes], settings: Student, head: AnyHead, most: int) -> None:
        self._settings, self._head, self._most = settings, head, most
        with tempfile.TemporaryDirectory() as name:
            for file, content in files.items():
                (Path(name) / file).write_bytes(content)
            self._loaded = _student(Path(name), settings, head)  # left open: as long as the actor lives
            self._model, self._tokenizer = self._loaded.__enter__()

    def __call__(self, rows: dict[str, Any]) -> dict[str, list[Any]]:
        inputs = [Input(*texts) for texts in json.loads(rows["inputs"][0])]
        found = candidates(self._model, self._tokenizer, inputs, self._head, self._settings, self._most, label=None)
        answers = [[astuple(one) for one in own] for own in found]
        return {"piece": [int(rows["piece"][0])], "answers": [json.dumps(answers)]}
