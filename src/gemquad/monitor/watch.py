"""Run a DVC command as a child, show the run while it goes on, and sum it up."""

import json
import os
import shlex
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.live import Live

from gemquad.checkout import main_checkout
from gemquad.dvc_files import keep, repair
from gemquad.errors import UserError
from gemquad.git_identity import require_git_identity
from gemquad.monitor.run import Run, Status
from gemquad.monitor.view import clock, view
from gemquad.progress import FOLDER
from gemquad.signals import INTERRUPTED

_PASSED_ON = dict.fromkeys((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), signal.SIGINT)
_PASSED_ON[signal.SIGQUIT] = signal.SIGQUIT
"""What the child gets for a signal that comes to us: DVC ends cleanly on Ctrl-C alone; Ctrl-\\ ends everything at once."""


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
    is_live = sys.stdout.isatty() and sys.stdout.encoding.lower().startswith("utf")
    live = Live(console=Console(highlight=False, force_terminal=is_live), auto_refresh=False, transient=True)
    heard: list[int] = []
    with TemporaryDirectory(prefix="gemquad-watch-", ignore_cleanup_errors=True) as folder, _log().open("ab") as log:
        os.environ |= {FOLDER: folder, "PYTHONUNBUFFERED": "1"}
        with _started(command, log.fileno(), heard) as child, live:
            try:
                run = Run(shlex.join(command))
                _follow(child, run, log.name, Path(folder), live)
            finally:
                if child.poll() is None:
                    os.killpg(child.pid, signal.SIGINT)
    keep(Path())
    print(f"\n{_summary(run, child.returncode, bool(heard))}\nall output: {os.path.relpath(log.name)}")
    if child.returncode and heard:
        return 128 + heard[0]
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


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


def _follow(child: "Popen[bytes]", run: Run, log: str, folder: Path, live: Live) -> None:
    """Until the child ends, take what the stages tell in `folder`; print news and the new lines of the log above the view."""
    rest, is_over = b"", False
    with open(log, "rb") as output:
        while not is_over:
            is_over = child.poll() is not None  # asked first, so that nothing comes after the last look
            news = _news(run, folder)
            *lines, rest = (rest + output.read()).split(b"\n")
            lines += [rest] if is_over and rest else []
            news += [str(line, live.console.encoding, "backslashreplace").rstrip("\r") for line in lines]
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


def _summary(run: Run, status: int, interrupted: bool) -> str:
    """The stages that ran with their times, how many did not, the scores, and where to look next."""
    now, width = time.time(), max(map(len, run.began), default=0)
    ends = {stage: run.ended.get(stage, (Status.FAILED, now)) for stage in run.began}
    rows = [f"{one:{width}}  {end.name.lower():6}  {clock(at - run.began[one])}" for one, (end, at) in ends.items()]
    names = [end.name.lower() for end, _ in ends.values()] + ["not run"] * (len(run.stages) - len(ends))
    counts = ", ".join(f"{names.count(name)} {name}" for name in dict.fromkeys(names))
    rows += [f"{len(run.stages)} stages in {clock(now - run.start)}: {counts}", *run.scores]
    done = "gemquad summary, reports/index.html" if run.folder == Path.cwd() else f"dvc exp apply {run.experiment}"
    failed = INTERRUPTED if interrupted else "mend what failed and give the same command again"
    return "\n".join([*rows, f"next: {failed if status else done}"])
