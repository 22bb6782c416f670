"""Records written and read in batches."""

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from conftest import pair, question
from gemquad import parquet
from gemquad.errors import UserError
from gemquad.parquet import count_records, iterate_records, read_records, write_records
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
        with pytest.raises(UserError, match=r"pairs.parquet is not a Parquet file .* Delete it and run `dvc repro`"):
            read(file, SyntheticPair)
        write_records(file, SyntheticPair, many(1))
        with pytest.raises(
            UserError, match=r"columns \['id', 'language', 'passage_id'.*expected \['id', 'language', 'la"
        ):
            read(file, Judgement)
