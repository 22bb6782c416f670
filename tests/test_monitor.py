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

import pytest

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
        python told.py 'mkdir -p metrics/rounds/${key} && echo "$0" > metrics/rounds/${key}/decision.json' '${item.decision}'
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
from gemquad.commandline import announced
from gemquad.progress import Progress
is_watched = "WATCHED" in os.environ
with announced(), Progress("training", 4, "steps") as progress:
    progress.advance(3)
    while is_watched and not os.path.exists("seen"):
        time.sleep(0.02)
"""
TOLD = """
import subprocess, sys
from gemquad.commandline import announced
with announced():
    subprocess.run(["sh", "-c", *sys.argv[1:]], check=True)
"""
ENDS_WELL = "python told.py 'echo done > report.txt'"
FAILS = "python told.py 'seq -f \"line %g of the report\" 40; exit 3'"
WAITS = "echo $PPID > dvc; exec python told.py 'echo $$ > stage; echo waits; exec sleep 60'"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("[core]\n    no_scm = True\n    analytics = False\n")
    (tmp_path / "job.py").write_text(JOB)
    (tmp_path / "told.py").write_text(TOLD)
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    return tmp_path


def started(
    checkout: Path,
    ending: str,
    *command: str,
    output: int = subprocess.PIPE,
    on_ctrl_c: signal.Handlers = signal.SIG_DFL,
    on_hang_up: signal.Handlers = signal.SIG_DFL,
) -> subprocess.Popen[str]:
    params = {"filtered": {"1": 0}, "rounds": ROUNDS, "stopping": {"metric": "f1"}, "ending": ending}
    (checkout / "params.yaml").write_text(json.dumps(params))
    (checkout / "opening").touch()

    def handle() -> None:
        """Whatever the tests themselves were started with: under `nohup` SIGHUP would stay ignored."""
        signal.signal(signal.SIGINT, on_ctrl_c)
        signal.signal(signal.SIGHUP, on_hang_up)

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
    place = lines.index("stage 2 of 4: finetune@1")
    assert lines.index("dev: baseline 40.0") < place < lines.index("dev: baseline 40.0, round 1 42.2 (+2.2)")
    assert re.search(r"^training: +75% 3/4 \[00:0\d<00:0\d, .*steps/s\]$", output, re.MULTILINE)
    summary = output[output.rindex("\ndecide@0") :]
    assert re.search(r"^finetune@1  ran      \d\d:\d\d$", summary, re.MULTILINE)
    assert re.search(r"^4 stages in \d\d:\d\d: 4 ran$", summary, re.MULTILINE)
    assert "\nstopped after round 1: dev f1 fell\n\nnext:\n  reports/index.html      the page: " in summary
    (log,) = checkout.glob(".gemquad/watch/*.log")
    logged = log.read_text().splitlines()
    assert "Running stage 'finetune@1':" in logged
    assert [line for line in lines if line in logged][: len(logged)] == logged
    assert f"all output: {log.relative_to(checkout)}" in summary and "\x1b" not in output

    again = started(checkout, ENDS_WELL, "dvc", "repro", "report")
    output, _ = again.communicate()
    assert again.returncode == 0
    assert "Data and pipelines are up to date." in output
    assert re.search(r"^4 stages in \d\d:\d\d: 4 not run$", output, re.MULTILINE)


def test_a_terminal_shows_the_job_and_keeps_the_output(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHED", "yes")
    master, terminal = pty.openpty()
    child = started(checkout, FAILS, output=terminal)
    os.close(terminal)
    screen = read_all(master, "3/4 [", (checkout / "seen").touch)
    assert child.wait() == 255
    view, _, left = screen.rpartition("\x1b[?25h")
    text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", view)
    assert "dvc repro · stage 2 of 4 · " in text
    assert re.search(r"training:  75%\|█+[^█]* +\| 3/4 \[\d\d:\d\d<\d\d:\d\d, ", text)
    assert re.search(r"round 1 +finetune ▶  decide ·", text)
    assert [f"line {n} of the report" for n in range(1, 41)] == re.findall(r"line \d+ of the report", text)
    assert "ERROR: failed to reproduce 'report'" in text
    assert re.search(r"^report +failed +\d\d:\d\d\n4 stages in \d\d:\d\d: 3 ran, 1 failed$", left, re.MULTILINE)
    assert "dev: baseline 40.0, round 1 42.2 (+2.2)" in left
    assert "next: mend what failed, then go on with: gemquad watch dvc repro\n" in left


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
    while next(child.stdout) != "waits\n":
        pass
    stage, dvc = (int((checkout / name).read_text()) for name in ("stage", "dvc"))
    wait_until_it_ignores_ctrl_c(dvc)  # DVC leaves it to the stage, soon after it has started it
    child.send_signal(signal.SIGINT)
    rest = child.stdout.read()
    assert child.wait() == 130
    said = "\ninterrupted; everything finished is kept, completions and checkpoints too\ngo on with: gemquad watch dvc repro "
    assert f"{said}--single-item report\n" in rest and re.search(r"^report +stopped  \d\d:\d\d$", rest, re.MULTILINE)
    assert "ERROR" not in rest and "Traceback" not in rest
    (log,) = checkout.glob(".gemquad/watch/*.log")
    assert "ERROR: failed to reproduce 'report'" in log.read_text()
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
    assert child.wait() == 128 + number


def test_a_request_to_end_that_comes_before_the_child_is_not_lost(checkout: Path) -> None:
    """The command is there as soon as the program is, so the program asks itself to end just before."""
    program = (
        "import os, signal, sys\nfrom gemquad.monitor import watch\nreal = watch.Popen\n"
        "def interrupted(*command, **options):\n    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return real(*command, **options)\nwatch.Popen = interrupted\nsys.exit(watch.watch(['sleep', '30']))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=checkout, capture_output=True, text=True, timeout=25)
    assert done.returncode == 128 + signal.SIGTERM and "in 00:" in done.stdout


def test_what_nohup_ignores_stays_ignored(checkout: Path) -> None:
    command = "echo begun; sleep 1; echo ended"
    child = started(checkout, ENDS_WELL, "sh", "-c", command, on_hang_up=signal.SIG_IGN)
    assert child.stdout and child.stdout.readline() == "begun\n"
    child.send_signal(signal.SIGHUP)
    assert "ended\n" in child.stdout.read() and child.wait() == 0


def test_a_reader_who_leaves_ends_the_run(checkout: Path) -> None:
    child = started(checkout, ENDS_WELL, "sh", "-c", "echo $$ > pid; while echo on; do sleep 0.1; done")
    assert child.stdout and child.stdout.readline() == "on\n"
    child.stdout.close()
    assert child.wait(timeout=25) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(int((checkout / "pid").read_text()), 0)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["no-such-command"], "'no-such-command' cannot be started: no such program"),
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
