"""Run a DVC command as a child, show the run while it goes on, and sum it up."""

import json
import os
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.live import Live

from gemquad import signals
from gemquad.errors import UserError
from gemquad.monitor.ending import ending
from gemquad.monitor.run import Run
from gemquad.monitor.view import view
from gemquad.progress import FOLDER
from gemquad.repository.checkout import main_checkout
from gemquad.repository.dvc_files import keep, repair
from gemquad.repository.git_identity import require_git_identity

_PASSED_ON = dict.fromkeys((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), signal.SIGINT)
_PASSED_ON[signal.SIGQUIT] = signal.SIGQUIT
"""What the child gets for a signal that comes to us: DVC ends cleanly on Ctrl-C alone; Ctrl-\\ ends everything at once."""
_COMPLAINTS = (b"ERROR: ", b"Traceback (")


def watch(command: list[str]) -> int:
    """Run `command`, its output kept in `.gemquad/watch/`, with a live view on a terminal; returns its exit status as a shell does.

    Where a signal ended it, that is 128 and its number: 130 after Ctrl-C, 143 after SIGTERM.

    Raises:
        UserError: there is no such command.
    """
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    if not shutil.which(command[0]):
        raise UserError(f"{command[0]!r} cannot be started: no such program. Try: gemquad watch dvc repro.")
    if command[:3] == ["dvc", "exp", "run"]:
        require_git_identity(Path())
    print("".join(f"{line}\n" for line in repair(Path())), end="", flush=True)
    keep(Path())
    _foretell(command)
    is_live = sys.stdout.isatty() and sys.stdout.encoding.lower().startswith("utf")
    live = Live(console=Console(highlight=False, force_terminal=is_live), auto_refresh=False, transient=True)
    heard: list[int] = []
    with TemporaryDirectory(prefix="gemquad-watch-", ignore_cleanup_errors=True) as folder, _log().open("ab") as log:
        os.environ |= {FOLDER: folder, "PYTHONUNBUFFERED": "1"}
        with _started(command, log.fileno(), heard) as child, live:
            try:
                run = Run(shlex.join(command))
                _follow(child, run, log.name, Path(folder), live, heard)
            finally:
                if child.poll() is None:
                    os.killpg(child.pid, signal.SIGINT)
    keep(Path())
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    said = ending(run, command, child.returncode, bool(heard), min(live.console.width, 120))
    print(f"\n{said}\nall output: {os.path.relpath(log.name)}")
    if child.returncode and heard:
        return 128 + heard[0]
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _foretell(command: Sequence[str]) -> None:
    """Print what a run of DVC will take, from a process of its own, which asks no hub; whatever becomes of it, the run starts."""
    if command[0] == "dvc":
        environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
        with suppress(OSError):
            signals.run([sys.executable, "-m", "gemquad.doctor.plan", *command], env=environment)


def _log() -> Path:
    """The file for the output of this run; the newest ten are kept."""
    folder = main_checkout() / ".gemquad/watch"
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.glob("*.log"))[:-9]:
        old.unlink(missing_ok=True)
    return folder / f"{time.strftime('%Y-%m-%dT%H-%M-%S')}-{os.getpid()}.log"


def _started(command: list[str], output: int, heard: list[int]) -> "Popen[bytes]":
    """The child, in a session of its own, so that nothing waits for a terminal that is taken.

    From now on a signal goes to all of it, as Ctrl-C does: the stage ends, then DVC; `heard` has its number. What `nohup` ignores
    stays ignored.
    """

    def hear() -> None:  # also in the background of a script, where Ctrl-C is ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    children: list[Popen[bytes]] = []

    def pass_on(number: int, _: object = None) -> None:
        heard.append(number)
        with suppress(ProcessLookupError):
            for child in children:
                os.killpg(child.pid, _PASSED_ON[signal.Signals(number)])

    for number in _PASSED_ON:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, pass_on)
    children.append(
        Popen(command, stdin=DEVNULL, stdout=output, stderr=STDOUT, start_new_session=True, preexec_fn=hear)
    )
    if heard:  # before the child was there
        pass_on(heard[0])
    return children[0]


def _follow(child: "Popen[bytes]", run: Run, log: str, folder: Path, live: Live, heard: Sequence[int]) -> None:
    """Until the child ends, take what the stages tell in `folder`; print news and the new lines of the log above the view.

    What DVC makes of a signal that was `heard`, an error with a traceback, stays in the log.
    """
    rest, is_over, complains = b"", False, False
    with open(log, "rb") as output:
        while not is_over:
            is_over = child.poll() is not None  # asked first, so that nothing comes after the last look
            news = _news(run, folder)
            *lines, rest = (rest + output.read()).split(b"\n")
            lines += [rest] if is_over and rest else []
            for line in lines:
                complains |= bool(heard) and line.startswith(_COMPLAINTS)
                news += [] if complains else [str(line, live.console.encoding, "backslashreplace").rstrip("\r")]
            if news:
                live.console.out("\n".join(line.rpartition("\r")[2] for line in news))  # a bar in its last state
            live.update(view(run, folder, live.console.width), refresh=True)
            time.sleep(0 if is_over else 0.25)


def _news(run: Run, folder: Path) -> list[str]:
    """What stages have told in `folder` since the last look: the scores that one settled, before the stage that comes next."""
    news: list[str] = []
    for path in sorted(folder.glob("*.event")):
        event, scores = json.loads(path.read_bytes()), run.scores
        path.unlink()
        if event["what"] == "began":
            keep(Path())  # DVC has written the stage before, and writes nothing while this one runs
        run.take(**event)
        news += [line for line in run.scores if line not in scores]
        news += [f"{run.position()}: {event['stage']}"] if event["what"] == "began" else []
    return news
