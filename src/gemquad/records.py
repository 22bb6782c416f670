"""Read and write schema records as Parquet: the same records always give the same bytes."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

from gemquad.errors import UserError

Record = TypeVar("Record")

_ARROW_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


def arrow_schema(record_type: type[Any]) -> pa.Schema:
    """The Arrow schema of a flat dataclass of `str`, `int`, `float`, `bool` and lists of them."""
    return pa.schema(
        [pa.field(name, _arrow_type(hint), nullable=False) for name, hint in get_type_hints(record_type).items()]
    )


def write_records(path: Path, record_type: type[Record], records: Iterable[Record]) -> None:
    """Write `records` in their order; the file appears whole or not at all."""
    rows = [vars(record) for record in records]
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    pq.write_table(pa.Table.from_pylist(rows, schema=arrow_schema(record_type)), partial, compression="zstd")
    partial.replace(path)


def read_records(path: Path, record_type: type[Record]) -> list[Record]:
    """Read what `write_records` wrote.

    Raises:
        UserError: the file is missing, is not Parquet, or holds other columns than `record_type`.
    """
    if not path.exists():
        raise UserError(f"{path} does not exist. `dvc repro` makes it; `dvc pull` fetches it where a remote holds it.")
    try:
        table = pq.read_table(path, partitioning=None)
    except pa.ArrowInvalid as error:
        raise UserError(f"{path} is not a Parquet file ({error}). Delete it and run `dvc repro`.") from error
    expected = arrow_schema(record_type).names
    if table.column_names != expected:
        raise UserError(
            f"{path} has columns {table.column_names}, expected {expected}. It was written by another version: run `dvc repro`."
        )
    return [record_type(**row) for row in table.to_pylist()]


def write_json(path: Path, value: Any) -> None:
    """Write JSON for people and `dvc metrics`: indented, keys in the order given, UTF-8; whole or not at all."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write UTF-8; the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def read_json(path: Path) -> Any:
    """Read JSON; a missing or malformed file is a `UserError` that names it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(
            f"{path} does not exist. Check the path; files of the pipeline are made by `dvc repro`."
        ) from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8.") from error
    except json.JSONDecodeError as error:
        raise UserError(
            f"{path}, line {error.lineno}, column {error.colno}: not JSON ({error.msg}). Mend the file or export it again."
        ) from error


def _arrow_type(hint: Any) -> pa.DataType:
    if get_origin(hint) is list:
        return pa.list_(pa.field("item", _ARROW_TYPES[get_args(hint)[0]], nullable=False))
    return _ARROW_TYPES[hint]
