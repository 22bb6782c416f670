"""How Ctrl-C and SIGTERM end a command: one line, status 130 or 143, and nothing that it started goes on."""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from subprocess import CompletedProcess, Popen, TimeoutExpired
from typing import Any

INTERRUPTED = (
    "interrupted; everything finished is kept, completions and checkpoints too; the same command goes on from there"
)
_HEARD = (signal.SIGINT, signal.SIGTERM)
_PR_SET_PDEATHSIG = 1  # of Linux's <sys/prctl.h>
_SECONDS_TO_END = 60


class Terminated(KeyboardInterrupt):
    """SIGTERM; whatever cleans up after Ctrl-C does so after it too."""


def exit_at_once() -> None:
    """Until `raise_when_asked`, which is while libraries are imported: nothing is begun that would have to be cleaned up."""

    def end(number: int, _: Any) -> None:
        os.write(2, f"{INTERRUPTED}\n".encode())
        os._exit(128 + number)

    _on(signal.SIGINT, end)
    _on(signal.SIGTERM, end)


def raise_when_asked() -> None:
    """Raise `KeyboardInterrupt` on Ctrl-C and `Terminated` on SIGTERM."""

    def end(*_: Any) -> None:
        raise Terminated

    with suppress(ValueError):  # not the main thread, in a test say
        _on(signal.SIGINT, signal.default_int_handler)
        _on(signal.SIGTERM, end)


def _on(number: signal.Signals, handler: Any) -> None:
    if signal.getsignal(number) != signal.SIG_IGN:  # which `nohup` and a script's background set
        signal.signal(number, handler)


def end_with_parent() -> None:
    """Ask Linux for SIGTERM when DVC ends, also by a kill: else a stage went on, and the next run would start it beside itself."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def run(command: Sequence[str], **options: Any) -> "CompletedProcess[Any]":
    """As `subprocess.run`; if this process is asked to end, `command` ends before it with all that it started."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)  # what comes before the child is known waits for it

    def hear() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)

    with Popen(command, start_new_session=True, preexec_fn=hear, **options) as child:
        try:
            hear()
            out, errors = child.communicate()
        except BaseException:
            for number in (signal.SIGINT, signal.SIGKILL):
                with suppress(ProcessLookupError, TimeoutExpired, KeyboardInterrupt):
                    os.killpg(child.pid, number)
                    child.wait(_SECONDS_TO_END)
            raise
    return CompletedProcess(command, child.returncode, out, errors)
