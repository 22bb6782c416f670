"""The one exception a user may see: what is wrong, where, and what to do about it."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gemquad.credentials import guard, without_secrets
from gemquad.signals import INTERRUPTED, Terminated, raise_when_asked
from gemquad.text.characters import on_one_line

_DISK = "Check that the path exists and can be written, and that the disk has room; then run the same command again."
_MEMORY = "End other programs or take a smaller model or batch (gemquad doctor); then run the same command again."
_OUT_OF_DISK = re.compile(
    "disk is full|disk I/O error|readonly database|unable to open database|os error (?:27|28|30)"
    "|PytorchStreamWriter|inline_container"  # torch.save
)
_OUT_OF_MEMORY = re.compile("can't allocate memory|out of memory|not enough memory|Unable to allocate|malloc of size")


class UserError(Exception):
    """A mistake in data, parameters or environment. Its message names the place and the remedy; it is shown as one short line."""

    def __str__(self) -> str:
        return on_one_line(super().__str__())


def first_line(error: Exception) -> str:
    """The first line of a library's error message, without secrets, or the error's name; the rest is for its developers."""
    return without_secrets(str(error)).strip().split("\n")[0] or type(error).__name__


def exit_on_user_error(main: Callable[[], None]) -> None:
    """Run `main`; turn a `UserError` or a failure of the file system into one line on standard error and exit status 1.

    So are Ctrl-C and SIGTERM, with status 130 and 143. Where standard output is a pipe that nobody reads any more
    (`gemquad summary | head`), end without a word.
    """
    guard()
    try:
        with _quiet_without_reader():
            raise_when_asked()
            main()
    except UserError as error:
        sys.exit(without_secrets(f"error: {error}"))
    except OSError as error:
        sys.exit(on_one_line(without_secrets(f"error: {error}. {_DISK}")))
    except KeyboardInterrupt as signalled:
        print(INTERRUPTED, file=sys.stderr)
        sys.exit(143 if isinstance(signalled, Terminated) else 130)
    except Exception as error:
        if remedy := remedy_of_machine(error):
            sys.exit(f"error: {first_line(error).replace('MemoryError', 'out of memory')}. {remedy}")
        raise


def remedy_of_machine(error: Exception) -> str:
    """For what a library says, in a class of its own, of a machine that lacks disk or memory; nothing for another error."""
    if isinstance(error, MemoryError) or _OUT_OF_MEMORY.search(str(error)):
        return _MEMORY
    return _DISK if _OUT_OF_DISK.search(str(error)) else ""


@contextmanager
def _quiet_without_reader() -> Iterator[None]:
    """Exit with status 1 once standard output has lost its reader; the null device takes what Python would still flush."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
