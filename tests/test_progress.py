import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gemquad import progress
from gemquad.monitor.jobs import forget, under_way
from gemquad.progress import FOLDER, Progress


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody watches, and looks all the time."""
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_STATES", 0.0)
    return tmp_path


def test_without_a_terminal_the_end_is_a_plain_line(capfd: pytest.CaptureFixture[str]) -> None:
    with Progress("generating", 4, "prompts") as bar:
        bar.advance(4)
    said = capfd.readouterr().err
    assert re.fullmatch(r"generating: 4/4 prompts, [\d.]+/s in \d+ s\n", said)


def test_a_job_shows_how_far_it_is_until_it_ends(folder: Path) -> None:
    with Progress("training on silver", 8, "steps") as bar:
        (begun,) = under_way(folder)
        assert (begun.label, begun.done, begun.total, begun.unit) == ("training on silver", 0, 8, "steps")
        assert begun.rate == 0 and begun.seconds_left is None and begun.pid == os.getpid()
        bar.advance(np.int64(2))  # type: ignore[arg-type]
        (later,) = under_way(folder)
        assert later.done == 2 and later.rate > 0
        assert later.seconds_left == pytest.approx(6 / later.rate)
    assert list(folder.iterdir()) == []


def test_between_two_states_some_time_passes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_STATES", 3600.0)
    with Progress("training", 1000, "steps") as bar:
        for _ in range(100):
            bar.advance(1)
        assert under_way(folder)[0].done == 0


def test_two_jobs_at_once_are_both_seen(folder: Path) -> None:
    with Progress("generating", 4, "prompts") as outer, Progress("judging", 2, "answers"):
        outer.advance(1)
        assert [(job.label, job.done) for job in under_way(folder)] == [("generating", 1), ("judging", 0)]


def test_a_killed_job_is_not_under_way(folder: Path) -> None:
    program = (
        "import os; from gemquad.progress import Progress; Progress('training', 2, 'steps'); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == -9
    (left,) = folder.glob("*.json")
    assert json.loads(left.read_text())["label"] == "training"
    assert under_way(folder) == []
    forget(folder)
    assert list(folder.glob("*.json")) == []


@pytest.mark.parametrize("missing", ["nowhere", "file/below"])
def test_a_folder_that_cannot_be_written_disturbs_no_job(
    folder: Path, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "file").touch()
    monkeypatch.setenv(FOLDER, str(folder / missing))
    with Progress("training", 2, "steps") as bar:
        bar.advance(2)


def test_where_nobody_watches_nothing_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER)
    monkeypatch.chdir(folder)
    with Progress("training", 2, "steps") as bar:
        bar.advance(1)
        assert list(folder.iterdir()) == []
