"""A saved student at work: answering dev and test, and labelling synthetic pairs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from gemquad.compute import compute_dtype
from gemquad.params import Student
from gemquad.schema import Prediction, Question, SyntheticPair
from gemquad.student.features import Example
from gemquad.student.inference import Answer, answer
from gemquad.student.model import load_student
from gemquad.tasks.base import Task


def predict(folder: Path, splits: Mapping[str, Sequence[Question]], settings: Student, task: Task) -> list[Prediction]:
    """The scored answers of the student in `folder` to every question of every split, in order."""
    model, tokenizer = load_student(folder, compute_dtype(settings.dtype))
    predictions = []
    for split, questions in splits.items():
        examples = [Example(question.passage, question.question) for question in questions]
        answers = answer(model, tokenizer, examples, settings, label=f"answering {split}")
        for question, found in zip(questions, answers, strict=True):
            f1, exact_match = task.scores(found.text, question.answers, question.language)
            predictions.append(
                Prediction(
                    id=question.id,
                    language=question.language,
                    split=split,
                    answer=found.text,
                    answer_start=found.start,
                    confidence=found.confidence,
                    f1=f1,
                    exact_match=exact_match,
                )
            )
    return predictions


def label(folder: Path, pairs: Sequence[SyntheticPair], settings: Student) -> list[Answer]:
    """The weak labeler's answers to synthetic questions, given without their answers; in order."""
    model, tokenizer = load_student(folder, compute_dtype(settings.dtype))
    examples = [Example(pair.passage, pair.question) for pair in pairs]
    return answer(model, tokenizer, examples, settings, label="labelling")
