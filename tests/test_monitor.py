"""`gemquad watch` over real DVC: a small pipeline of trivial stages with two rounds."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gemquad.errors import UserError
from gemquad.monitor.child import Child

PIPELINE = """
stages:
  finetune:
    foreach: ${filtered}
    do:
      cmd: python job.py && echo x > student-${key}
      deps: ["metrics/rounds/${item}/decision.json"]
      outs: ["student-${key}"]
  decide:
    foreach: ${rounds}
    do:
      cmd: >-
        mkdir -p metrics/rounds/${key} && echo '${item.decision}' > metrics/rounds/${key}/decision.json
      deps: ["${item.after}"]
      outs: ["metrics/rounds/${key}/decision.json": {cache: false}]
  report:
    cmd: ${ending}
    deps: [metrics/rounds/1/decision.json]
    outs: [report.txt]
"""
OPENED = '{"stop": false, "reason": "baseline", "history": [{"round": 0, "dev_score": 40.0}]}'
FELL = (
    '{"stop": true, "reason": "round 1: dev f1 fell", '
    '"history": [{"round": 0, "dev_score": 40.0}, {"round": 1, "dev_score": 42.25}]}'
)
ROUNDS = {"0": {"after": "opening", "decision": OPENED}, "1": {"after": "student-1", "decision": FELL}}
JOB = """
import os, time
from gemquad.progress import Progress
is_watched = "WATCHED" in os.environ
with Progress("training", 4, "steps") as progress:
    time.sleep(0.6 if is_watched else 0)  # states are half a second apart
    progress.advance(3)
    while is_watched and not os.path.exists("seen"):
        time.sleep(0.02)
"""
ENDS_WELL = "echo done > report.txt"
FAILS = "seq -f 'line %g of the report' 40; exit 3"
WAITS = "echo $$ $PPID > pid; echo waits; exec sleep 60"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("[core]\n    no_scm = True\n    analytics = False\n")
    (tmp_path / "job.py").write_text(JOB)
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    return tmp_path


def started(
    checkout: Path,
    ending: str,
    *command: str,
    output: int = subprocess.PIPE,
    on_ctrl_c: signal.Handlers = signal.SIG_DFL,
) -> subprocess.Popen[str]:
    params = {"filtered": {"1": 0}, "rounds": ROUNDS, "stopping": {"metric": "f1"}, "ending": ending}
    (checkout / "params.yaml").write_text(json.dumps(params))
    (checkout / "opening").touch()

    def handle() -> None:
        """Whatever the tests themselves were started with: under `nohup` SIGHUP would stay ignored."""
        signal.signal(signal.SIGINT, on_ctrl_c)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    return subprocess.Popen(
        [sys.executable, "-m", "gemquad.cli", "watch", *command],
        cwd=checkout,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40", "PYTHONUTF8": "1"},
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=handle,
    )


def test_without_a_terminal_every_line_goes_through(checkout: Path) -> None:
    output, _ = started(checkout, ENDS_WELL).communicate()
    lines = output.splitlines()
    place = lines.index("Running stage 'finetune@1':")
    assert lines[place - 1] == "stage 2 of 4"
    assert "training: 3/4 steps" in output
    assert lines.index("dev f1: baseline 40.0") < place < lines.index("dev f1: baseline 40.0, round 1 42.2 (+2.2)")
    assert re.search(r"^finetune@1  ran +\d+:\d\d$", output, re.MULTILINE)
    assert re.search(r"^4 stages in \d+:\d\d: 4 ran$", output, re.MULTILINE)
    assert "stopped after round 1: dev f1 fell" in lines
    (log,) = checkout.glob(".gemquad/watch/*.log")
    logged = log.read_text().splitlines()
    assert [line for line in lines if line in logged][: len(logged)] == logged
    assert "\x1b" not in output

    again = started(checkout, ENDS_WELL, "dvc", "repro", "report")
    output, _ = again.communicate()
    assert again.returncode == 0
    assert "Data and pipelines are up to date." in output
    assert re.search(r"^4 stages in \d+:\d\d: 4 unchanged$", output, re.MULTILINE)
    assert output.count("dev f1: baseline 40.0, round 1 42.2 (+2.2)") == 2, "scores of stages that did not change count"


def test_a_terminal_shows_the_job_and_keeps_the_output_of_what_failed(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHED", "yes")
    master, terminal = pty.openpty()
    child = started(checkout, FAILS, output=terminal)
    os.close(terminal)
    screen = read_all(master, "3/4 steps", (checkout / "seen").touch)
    assert child.wait() == 255
    view, _, left = screen.rpartition("\x1b[?25h")
    text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", view)
    assert "dvc repro · stage 2 of 4 · " in text
    assert re.search(r"training ━+[╸╺]?━* 3/4 steps \d+\.\d/s \d+:\d\d left", text)
    assert re.search(r"round 1 +finetune ▶  decide ·", text)
    assert "dev f1: baseline 40.0" in text
    assert "dev f1: baseline 40.0, round 1 42.2 (+2.2)" in left
    assert re.search(r"^report +failed +\d+:\d\d", left, re.MULTILINE)
    assert [f"line {n} of the report" for n in range(1, 41)] == re.findall(r"line \d+ of the report", left)
    assert "ERROR: failed to reproduce 'report'" in left.strip().splitlines()[-1]


def read_all(master: int, awaited: str, tell: Callable[[], None]) -> str:
    """All that comes; `tell` is called as soon as `awaited` is there."""
    screen = b""
    with suppress(OSError):  # how Linux says that the other end is closed
        while part := os.read(master, 65536):
            screen += part
            if awaited.encode() in screen:
                tell()
    os.close(master)
    return screen.decode().replace("\r\n", "\n")


def test_ctrl_c_ends_the_stage_and_then_dvc(checkout: Path) -> None:
    child = started(checkout, WAITS, "dvc", "repro", "--single-item", "report")
    assert child.stdout
    (checkout / "metrics/rounds/1").mkdir(parents=True)
    (checkout / "metrics/rounds/1/decision.json").write_text("{}")
    seen = [next(child.stdout) for _ in range(4)]
    assert seen[-1] == "waits\n"
    stage, dvc = map(int, (checkout / "pid").read_text().split())
    wait_until_it_ignores_ctrl_c(dvc)  # DVC leaves it to the stage, soon after it has started it
    child.send_signal(signal.SIGINT)
    rest = child.stdout.read()
    assert child.wait() == 255
    assert "ERROR: failed to reproduce 'report'" in rest and "exited with -2" in rest
    with pytest.raises(ProcessLookupError):
        os.kill(stage, 0)


def wait_until_it_ignores_ctrl_c(pid: int) -> None:
    while True:
        (ignored,) = re.findall(r"^SigIgn:\s*(\w+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        if int(ignored, 16) >> (signal.SIGINT - 1) & 1:
            return
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("number", "on_ctrl_c"),
    [
        (signal.SIGINT, signal.SIG_DFL),
        (signal.SIGTERM, signal.SIG_DFL),
        (signal.SIGHUP, signal.SIG_DFL),
        pytest.param(signal.SIGTERM, signal.SIG_IGN, id="in the background of a script, where Ctrl-C is ignored"),
    ],
)
def test_a_request_to_end_reaches_the_child_as_ctrl_c(
    checkout: Path, number: signal.Signals, on_ctrl_c: signal.Handlers
) -> None:
    job = "trap 'echo heard; exit 7' INT; echo begun; for i in $(seq 100); do sleep 0.1; done"
    child = started(checkout, ENDS_WELL, "sh", "-c", job, on_ctrl_c=on_ctrl_c)
    assert child.stdout and child.stdout.readline() == "begun\n"
    child.send_signal(number)
    assert child.stdout.readline() == "heard\n"
    child.stdout.read()
    assert child.wait() == 7


def test_a_request_to_end_that_comes_before_the_child_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.Popen

    def interrupted(*command: Any, **options: Any) -> Any:
        process = real(*command, **options)
        os.kill(os.getpid(), signal.SIGTERM)
        return process

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    before = signal.getsignal(signal.SIGTERM)
    with Child(["sleep", "30"], os.environ) as child:
        assert child.wait() == 128 + signal.SIGINT
    assert child.interrupted and signal.getsignal(signal.SIGTERM) is before


def test_a_command_that_does_not_exist_leaves_the_signals_as_they_were() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(UserError, match="cannot be started"):
        Child(["no-such-command"], os.environ)
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["no-such-command"], "'no-such-command' cannot be started: No such file or directory"),
        (["dvc", "exp", "run", "--run-all"], "dvc queue logs"),
    ],
)
def test_a_command_that_cannot_be_watched_is_named(checkout: Path, command: list[str], message: str) -> None:
    child = started(checkout, ENDS_WELL, *command)
    output, _ = child.communicate()
    assert child.returncode == 1
    assert output.startswith("error: ") and message in output and len(output.splitlines()) == 1


def test_the_status_of_a_killed_child_is_that_of_a_shell(checkout: Path) -> None:
    child = started(checkout, ENDS_WELL, "--", "sh", "-c", "kill -9 $$")
    child.communicate()
    assert child.returncode == 137


def test_a_daemon_that_holds_the_pipe_does_not_hold_us(checkout: Path) -> None:
    child = started(checkout, ENDS_WELL, "sh", "-c", "echo begun; sleep 60 & echo $! > daemon; exit 4")
    output, _ = child.communicate(timeout=50)
    daemon = int((checkout / "daemon").read_text())
    os.kill(daemon, signal.SIGTERM)
    assert child.returncode == 4 and "begun" in output
