"""A saved student at work: answering dev and test, and labelling synthetic pairs."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from gemquad.compute import compute_dtype
from gemquad.params import Student
from gemquad.schema import Example, Prediction
from gemquad.student.crossfit import judges
from gemquad.student.frozen import computed_once
from gemquad.student.inference import answer
from gemquad.student.model import load_student, train_only_top
from gemquad.tasks.answers import Answer
from gemquad.tasks.heads.base import AnyHead
from gemquad.tasks.kinds.base import AnyTask


def predict(
    folder: Path, splits: Mapping[str, Sequence[Example]], settings: Student, task: AnyTask, head: AnyHead
) -> list[Prediction]:
    """The task's predictions of the student in `folder` for every example of every split, in order."""
    predictions: list[Prediction] = []
    with _student(folder, settings, head) as (model, tokenizer):
        for split, examples in splits.items():
            inputs = [head.input(example) for example in examples]
            answers = answer(model, tokenizer, inputs, head, settings, label=f"answering {split}")
            predictions += [task.prediction(one, split, said) for one, said in zip(examples, answers, strict=True)]
    return predictions


def label(folder: Path, pairs: Sequence[Example], settings: Student, head: AnyHead) -> list[Answer]:
    """The weak labeler's answers to synthetic pairs, whose truth it does not read; in order.

    Where `folder` holds cross-fitted students, each pair is answered by the one that has not been trained on it.
    """
    found: dict[int, Answer] = {}
    for judge, numbers in judges(folder, [pair.id for pair in pairs]):
        found.update(zip(numbers, _labels(judge, [pairs[number] for number in numbers], settings, head), strict=True))
    return [found[number] for number in range(len(pairs))]


def _labels(folder: Path, pairs: Sequence[Example], settings: Student, head: AnyHead) -> list[Answer]:
    """One student's answers. No other is in memory meanwhile."""
    inputs = [head.input(pair) for pair in pairs]
    with _student(folder, settings, head) as (model, tokenizer):
        return answer(model, tokenizer, inputs, head, settings, label="labelling")


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
