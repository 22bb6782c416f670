"""The silver of an earlier run: read, refused where it is none, and a dependency of the stage that learns from it."""

from contextlib import chdir
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, completion, labelled, pair
from gemquad.errors import UserError
from gemquad.generation.accepted import read_accepted
from gemquad.parquet import write_records
from gemquad.schema import Completion, SilverPair, SilverText
from gemquad.settings.compose import compose
from in_process import calls

SILVER = [SilverPair(**asdict(pair(f"p{i}")), weight=1.0) for i in range(2)]


def written(folder: Path, records: list[Any], kind: type[Any]) -> Path:
    write_records(folder / "accepted.parquet", kind, records)
    return folder / "accepted.parquet"


def test_silver_is_read_as_the_filter_wrote_it(tmp_path: Path) -> None:
    texts = [SilverText(**asdict(labelled()), weight=1.0)]
    assert read_accepted(written(tmp_path, SILVER, SilverPair), SilverPair) == SILVER
    assert read_accepted(written(tmp_path, texts, SilverText), SilverText) == texts


@pytest.mark.parametrize(
    ("records", "kind", "message"),
    [
        (
            [completion()],
            Completion,
            "is no Parquet file with the columns id, language, passage_id, .*, weight. Copy data/r",
        ),
        ([], SilverPair, "holds no pair. Copy data/rounds/R/silver.parquet of an earlier run there"),
        ([SILVER[0], replace(SILVER[1], weight=0.5)], SilverPair, "have weights: filter.weights weighs pairs"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path: Path, records: list[Any], kind: type[Any], message: str) -> None:
    with pytest.raises(UserError, match=rf"^tuning\.accepted: .*accepted\.parquet {message}"):
        read_accepted(written(tmp_path, records, kind), SilverPair)


def test_files_that_cannot_be_read_are_refused_by_name(tmp_path: Path) -> None:
    for path in (tmp_path / "none.parquet", tmp_path):
        with pytest.raises(
            UserError, match=rf"^tuning\.accepted: {path} does not exist or is no file\. Copy data/rounds"
        ):
            read_accepted(path, SilverPair)
    (tmp_path / "text.parquet").write_text("text")
    with pytest.raises(UserError, match=r"^tuning\.accepted: .*text\.parquet is no Parquet file with the columns id, "):
        read_accepted(tmp_path / "text.parquet", SilverPair)


@pytest.mark.parametrize(
    ("overrides", "dependency"),
    [
        ([], "data/rounds/0/silver.parquet"),
        (["tuning.accepted=data/own/a.parquet", "tuning.epochs=1"], "data/own/a.parquet"),
    ],
)
def test_what_the_generator_learns_from_is_a_dependency_of_its_stage(
    tmp_path: Path, overrides: list[str], dependency: str
) -> None:
    """Without another, the silver of round 0, which is empty."""
    compose(ROOT, overrides, tmp_path / "params.yaml")
    with chdir(tmp_path):
        found = {call.stage: call.entry["deps"] for call in calls() if "deps" in call.entry}
    assert found["tune"] == ["data/prepared/gold.parquet", dependency]
