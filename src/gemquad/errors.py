"""The one exception a user may see: what is wrong, where, and what to do about it."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gemquad.credentials import guard, without_secrets
from gemquad.texts import on_one_line


class UserError(Exception):
    """A mistake in data, parameters or environment. Its message names the place and the remedy; it is shown as one short line."""

    def __str__(self) -> str:
        return on_one_line(super().__str__())


def first_line(error: Exception) -> str:
    """The first line of a library's error message, without secrets; the rest is for its developers."""
    return without_secrets(str(error)).strip().split("\n")[0]


def exit_on_user_error(main: Callable[[], None]) -> None:
    """Run `main`; turn a `UserError` or a failure of the file system into one line on standard error and exit status 1.

    So is Ctrl-C, with status 130. Where standard output is a pipe that nobody reads any more (`gemquad summary | head`), end
    without a word.
    """
    guard()
    try:
        with _quiet_without_reader():
            main()
    except UserError as error:
        sys.exit(f"error: {without_secrets(str(error))}")
    except OSError as error:
        said = f"error: {without_secrets(str(error))}. Check that the path exists and can be written, and that the disk has room."
        sys.exit(on_one_line(said))
    except KeyboardInterrupt:
        print("interrupted; everything finished is kept; run the same command again", file=sys.stderr)
        sys.exit(130)


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
