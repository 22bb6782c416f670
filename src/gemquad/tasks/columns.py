"""The columns of a student's input and output rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gemquad.errors import UserError


@dataclass(frozen=True)
class Column:
    """A column: its name, its type in MLflow's signatures, and a description."""

    name: str
    type: Literal["string", "long", "double"]
    meaning: str


QUESTION = Column("question", "string", "what is asked")
PASSAGE = Column("passage", "string", "the passage in which the answer stands")
TEXT = Column("text", "string", "the text that is judged; of a pair, the first")
SECOND = Column("second", "string", "the second text of a pair")

ANSWER = Column("answer", "string", "a piece of the passage, as it stands there")
START = Column("start", "long", "where the answer begins: the code points of the passage before it")
LABEL = Column("label", "string", "the likeliest class")
SCORE = Column("score", "double", "the probability that the student gives to its answer, 0 to 1")
VALUE = Column("value", "double", "a number within the range of the task")


def check_row(row: Mapping[str, object], columns: Sequence[Column], where: str) -> None:
    """Whether `row` has a text in each of the `columns`; `where` names it for people.

    Raises:
        UserError: a column is missing, empty or no text.
    """
    for column in columns:
        if column.name not in row:
            names = ", ".join(f"'{needed.name}'" for needed in columns)
            raise UserError(
                f"{where}: there is no column '{column.name}' ({column.meaning}). This student needs {names}."
            )
        _check_text(row[column.name], f"{where}: '{column.name}'")


def _check_text(value: object, where: str) -> None:
    if not isinstance(value, str):
        raise UserError(f"{where} is {value!r}, not a text. Mend the row or remove it.")
    if not value.strip():
        raise UserError(f"{where} is empty. Fill it in or remove the row.")
    if any("\ud800" <= character <= "\udfff" for character in value):  # which no tokenizer takes
        raise UserError(f"{where} holds a half of a surrogate pair. Mend the row or remove it.")
