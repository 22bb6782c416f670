"""The pairs that the labelers of an earlier run accepted: its silver, from which the generator may learn (`tuning.accepted`)."""

from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.parquet import arrow_schema, read_records

_REMEDY = "Copy data/rounds/R/silver.parquet of an earlier run there."


def read_accepted(path: str | Path, silver: type[Any]) -> list[Any]:
    """The records of silver in a file that stage `filter` wrote; a repaired pair has its repaired answer there.

    Raises:
        UserError: the file is missing, holds no silver of this task, no pair, or pairs with weights: those were not chosen.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"tuning.accepted: {path} does not exist or is no file. {_REMEDY}")
    try:
        pairs: list[Any] = read_records(path, silver)
    except UserError as error:
        columns = ", ".join(arrow_schema(silver).names)
        raise UserError(f"tuning.accepted: {path} is no Parquet file with the columns {columns}. {_REMEDY}") from error
    if not pairs:
        raise UserError(f"tuning.accepted: {path} holds no pair. {_REMEDY}")
    if any(pair.weight != 1 for pair in pairs):
        raise UserError(
            f"tuning.accepted: the pairs of {path} have weights: filter.weights weighs pairs and accepts none. "
            "Take the silver of a run with filter.weights=none."
        )
    return pairs
