"""Records of `gemquad.schema` as Parquet: the same records always give the same bytes."""

from collections.abc import Iterable, Iterator
from itertools import islice, starmap
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

from gemquad.errors import UserError
from gemquad.files import written_whole

Record = TypeVar("Record")

_ARROW_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
_BATCH = 1 << 14  # records in memory at once, and rows of a row group


def arrow_schema(record_type: type[Any]) -> pa.Schema:
    """The Arrow schema of a flat dataclass of `str`, `int`, `float`, `bool` and lists of them."""
    return pa.schema(
        [pa.field(name, _arrow_type(hint), nullable=False) for name, hint in get_type_hints(record_type).items()]
    )


def write_records(path: Path, record_type: type[Record], records: Iterable[Record]) -> None:
    """Write `records` in their order, a batch at a time; the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    schema, rows = arrow_schema(record_type), iter(records)
    with written_whole(path) as partial, pq.ParquetWriter(partial, schema, compression="zstd") as writer:
        while batch := list(islice(rows, _BATCH)):
            columns = [pa.array([getattr(one, field.name) for one in batch], field.type) for field in schema]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def read_records(path: Path, record_type: type[Record]) -> list[Record]:
    """Read what `write_records` wrote.

    Raises:
        UserError: the file is missing, is not Parquet, or holds other columns than `record_type`.
    """
    return list(iterate_records(path, record_type))


def iterate_records(path: Path, record_type: type[Record]) -> Iterator[Record]:
    """Read records one batch at a time. Equal strings in a column of a batch share one object: many pairs share a passage."""
    with _opened(path, record_type) as file:
        for batch in file.iter_batches(_BATCH):
            yield from starmap(record_type, zip(*map(_values, batch.columns), strict=True))


def count_records(path: Path, record_type: type[Any]) -> int:
    """The number of records, read from the file's footer alone; raises as `read_records` does."""
    with _opened(path, record_type) as file:
        return int(file.metadata.num_rows)


def _opened(path: Path, record_type: type[Any]) -> pq.ParquetFile:
    if not path.exists():
        raise UserError(f"{path} does not exist. `dvc repro` makes it; `dvc pull` fetches it where a remote holds it.")
    try:
        found = pq.read_schema(path).names
    except pa.ArrowInvalid as error:
        raise UserError(f"{path} is not a Parquet file ({error}). Delete it and run `dvc repro`.") from error
    expected = arrow_schema(record_type)
    if found != expected.names:
        raise UserError(
            f"{path} has columns {found}, expected {expected.names}. It was written by another version: run `dvc repro`."
        )
    return pq.ParquetFile(path, read_dictionary=[field.name for field in expected if field.type == pa.string()])


def _values(column: pa.Array) -> list[Any]:
    """The Python values of a column of a batch."""
    if not pa.types.is_dictionary(column.type):
        return list(column.to_pylist())
    shared = column.dictionary.to_pylist()
    return [shared[index] for index in column.indices.to_pylist()]


def _arrow_type(hint: Any) -> pa.DataType:
    if get_origin(hint) is list:
        return pa.list_(pa.field("item", _ARROW_TYPES[get_args(hint)[0]], nullable=False))
    return _ARROW_TYPES[hint]
