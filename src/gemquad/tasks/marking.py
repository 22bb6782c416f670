"""One answer to one example, marked: what was asked, what was expected, whether the answer is right.

Kinds of tasks share few records of predictions, and the record decides how an answer is marked.
"""

from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from gemquad.params import Filter
from gemquad.schema import LabelledText, LabelPrediction, Prediction, Question, SpanPrediction
from gemquad.tasks.kinds.base import AnyTask

RULE = "An answer is right where it equals a reference after normalisation, names the class, or is within `filter.tolerance`."


@dataclass(frozen=True)
class Marked:
    """An answer beside what was asked and expected, for people to read."""

    asked: str
    expected: str
    answer: str
    right: bool


@singledispatch
def marked(prediction: Prediction, example: Any, task: AnyTask, rule: Filter) -> Marked:
    """The answer to `example`, marked; `rule` says how far numbers may be apart."""
    raise TypeError(f"no way to mark a {type(prediction).__name__}")


@marked.register
def _(prediction: SpanPrediction, example: Question, task: AnyTask, rule: Filter) -> Marked:
    references = " / ".join(dict.fromkeys(example.answers))
    return Marked(example.question, references, prediction.answer, prediction.exact_match == 1)


@marked.register
def _(prediction: LabelPrediction, example: LabelledText, task: AnyTask, rule: Filter) -> Marked:
    asked = " / ".join(text for text in (example.text, example.second) if text)
    right = task.agreement(prediction.answer, example, rule) >= task.least_agreement(rule)
    return Marked(asked, prediction.expected, prediction.answer, right)
