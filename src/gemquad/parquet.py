"""Records of `gemquad.schema` as Parquet: the same records always give the same bytes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice, starmap
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

from gemquad.errors import UserError, first_line
from gemquad.files import written_whole

Record = TypeVar("Record")

_ARROW_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
_BATCH = 1 << 14  # records in memory at once, and rows of a row group
_FORMAT: dict[str, Any] = {"compression": "zstd", "write_page_checksum": True}


def arrow_schema(record_type: type[Any]) -> pa.Schema:
    """The Arrow schema of a flat dataclass of `str`, `int`, `float`, `bool` and lists of them."""
    return pa.schema(
        [pa.field(name, _arrow_type(hint), nullable=False) for name, hint in get_type_hints(record_type).items()]
    )


def write_records(path: Path, record_type: type[Record], records: Iterable[Record]) -> None:
    """Write `records` in their order, a batch at a time; the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    schema, rows = arrow_schema(record_type), iter(records)
    with written_whole(path) as partial, pq.ParquetWriter(partial, schema, **_FORMAT) as writer:
        while batch := list(islice(rows, _BATCH)):
            columns = [pa.array([getattr(one, field.name) for one in batch], field.type) for field in schema]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def read_records(path: Path, record_type: type[Record]) -> list[Record]:
    """Read what `write_records` wrote.

    Raises:
        UserError: the file is missing, damaged or no Parquet, or holds other columns than `record_type`.
    """
    return list(iterate_records(path, record_type))


def iterate_records(path: Path, record_type: type[Record]) -> Iterator[Record]:
    """Read records one batch at a time. Equal strings in a column of a batch share one object: many pairs share a passage."""
    with _opened(path, record_type) as file:
        for batch in _batches(file):
            yield from starmap(record_type, zip(*map(_values, batch.columns), strict=True))


def count_records(path: Path, record_type: type[Any]) -> int:
    """The number of records, read from the file's footer alone; raises as `read_records` does."""
    with _opened(path, record_type) as file:
        return int(file.metadata.num_rows)


@contextmanager
def _opened(path: Path, record_type: type[Any]) -> Iterator[pq.ParquetFile]:
    """The file, if its columns are those of `record_type`; whatever is amiss in it while it is read is a `UserError`."""
    if not path.exists():
        raise UserError(f"{path} does not exist. `dvc repro` makes it; `dvc pull` fetches it where a remote holds it.")
    expected = arrow_schema(record_type)
    texts = [field.name for field in expected if field.type == pa.string()]
    try:
        if not (found := pq.read_schema(path)).equals(expected):
            raise UserError(
                f"{path} has columns {_columns(found)}, expected {_columns(expected)}. It was written by another version or "
                "changed by hand: run `dvc repro`."
            )
        with pq.ParquetFile(path, read_dictionary=texts, page_checksum_verification=True) as file:
            yield file
    except (pa.ArrowException, OSError, UnicodeDecodeError, IndexError, OverflowError) as error:
        raise UserError(
            f"{path} is damaged or no Parquet file ({first_line(error)}). `dvc checkout` brings back what the cache has; else "
            "delete it and run `dvc repro`."
        ) from error


def _batches(file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    """All of its rows. Checksums cover the content of pages, not their headers and the footer: there counts must agree."""
    footer, rows = file.metadata, 0
    for batch in file.iter_batches(_BATCH):
        yield batch
        rows += batch.num_rows
    if not rows == footer.num_rows == sum(footer.row_group(at).num_rows for at in range(footer.num_row_groups)):
        raise pa.ArrowInvalid(f"{rows} rows, where the footer says {footer.num_rows}")


def _columns(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name}: {field.type}{' or null' * field.nullable}" for field in schema)


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
