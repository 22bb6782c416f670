import json
import os
import pty
import re
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tqdm import tqdm

from gemquad import progress
from gemquad.commandline import announced
from gemquad.progress import FOLDER, Progress


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody watches."""
    monkeypatch.setenv(FOLDER, str(tmp_path))
    return tmp_path


def soon(seen: Callable[[], Any]) -> Any:
    """What `seen` returns once it is something."""
    for _ in range(200):
        if found := seen():
            return found
        time.sleep(0.05)
    raise AssertionError("not seen in ten seconds")


def jobs(folder: Path) -> list[dict[str, Any]]:
    return sorted((json.loads(path.read_text()) for path in folder.glob("*.json")), key=lambda one: str(one["prefix"]))


def test_without_a_terminal_the_end_is_a_plain_line(capfd: pytest.CaptureFixture[str]) -> None:
    with Progress("generating", 4, "prompts") as bar:
        bar.advance(4)
    said = capfd.readouterr().err
    assert re.fullmatch(r"generating: 100% 4/4 \[00:00<00:00, +[\d.]+prompts/s\]\n", said)


def test_without_a_terminal_a_long_step_says_a_line_now_and_then(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert progress._SECONDS_BETWEEN_LINES <= 30
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 0.4)
    said: list[str] = []
    with pytest.raises(KeyError), Progress("training", 4, "steps") as bar:
        bar.advance(1)
        assert soon(lambda: said.append(capfd.readouterr().err) or "".join(said).count("\n") >= 2)
        raise KeyError
    assert re.match(r"(training:  25% 1/4 \[00:0\d<00:0\d, .*\]\n)+", "".join(said))
    assert capfd.readouterr().err == "", "what fails has no last line"


def test_the_time_left_stays_while_nothing_moves_and_that_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_STILL", 0.0)
    with Progress("training", 4, "steps") as bar:
        time.sleep(1.1)
        bar.advance(1)
        (first,) = soon(lambda: [job for job in jobs(folder) if job["n"] == 1])
        (later,) = soon(lambda: [job for job in jobs(folder) if job["elapsed"] > first["elapsed"]])
    assert later["rate"] == first["rate"] < 1
    (said,) = {tqdm.format_meter(**job, ncols=0).split("<")[1] for job in (first, later)}
    assert re.fullmatch(r"00:0\d, +\d\.\d\ds/step, no step for 00:00\]", said)


def test_on_a_terminal_the_bar_lives_on_within_a_long_step() -> None:
    program = (
        "import time; from gemquad import progress; progress._STILL = 1.5\n"
        "with progress.Progress('training', 4, 'steps') as bar: bar.advance(1); time.sleep(2.6)"
    )
    said = on_a_terminal(program)
    left = {words.split(",")[0] for words in re.findall(r"1/4 \[00:0[12]<(.*?)\]", said)}
    assert len(left) == 1 and "1/4 [00:01<" in said and "1/4 [00:02<" in said
    assert "no step for 00:0" in said and said.endswith("\r\n")


def test_what_was_just_said_is_not_said_again_at_the_end(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 0.0)
    with Progress("measuring", 4, "prompts") as bar:
        bar.advance(4)
        soon(lambda: bar._told == 4)
        monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 30.0)
        bar._teller.join(timeout=0.6)
        said = capfd.readouterr().err
    assert said.count("4/4") >= 1
    assert capfd.readouterr().err == ""


def on_a_terminal(program: str) -> str:
    """What a Python program says on standard error, a terminal of 80 columns."""
    master, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    subprocess.run([sys.executable, "-c", program], stderr=terminal, check=True, timeout=60)
    os.close(terminal)
    said = os.read(master, 65536).decode()
    os.close(master)
    return said


def test_on_a_terminal_there_is_a_bar() -> None:
    program = "from gemquad.progress import Progress\nwith Progress('training', 4, 'steps') as bar: bar.advance(4)"
    said = on_a_terminal(program)
    assert re.fullmatch(r"\r(.+\r)*training: 100%\|█+\| 4/4 \[00:00<00:00, +[\d.]+steps/s\]\r\n", said)


def test_a_job_shows_how_far_it_is_until_it_ends(folder: Path) -> None:
    with Progress("training on silver", 8, "steps") as bar:
        (begun,) = soon(lambda: jobs(folder))
        assert (begun["prefix"], begun["n"], begun["total"], begun["unit"]) == ("training on silver", 0, 8, "steps")
        bar.advance(np.int64(2))  # type: ignore[arg-type]
        (later,) = soon(lambda: [job for job in jobs(folder) if job["n"] == 2])
        assert later["elapsed"] > begun["elapsed"]
    assert list(folder.iterdir()) == []


def test_a_job_may_move_on_while_its_state_is_saved(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Progress("training", 99, "steps") as bar:
        soon(lambda: jobs(folder))
        monkeypatch.setattr(progress, "write_json", lambda _, state: [bar.advance(1) for _ in state])
        bar.tell()


def test_two_jobs_at_once_are_both_seen(folder: Path) -> None:
    with Progress("generating", 4, "prompts"), Progress("judging", 2, "answers"):
        both = soon(lambda: len(jobs(folder)) == 2 and jobs(folder))
        assert [(job["prefix"], job["total"]) for job in both] == [("generating", 4), ("judging", 2)]


def test_a_job_that_is_forgotten_after_an_error_falls_silent() -> None:
    bar = Progress("training", 2, "steps")
    teller = bar._teller
    assert teller.is_alive() and teller.daemon
    del bar
    teller.join(timeout=10)
    assert not teller.is_alive()


def test_a_folder_that_cannot_be_written_disturbs_no_job(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "file").touch()
    monkeypatch.setenv(FOLDER, str(folder / "file/below"))
    monkeypatch.setenv("DVC_STAGE", "finetune@1")
    with announced(), Progress("training", 2, "steps") as bar:
        bar.advance(2)


@pytest.mark.parametrize("without", [FOLDER, "DVC_STAGE"])
def test_where_nobody_watches_or_dvc_does_not_run_the_stage_nothing_is_told(
    folder: Path, without: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_STAGE", "finetune@1")
    monkeypatch.delenv(without)
    monkeypatch.chdir(folder)
    with announced():
        pass
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("error", "last"), [(None, "ended"), (ValueError, "failed"), (KeyboardInterrupt, "stopped")])
def test_a_stage_tells_when_it_begins_and_how_it_ends(
    folder: Path, error: type[BaseException] | None, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_STAGE", "finetune@1")
    monkeypatch.setenv("DVC_EXP_NAME", "lyric-jota")
    monkeypatch.chdir(folder)
    began = time.time()
    try:
        with announced():
            if error:
                raise error
    except (ValueError, KeyboardInterrupt) as raised:
        assert type(raised) is error
    events = [json.loads(path.read_text()) for path in sorted(folder.glob("*.event"))]
    assert [event["what"] for event in events] == ["began", last]
    assert began <= events[0]["at"] <= events[1]["at"] <= time.time()
    same = {"stage": "finetune@1", "folder": str(folder), "experiment": "lyric-jota"}
    assert all(same.items() <= event.items() for event in events)


def test_of_the_processes_of_torchrun_the_first_speaks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_STAGE", "finetune@1")
    for rank, count in (("1", 0), ("0", 2)):
        monkeypatch.setenv("RANK", rank)
        with announced():
            pass
        assert len(list(folder.glob("*.event"))) == count
