"""Records written and read in batches."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import pair, question
from gemquad import parquet
from gemquad.errors import UserError
from gemquad.parquet import arrow_schema, count_records, iterate_records, read_records, write_records
from gemquad.schema import Judgement, Question, SyntheticPair


def many(count: int) -> list[SyntheticPair]:
    return [replace(pair(), id=f"p{number}", passage=f"Ana vive en Lima {number // 4}.") for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 4, 11])
def test_what_is_written_is_read_whatever_the_batches(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_BATCH", 4)
    file = tmp_path / "pairs.parquet"
    write_records(file, SyntheticPair, (one for one in many(count)))
    assert read_records(file, SyntheticPair) == list(iterate_records(file, SyntheticPair)) == many(count)
    assert count_records(file, SyntheticPair) == count
    assert pq.read_metadata(file).num_row_groups == -(-count // 4)
    assert list(tmp_path.iterdir()) == [file]


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_records(tmp_path / name, SyntheticPair, many(9))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_pairs_share_their_passage(tmp_path: Path) -> None:
    write_records(tmp_path / "pairs", SyntheticPair, many(8))
    read = read_records(tmp_path / "pairs", SyntheticPair)
    assert [len({id(one.passage) for one in part}) for part in (read, read[:4])] == [2, 1]


def test_lists_and_offsets_survive(tmp_path: Path) -> None:
    asked = [question(), replace(question(), answers=["Ana", "Lima"], answer_starts=[0, 12]), question(title="")]
    write_records(tmp_path / "gold", Question, asked)
    assert read_records(tmp_path / "gold", Question) == asked


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "pairs.parquet"
    for read in (read_records, count_records):
        with pytest.raises(UserError, match=r"pairs.parquet does not exist. `dvc repro` makes it"):
            read(tmp_path / "none/pairs.parquet", SyntheticPair)
        file.write_text("no Parquet")
        with pytest.raises(UserError, match=r"pairs.parquet is damaged or no Parquet file .* run `dvc repro`"):
            read(file, SyntheticPair)
        write_records(file, SyntheticPair, many(1))
        with pytest.raises(
            UserError,
            match=r"columns id: string, language: string, passage_id.*expected id: string, language: string, la",
        ):
            read(file, Judgement)


@pytest.mark.parametrize(
    ("column", "values", "found"),
    [
        ("id", pa.array([1]), "id: int64 or null, language: string,"),
        ("passage", pa.array([None], pa.string()), "passage: string or null,"),
        ("answer_starts", pa.array([["12"]]), "answer_starts: list<element: string> or null, expected"),
        ("answer_starts", pa.array([[12.0]]), "answer_starts: list<element: double> or null, expected"),
        ("answers", pa.array([[None]], pa.list_(pa.string())), "answers: list<element: string> or null,"),
        ("title", pa.array([b"\xff"]), "title: binary or null,"),
    ],
)
def test_columns_of_other_types_are_refused(column: str, values: pa.Array, found: str, tmp_path: Path) -> None:
    file, schema = tmp_path / "gold.parquet", arrow_schema(Question)
    table = pa.table({name: [getattr(question(), name)] for name in schema.names}, schema=schema)
    pq.write_table(table.set_column(schema.names.index(column), column, values), file)
    for read in (read_records, count_records):
        with pytest.raises(UserError) as refused:
            read(file, Question)
        assert found in str(refused.value) and str(refused.value).startswith(f"{file} has columns id: ")


def test_a_damaged_file_never_gives_other_records(tmp_path: Path) -> None:
    file, asked = tmp_path / "gold.parquet", [question(), replace(question(), id="q2", question="¿Quién vive en Lima?")]
    write_records(file, Question, asked)
    good, refused = file.read_bytes(), 0
    for at in range(len(good)):
        damaged = bytearray(good)
        damaged[at] ^= 1 << at % 8
        file.write_bytes(damaged)
        try:
            assert read_records(file, Question) == asked, f"byte {at}"
        except UserError as error:
            refused += 1
            assert str(error).startswith(f"{file} ") and "`dvc repro`" in str(error)
    assert refused > len(good) / 2
