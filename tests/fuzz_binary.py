"""Parquet files and stores of completions, damaged or with other columns."""

import io
import math
import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

import fuzz_inputs as made
from conftest import pair, question
from gemquad.generation.store import CompletionStore
from gemquad.parquet import write_records
from gemquad.schema import Question
from gemquad.tasks.requests import GenerationResult
from gemquad.text.spans import Span

STORED = GenerationResult({"question": "¿?", "answer": "Lima"}, {"answer": [Span(12, 16)]}, 0.0, 20, 7, True)
KEYS = ["a" * 64, "b" * 64]


def expected_of(kind: type[Any]) -> list[Any]:
    """Three records."""
    good: Any = question() if kind is Question else pair()
    return [replace(good, id=f"q{number}") for number in range(3)]


@cache
def parquet_of(kind: type[Any]) -> bytes:
    """A file of `expected_of`."""
    with TemporaryDirectory() as folder:
        write_records(path := Path(folder, "x.parquet"), kind, expected_of(kind))
        return path.read_bytes()


def retyped(table: pa.Table, rng: Random) -> bytes:
    """The table with a column of another type, name or place, or with nulls."""
    at = rng.randrange(table.num_columns)
    name, rows = table.column_names[at], table.num_rows
    columns = [
        *(pa.array([value] * rows) for value in (1, 1.5, True, b"\xff", "x", [1], ["\u202e"], {"a": 1}, None, "\0")),
        *(
            pa.nulls(rows, pa.string()),
            pa.array(["x"] * rows).dictionary_encode(),
            pa.array([1] * rows, pa.timestamp("ns")),
        ),
        *(pa.array([2**62] * rows, kind) for kind in (pa.timestamp("us"), pa.duration("us"), pa.time64("us"))),
        *(pa.array(["x"] * rows, pa.large_string()), pa.array([[None]] * rows, pa.list_(pa.string()))),
        *(pa.array([value] * rows, pa.float32()) for value in (0.1, math.nan, math.inf)),
    ]
    match rng.randrange(4):
        case 0:
            table = table.drop_columns([name])
        case 1:
            table = table.append_column(rng.choice((name, "x")), rng.choice(columns))
        case _:
            table = table.set_column(at, name, rng.choice(columns))
    pq.write_table(table, file := io.BytesIO())
    return file.getvalue()


def parquet(good: bytes) -> st.SearchStrategy[bytes]:
    """Damaged Parquet, and Parquet of other columns."""
    return made.of_bytes([good], partial(retyped, pq.read_table(io.BytesIO(good))))


def plain_parquet(rows: list[dict[str, Any]]) -> bytes:
    """A file as the hub has it."""
    pq.write_table(pa.Table.from_pylist(rows), file := io.BytesIO())
    return file.getvalue()


def stored(content: bytes | None, rng: Random | None = None) -> bytes:
    """A store of two completions, one of which holds `content`, or another value in another column."""
    with TemporaryDirectory() as folder:
        store = CompletionStore(path := Path(folder, "x.db"))
        store.add({"model": "m", "backend": "b"}, dict.fromkeys(KEYS, STORED), 2.0)
        store.close()
        if rng:
            column = rng.choice(
                ("generated", "generated", "generated", "prompt_tokens", "completion_tokens", "seconds", "key")
            )
            text = (content or b"").decode("utf-8", "replace")
            value = text if column == "generated" else rng.choice((text, content, -1, 1.5, 10**12, "NaN"))
            with closing(sqlite3.connect(path)) as database, database:
                database.execute(f"UPDATE completions SET {column} = ? WHERE key = ?", (value, KEYS[0]))
        return path.read_bytes()


def in_store(content: bytes) -> st.SearchStrategy[bytes]:
    """The content as a row of a store."""
    return st.randoms(use_true_random=True).map(lambda rng: stored(content, rng))


def kept(path: Path) -> Any:
    """What the store gives of two completions."""
    store = CompletionStore(path)
    try:
        found = store.get(KEYS)
        return found, store.missing(KEYS), store.spent(list(found))
    finally:
        store.close()


def sound_store(found: Any, _: bytes) -> None:
    results_by_key, missing, spent = found
    assert set(results_by_key) | missing == set(KEYS) and not set(results_by_key) & missing, "neither there nor missing"
    assert all(one == STORED for one in results_by_key.values()), "another completion"
    assert spent.prompt_tokens == 20 * len(results_by_key) and spent.completion_tokens == 7 * len(results_by_key), spent
