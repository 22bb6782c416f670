"""What DVC need not run, by a dvc.lock of three stages in a row."""

import hashlib
from pathlib import Path

import pytest

from gemquad.doctor.unchanged import unchanged

LOCK = """
schema: '2.0'
stages:
  read@gold:
    cmd: x
    deps: [{{path: gold.json, hash: md5, md5: {md5}}}]
    params:
      params.yaml: {{data.limits: null}}
      code.lock.yaml: {{read: abc}}
    outs: [{{path: data/read/gold.parquet, md5: 1}}]
  prepare:
    cmd: x
    deps: [{{path: data/read, md5: 2.dir}}]
    params:
      params.yaml: {{tuning: {{rate: 3e-05}}, lang: [es]}}
    outs: [{{path: data/prepared.parquet, md5: 3}}]
  finetune@0:
    cmd: x
    deps: [{{path: data/prepared.parquet, md5: 3}}]
    outs: [{{path: models/0, md5: 4.dir}}]
"""
ALL = {"read@gold", "prepare", "finetune@0"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "gold.json").write_text("[]")
    (tmp_path / "dvc.lock").write_text(LOCK.format(md5=hashlib.md5(b"[]").hexdigest()))
    (tmp_path / "params.yaml").write_text("data: {limits: null}\ntuning: {rate: 3.0e-05}\nlang: [es]\n")
    (tmp_path / "code.lock.yaml").write_text("read: abc\n")
    for out in ("data/read/gold.parquet", "data/prepared.parquet", "models/0/weights"):
        (tmp_path / out).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / out).touch()
    return tmp_path


def found(root: Path, params: str = "params.yaml") -> set[str]:
    return unchanged(root, root / params)


def test_nothing_has_to_run_where_all_is_as_recorded(root: Path) -> None:
    assert found(root) == ALL


def test_settings_of_an_experiment_run_their_stage_and_those_after_it(root: Path) -> None:
    (root / "other.yaml").write_text("data: {limits: null}\ntuning: {rate: 3.0e-05}\nlang: [hi]\n")
    assert found(root, "other.yaml") == {"read@gold"}


@pytest.mark.parametrize(("file", "text"), [("gold.json", "[1]"), ("code.lock.yaml", "read: abd\n")])
def test_other_data_or_code_run_everything(root: Path, file: str, text: str) -> None:
    (root / file).write_text(text)
    assert found(root) == set()


def test_an_output_that_is_gone_is_made_again(root: Path) -> None:
    (root / "models/0/weights").unlink()
    (root / "models/0").rmdir()
    assert found(root) == ALL - {"finetune@0"}


def test_before_the_first_run_nothing_is_there(tmp_path: Path) -> None:
    assert found(tmp_path) == set()
