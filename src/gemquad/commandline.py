"""How a stage starts: `--round R`, `--key KEY` or nothing. Paths come from `workspace.py`, settings from params.yaml."""

import argparse
import inspect
from collections.abc import Callable
from pathlib import Path

from gemquad.code_lock import refuse_stale
from gemquad.errors import exit_on_user_error
from gemquad.workspace import Workspace

_OPTIONS: dict[str, type] = {"round": int, "key": str}


def run_stage(main: Callable[..., None], *options: str) -> None:
    """Call `main` with the values of `options` from the command line, if the code is the one that `code.lock.yaml` knows.

    A mistake of the user ends with one line on standard error and exit status 1.
    """
    stage = Path(inspect.getfile(main)).stem
    parser = argparse.ArgumentParser(prog=f"python -m gemquad.stages.{stage}", description=main.__doc__)
    for name in options:
        parser.add_argument(f"--{name}", type=_OPTIONS[name], required=True)
    values = vars(parser.parse_args())

    def run() -> None:
        refuse_stale(stage, Workspace().code_lock)
        main(**values)

    exit_on_user_error(run)
