"""Run a DVC command and show the run while it goes on."""

import os
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from gemquad.checkout import main_checkout
from gemquad.monitor.child import Child
from gemquad.monitor.jobs import forget
from gemquad.monitor.lines import Kind, parse
from gemquad.monitor.live import Live
from gemquad.monitor.log import Log
from gemquad.monitor.plain import Plain
from gemquad.monitor.run import Run, Status
from gemquad.monitor.summary import summary
from gemquad.progress import FOLDER

_SECONDS_BETWEEN_LOOKS = 0.5


def watch(command: Sequence[str]) -> int:
    """Run `command` to its end and print a summary.

    On a terminal a live view stands for its output; of that, what DVC says at the end and all of a stage that failed is printed
    below the summary. Elsewhere every line goes through. Both ways all of it is in a file below `.gemquad/watch/`.

    Returns:
        The exit status of the command.

    Raises:
        UserError: there is no such command.
    """
    is_live = _is_live()
    with (
        TemporaryDirectory(prefix="gemquad-watch-", ignore_cleanup_errors=True) as folder,
        Log(main_checkout() / ".gemquad/watch") as log,
        Child(command, _environment(folder)) as child,
    ):
        run = Run(child.folder, time.monotonic())
        display = Live(run, Path(folder), shlex.join(command)) if is_live else Plain(run)
        with display:
            _follow(child, run, log, display, Path(folder))
        status = child.wait()
        run.end(status, time.monotonic())
        print(f"\n{summary(run, time.monotonic())}\nall output: {os.path.relpath(log.path)}", flush=True)
        if is_live:
            print(f"\n{_kept(run, log, with_failed=not child.interrupted)}", flush=True)
    return status


def _is_live() -> bool:
    """Whether standard output is a terminal that can go back over its lines and knows our marks."""
    can_move = os.environ.get("TERM", "dumb") != "dumb"
    return sys.stdout.isatty() and can_move and sys.stdout.encoding.lower().startswith("utf")


def _environment(folder: str) -> dict[str, str]:
    """The child's: DVC and Python of our own environment first, lines as soon as they are printed, progress into `folder`."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", FOLDER: folder}


def _follow(child: Child, run: Run, log: Log, display: Live | Plain, jobs: Path) -> None:
    """Until the child's output ends."""
    for lines in child.output(_SECONDS_BETWEEN_LOOKS):
        for line in lines:
            before = run.current
            event = run.read(line.decode(errors="replace").rstrip("\r\n"), time.monotonic())
            if run.current != before:
                forget(jobs)
            log.write(line, run.current)
            display.line(line, event)
        display.refresh()


def _kept(run: Run, log: Log, with_failed: bool) -> str:
    """What the live view must not swallow: the output of stages that failed, then DVC's last words."""
    failed = [step.address for step in run.plan.steps if run.status(step) == Status.FAILED]
    announced = (Kind.FAILED, Kind.ENDED)
    closing = [line for line in log.closing().splitlines() if (event := parse(line)) is None or event.kind in announced]
    outputs = [log.of(address).strip() for address in failed] if with_failed else []
    return "\n\n".join(filter(None, [*outputs, "\n".join(closing).strip()]))
