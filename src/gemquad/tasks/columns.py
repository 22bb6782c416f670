"""The columns of a student's input and output rows."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Column:
    """A column: its name, and its type in MLflow's signatures."""

    name: str
    type: Literal["string", "long", "double"]


QUESTION = Column("question", "string")
PASSAGE = Column("passage", "string")
TEXT = Column("text", "string")
SECOND = Column("second", "string")

ANSWER = Column("answer", "string")
START = Column("start", "long")
"""Code points of the passage before the answer."""
LABEL = Column("label", "string")
SCORE = Column("score", "double")
"""The probability that the student gives to its answer, 0 to 1."""
VALUE = Column("value", "double")
