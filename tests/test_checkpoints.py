"""A training that is killed goes on from its last checkpoint, to the same student."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import gemquad.student.checkpoints as module
from gemquad.errors import UserError
from gemquad.student.checkpoints import checkpoints, newest, seconds_between


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))


def trained(model: Path, folder: Path, *moments: str) -> list[list[tuple[str, int]]]:
    folder.mkdir()
    command = [sys.executable, str(Path(__file__).with_name("killed.py")), str(model), str(folder), *moments]
    environment = {**os.environ, "DVC_ROOT": str(folder)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [[(phase, step) for phase, step in steps] for steps in json.loads(done.stdout)]


def test_a_killed_training_goes_on_to_the_same_bytes(tiny_gemma: Path, tmp_path: Path) -> None:
    """Killed in the first epoch, while it writes a checkpoint, in the second epoch, and in the second phase."""
    (whole,) = trained(tiny_gemma, tmp_path / "whole")
    tries = trained(tiny_gemma, tmp_path / "killed", "3.", "2!", "7.", "6.")
    assert whole == [("0", step) for step in range(1, 13)] + [("1", step) for step in range(1, 19)]
    last = whole.index(tries[0][0]) - 1
    for (
        steps
    ) in tries:  # each begins behind the last whole checkpoint: the step that was logged or being saved is not in it
        assert whole.index(steps[0]) == last + 1
        last = whole.index(steps[-1]) - 1
    assert tries[-1][-1] == whole[-1]
    for file in (tmp_path / "whole" / "student").iterdir():
        assert file.read_bytes() == (tmp_path / "killed" / "student" / file.name).read_bytes(), file.name
    assert not any((tmp_path / "killed" / ".gemquad" / "checkpoints").iterdir())


def test_half_of_a_checkpoint_is_none(tmp_path: Path) -> None:
    for step, state in ((5, '{"global_step": 5}'), (10, '{"global_step": 10}'), (15, '{"global_st'), (20, None)):
        (tmp_path / f"checkpoint-{step}").mkdir()
        if state:
            (tmp_path / f"checkpoint-{step}" / "trainer_state.json").write_text(state)
    assert newest(tmp_path) == tmp_path / "checkpoint-10"
    assert newest(tmp_path / "nothing") is None


def test_checkpoints_stay_after_an_error_and_go_at_the_end(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), checkpoints("abc") as folder:
        (folder / "kept").touch()
        raise RuntimeError
    with checkpoints("abc") as folder:
        assert folder == tmp_path / ".gemquad" / "checkpoints" / "abc" and (folder / "kept").exists()
    assert not folder.exists()


def test_the_same_training_twice_at_once_shares_no_checkpoint() -> None:
    with checkpoints("abc") as one, checkpoints("abc") as two:
        assert one != two and two.exists()
    assert not one.exists() and not two.exists()


def test_leftovers_of_a_week_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    for digest in ("old", "young"):
        with pytest.raises(RuntimeError), checkpoints(digest) as folder:
            (folder / "kept").touch()
            raise RuntimeError
        if digest == "old":
            eight_days_ago = time.time() - 8 * 86400
            for path in (*folder.rglob("*"), folder):
                os.utime(path, (eight_days_ago, eight_days_ago))
    with checkpoints("new") as folder:
        assert {path.name for path in folder.parent.iterdir()} == {"young", "new"}


def test_seconds_that_are_no_number_are_a_user_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(module.SECONDS, "often")
    with pytest.raises(UserError, match="GEMQUAD_CHECKPOINT_SECONDS is 'often', not a number of seconds"):
        seconds_between()
