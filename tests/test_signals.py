"""Ctrl-C and SIGTERM, at every moment of a command's life."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gemquad.signals import INTERRUPTED

ROOT = Path(__file__).parents[1]
STAGE = """
import os, sys, time
from gemquad.commandline import run_stage
def main():
    print("begun", flush=True)
    time.sleep(60)
import gemquad.commandline
gemquad.commandline.refuse_stale = lambda *_: None
run_stage(main)
"""
PARENT = """
from gemquad.errors import exit_on_user_error
from gemquad.signals import run
exit_on_user_error(lambda: run(["sh", "-c", "sleep 60 & echo $!; wait"]))
"""
BOTH = pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


def started(*arguments: str) -> "subprocess.Popen[str]":
    def hear() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    command = [sys.executable, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, preexec_fn=hear)


def is_there(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_gone(process: int) -> None:
    for _ in range(200):
        if not is_there(process):
            return
        time.sleep(0.05)
    raise AssertionError(f"process {process} goes on")


@BOTH
def test_a_stage_ends_with_one_line(number: signal.Signals, status: int) -> None:
    child = started("-c", STAGE)
    assert child.stdout and child.stdout.readline() == "begun\n"
    child.send_signal(number)
    _, said = child.communicate(timeout=20)
    assert (child.returncode, said) == (status, f"{INTERRUPTED}\n")


@BOTH
def test_a_stage_that_still_imports_ends_with_one_line(number: signal.Signals, status: int) -> None:
    child = started("-X", "importtime", "-m", "gemquad.stages.report")
    assert child.stderr
    for line in child.stderr:
        if line.endswith("gemquad.signals\n"):
            break
    child.stderr.readline()  # the package has been imported; the stage itself takes a second more
    child.send_signal(number)
    assert child.stderr.read().rstrip("\n").endswith(INTERRUPTED) and child.wait() == status


@BOTH
def test_a_command_ends_after_what_it_started(number: signal.Signals, status: int) -> None:
    child = started("-c", PARENT)
    assert child.stdout
    grandchild = int(child.stdout.readline())
    child.send_signal(number)
    assert child.wait(timeout=20) == status
    wait_until_gone(grandchild)


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_stage_does_not_outlive_a_killed_dvc(tmp_path: Path) -> None:
    (tmp_path / "stage.py").write_text(STAGE)
    program = f"import subprocess, sys; subprocess.run([sys.executable, {str(tmp_path / 'stage.py')!r}])"
    dvc = started("-c", program)
    assert dvc.stdout and dvc.stdout.readline() == "begun\n"
    (stage,) = map(int, Path(f"/proc/{dvc.pid}/task/{dvc.pid}/children").read_text().split())
    os.kill(dvc.pid, signal.SIGKILL)
    wait_until_gone(stage)


def test_a_program_of_ours_writes_no_compiled_files_and_a_library_leaves_that_to_its_program(tmp_path: Path) -> None:
    """On a full disk Python 3.11 leaves a cut one, with which every later run fails."""
    asked = "import sys; sys.argv = [{!r}]; import gemquad; print(sys.dont_write_bytecode)"
    told = {}
    for name in ("/bin/gemquad", "notebook"):
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONPYCACHEPREFIX": str(tmp_path)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [sys.executable, "-c", asked.format(name)]
        told[name] = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert told == {"/bin/gemquad": "True\n", "notebook": "False\n"}
