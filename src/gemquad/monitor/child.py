"""A command as a child: its output line by line, the signals that reach it, its exit status."""

import os
import select
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO

from gemquad.errors import UserError

_PASSED_ON = {
    signal.SIGINT: signal.SIGINT,
    signal.SIGTERM: signal.SIGINT,
    signal.SIGHUP: signal.SIGINT,
    signal.SIGQUIT: signal.SIGQUIT,
}
"""What the child gets for a signal that comes to us: DVC ends cleanly on Ctrl-C alone; Ctrl-\\ ends everything at once."""


class Child:
    """`with Child(command, environment) as child: for lines in child.output(0.5): …`, then `child.wait()`.

    The child leads a session of its own, so that nothing in it waits for a terminal that is taken. A signal is passed
    on to all its processes, as a terminal does with Ctrl-C: the stage ends, then DVC. What `nohup` ignores stays ignored, but the
    child always hears Ctrl-C from us.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.interrupted = False
        self._early: int | None = None
        self._folder = Path.cwd()
        self._process: subprocess.Popen[bytes] | None = None
        heard = [number for number in _PASSED_ON if signal.getsignal(number) != signal.SIG_IGN]
        self._handlers = {number: signal.signal(number, self._pass_on) for number in heard}
        try:
            with _heard_by_children(signal.SIGINT):
                self._process = _start(command, environment)
        except OSError as error:
            self._restore_signals()
            raise UserError(
                f"{command[0]!r} cannot be started: {error.strerror}. Try: gemquad watch dvc repro."
            ) from error
        if self._early:
            self._pass_on(self._early, None)

    def __enter__(self) -> "Child":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Where we end before the child does, it is interrupted."""
        self._output.close()
        if self._started.poll() is None:
            self._pass_on(signal.SIGINT, None)
            self._started.wait()
        self._restore_signals()

    def output(self, every: float) -> Iterator[list[bytes]]:
        """Yield lists of output lines (with their ends) as they arrive; an empty list after `every` seconds without one."""
        source, rest = self._output.fileno(), b""
        while True:
            ready, _, _ = select.select([source], [], [], every)
            chunk = os.read(source, 65536) if ready else b""
            if not chunk and (ready or self._started.poll() is not None):  # a daemon may hold the pipe open
                break
            *lines, rest = (rest + chunk).split(b"\n")
            yield [line + b"\n" for line in lines]
        if rest:
            yield [rest + b"\n"]

    def wait(self) -> int:
        """Wait for the child; returns its exit status as a shell does: 128 plus the signal if it was killed."""
        status = self._started.wait()
        return status if status >= 0 else 128 - status

    def folder(self) -> Path:
        """The child's current folder (DVC changes into an experiment's workspace); ours where the system does not tell."""
        with suppress(OSError):
            folder = Path(os.readlink(f"/proc/{self._started.pid}/cwd"))
            if folder != Path.cwd():
                self._folder = folder
        return self._folder

    @property
    def _started(self) -> subprocess.Popen[bytes]:
        assert self._process
        return self._process

    @property
    def _output(self) -> IO[bytes]:
        assert self._started.stdout
        return self._started.stdout

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        """To all processes of the child; what comes before it is there waits for it."""
        self.interrupted = True
        if self._process is None:
            self._early = number
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, _PASSED_ON[signal.Signals(number)])

    def _restore_signals(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


@contextmanager
def _heard_by_children(number: signal.Signals) -> Iterator[None]:
    """Children inherit what is ignored, as Ctrl-C is in the background of a script, but no handler: then theirs is the default."""
    before = signal.getsignal(number)
    if before == signal.SIG_IGN:
        signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(number, before)
