"""What a kill leaves of DVC's own files: real DVC fails on it, and works again once it is mended."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gemquad.doctor.checks import _dvc
from gemquad.repository.dvc_files import KEPT, _repo_folders, damaged, keep, repair

PIPELINE = "stages:\n  copy:\n    cmd: cp given made && echo ran >> ran\n    deps: [given]\n    outs: [made]\n"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """After a run."""
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path / "site"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("[core]\n    no_scm = True\n    analytics = False\n")
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    (tmp_path / "given").write_text("1")
    assert repro() == 0
    return tmp_path


def repro() -> int:
    return subprocess.run(
        [sys.executable, "-m", "dvc", "repro", "--quiet"], capture_output=True, check=False
    ).returncode


@pytest.mark.parametrize("length", [0, 40, 130])
def test_a_cut_lock_file_is_put_back(checkout: Path, length: int) -> None:
    whole = Path("dvc.lock").read_text()
    keep(checkout)
    Path("dvc.lock").write_text(whole[:length])
    keep(checkout)
    (finding,) = _dvc(checkout)
    assert finding.level == "fail" and finding.found == f"{checkout}/dvc.lock is cut, by a kill or a full disk"
    assert repair(checkout) == [f"mended: {checkout}/dvc.lock is cut, by a kill or a full disk"]
    assert Path("dvc.lock").read_text() == whole and not list(damaged(checkout))
    assert repro() == 0 and Path("ran").read_text() == "ran\n"


def test_without_a_copy_dvc_finds_the_run_in_its_cache(checkout: Path) -> None:
    Path("dvc.lock").write_text("")
    assert repro() != 0
    assert len(repair(checkout)) == 1
    assert repro() == 0 and Path("ran").read_text() == "ran\n"


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("", "is cut, by a kill or a full disk"),
        ('{"write": {"made": {"pid": 1', "is cut, by a kill or a full disk"),
        ("[]", "is cut, by a kill or a full disk"),
        ('{"write": {"%s/made": {"pid": %d, "cmd": "dvc repro"}}}', "names a DVC that is no more"),
    ],
)
def test_a_table_of_locks_that_no_dvc_holds_goes(checkout: Path, table: str, wrong: str) -> None:
    locks = checkout / ".dvc/tmp/rwlock"
    locks.write_text(table % (checkout, os.getpid()) if "%" in table else table)
    Path("given").write_text("2")
    assert repro() != 0
    assert repair(checkout) == [f"mended: {locks} {wrong}"]
    assert repro() == 0


def test_the_table_of_a_dvc_at_work_stays(checkout: Path) -> None:
    with subprocess.Popen(["sh", "-c", "sleep 30; :", "dvc"]) as other:
        table = {"write": {f"{checkout}/made": {"pid": other.pid, "cmd": "dvc repro"}}}
        (checkout / ".dvc/tmp/rwlock").write_text(json.dumps(table))
        (checkout / "data").mkdir()
        (checkout / "data/.made.1234.partial").touch()
        assert repair(checkout) == []
        other.kill()
    assert len(repair(checkout)) == 2


@pytest.mark.parametrize("content", [b"SQLite format 3\0 and then nothing", os.urandom(5000)])
def test_a_damaged_index_is_made_again(checkout: Path, content: bytes) -> None:
    for index in _repo_folders(checkout)[1].rglob("cache.db"):
        index.write_bytes(content)
    Path("given").write_text("2")
    assert repro() != 0
    assert len(repair(checkout)) == 2
    assert repro() == 0


def test_half_a_file_of_a_killed_stage_goes_and_changes_no_folder_until_then(checkout: Path) -> None:
    part = checkout / "data/rounds/.silver.parquet.1234.partial"
    part.parent.mkdir(parents=True)
    part.touch()
    assert repair(checkout) == [f"mended: {part} was being written by a stage that was killed"]
    assert not part.exists()
    assert ".*.partial" in (Path(__file__).parents[1] / ".dvcignore").read_text().split("\n")


def test_a_whole_checkout_is_left_alone(checkout: Path) -> None:
    keep(checkout)
    assert repair(checkout) == [] and (checkout / KEPT).read_text() == Path("dvc.lock").read_text()
