"""The task protocol: the one place that knows what an example looks like.

Engine, rounds, stopping, tracking and report are written against `Task`; a new task is one module beside this one and one
file in `conf/task/`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from gemquad.errors import UserError
from gemquad.params import Generation, Prompting
from gemquad.schema import Question


@dataclass(frozen=True)
class Field:
    """A part of a completion: text given before it, then up to `max_tokens` tokens that the model writes.

    Attributes:
        lead: what stands between the line break that ended the field before and this field; "" for the first.
        mode: "free" is sampled with the request's settings; "extract" keeps to substrings of the passage.
        greedy: take the likeliest extracted token instead of drawing at the request's temperature.
        ending_bonus: added to the logit of stopping an extraction; a base model tends to copy on and on.
    """

    name: str
    lead: str
    mode: Literal["free", "extract"]
    max_tokens: int
    greedy: bool = False
    ending_bonus: float = 0.0


class Task(Protocol):
    """What the generator writes and how two answers compare."""

    def prompt(
        self, exemplars: Sequence[tuple[str, Question]], passage: str, language: str, prompting: Prompting
    ) -> str:
        """The prompt's text, up to where the completion begins; each exemplar with what is shown of its passage."""

    def fields(self, language: str, prompting: Prompting, generation: Generation) -> list[Field]:
        """The plan of a completion, field by field."""

    def answer_text(
        self, passage: str, question: str, answer: str, language: str, prompting: Prompting
    ) -> tuple[str, str]:
        """(prefix, continuation) that ask for `answer`, with the question or, where it is empty, without one."""

    def agreement(self, predicted: str, expected: str, language: str) -> tuple[float, float]:
        """F1 and exact match, each 0 to 1, of two answers."""

    def scores(self, predicted: str, references: Sequence[str], language: str) -> tuple[float, float]:
        """The best F1 and the best exact match over references, each 0 to 1."""


def load_task(settings: dict[str, Any]) -> Task:
    """The task that `conf/task/*.yaml` names."""
    from gemquad.tasks.extractive_qa import ExtractiveQA

    tasks = {"extractive_qa": ExtractiveQA}
    name = settings.get("name")
    if name not in tasks:
        raise UserError(f"params.yaml: task.name is {name!r}; known: {', '.join(tasks)}. Set it with -S task=…")
    return tasks[name]()
