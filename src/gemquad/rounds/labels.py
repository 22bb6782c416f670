"""What the weak labeler answered, as it crosses from the stage that asks it to those that judge by it."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from gemquad.schema import Example, LabelerAnswer
from gemquad.tasks.answers import Answer
from gemquad.tasks.base import AnyDefinition, PairTexts

Pair = TypeVar("Pair", bound=Example)
STUDENT = 0
"""The number of the student of the round before among the labelers."""


def answer_once(
    pairs: Sequence[Pair], label: Callable[[Sequence[Pair]], Sequence[Answer]], task: AnyDefinition
) -> list[Answer]:
    """The answers of `label` to `pairs`, in order; pairs of which the labeler reads the same are answered once."""
    read = [_labeler_input(task.texts(pair)) for pair in pairs]
    pair_of = dict(zip(read, pairs, strict=True))
    answers = dict(zip(pair_of, label(list(pair_of.values())), strict=True))
    return [answers[one] for one in read]


def recorded(pairs: Iterable[Example], answers: Iterable[Answer], labeler: int = STUDENT) -> list[LabelerAnswer]:
    """The answers of one labeler to `pairs`, in order, as records."""
    return [
        LabelerAnswer(pair.id, pair.language, labeler, [one.text], [one.start], [one.confidence])
        for pair, one in zip(pairs, answers, strict=True)
    ]


def answers_to(pairs: Iterable[Example], records: Iterable[LabelerAnswer], labeler: int = STUDENT) -> list[Answer]:
    """The likeliest answer of one labeler to each of `pairs`, in order."""
    answers = {
        (one.language, one.id): Answer(one.texts[0], one.starts[0], one.confidences[0])
        for one in records
        if one.labeler == labeler
    }
    return [answers[pair.language, pair.id] for pair in pairs]


def _labeler_input(texts: PairTexts) -> tuple[str, ...]:
    """What the labeler reads of a pair."""
    return texts.passage, *texts.generated
