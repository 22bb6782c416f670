"""What the weak labelers answered, as it crosses from the stage that asks them to those that judge by it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from gemquad.schema import Example, LabelerAnswer
from gemquad.tasks.answers import Answer
from gemquad.tasks.base import AnyDefinition, PairTexts

Pair = TypeVar("Pair", bound=Example)
Jury = Mapping[int, Sequence[Answer]]
"""The answers to one pair by the number of the labeler, 0 being the student; of each the likeliest first."""


def distinct(pairs: Sequence[Pair], task: AnyDefinition) -> tuple[list[Pair], list[int]]:
    """The pairs of which a labeler reads different texts, and for each of `pairs` its place among those."""
    read = [labeler_input(task.texts(pair)) for pair in pairs]
    pair_of = dict(zip(read, pairs, strict=True))
    place = {one: number for number, one in enumerate(pair_of)}
    return list(pair_of.values()), [place[one] for one in read]


def recorded(pairs: Iterable[Example], juries: Iterable[Jury]) -> list[LabelerAnswer]:
    """The answers to `pairs`, in order, as records: one for each pair and labeler."""
    return [
        LabelerAnswer(
            pair.id,
            pair.language,
            labeler,
            [one.text for one in said],
            [one.start for one in said],
            [one.confidence for one in said],
        )
        for pair, jury in zip(pairs, juries, strict=True)
        for labeler, said in jury.items()
    ]


def answers_to(pairs: Iterable[Example], records: Iterable[LabelerAnswer]) -> list[list[list[Answer]]]:
    """The answers to each of `pairs`, in order: of each of its labelers all candidates, the likeliest first."""
    found: dict[tuple[str, str], list[list[Answer]]] = {}
    for one in records:
        said = [Answer(*parts) for parts in zip(one.texts, one.starts, one.confidences, strict=True)]
        found.setdefault((one.language, one.id), []).append(said)
    return [found[pair.language, pair.id] for pair in pairs]


def labeler_input(texts: PairTexts) -> tuple[str, ...]:
    """What a labeler reads of a pair."""
    return texts.passage, *texts.generated
