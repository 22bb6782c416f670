<<<<<<< HEAD
"""The columns of the rows that people give a student, and of its answers."""
=======
"""The columns of a student's input and output rows."""
>>>>>>> names

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Column:
<<<<<<< HEAD
    """One value of a row: its name, and its type as MLflow's signatures call it."""
=======
    """A column: its name, its type in MLflow's signatures, and a description."""
>>>>>>> names

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
