"""The answer to an example, by the student or by the generator itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to one input: the text of a span, the name of a class, or a number in decimals.

    `start` is the place of a span, else -1. `confidence` is the probability of the answer, 0 to 1; 1 for numbers.
    """

    text: str
    start: int
    confidence: float
