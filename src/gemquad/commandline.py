"""How a stage starts: with the round or key of its name in DVC (`read@gold`), with `--round R` or `--key KEY`, or with nothing.

Paths come from `workspace.py`, settings from params.yaml.
"""

import argparse
import inspect
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gemquad.errors import exit_on_user_error
from gemquad.files import write_json
from gemquad.progress import FOLDER
from gemquad.repository.code_lock import refuse_stale
from gemquad.signals import end_with_parent
from gemquad.workspace import Workspace

_OPTIONS: dict[str, type] = {"round": int, "key": str}


def run_stage(main: Callable[..., None], *options: str) -> None:
    """Call `main` with the values of `options`, if the code is the one that `code.lock.yaml` knows.

    DVC gives them in the environment: as part of a command, the shell would read them.

    A mistake of the user ends with one line on standard error and exit status 1.
    """
    stage = Path(inspect.getfile(main)).stem
    parser = argparse.ArgumentParser(prog=f"python -m gemquad.stages.{stage}", description=main.__doc__)
    of_dvc = re.search(rf"(?:^|:){stage}@(.+)$", os.environ.get("DVC_STAGE", ""))
    for name in options:
        parser.add_argument(f"--{name}", type=_OPTIONS[name], required=not of_dvc, default=of_dvc and of_dvc[1])
    values = vars(parser.parse_args())

    def run() -> None:
        end_with_parent()
        with announced():
            refuse_stale(stage, Workspace().code_lock)
            main(**values)

    exit_on_user_error(run)


@contextmanager
def announced() -> Iterator[None]:
    """Tell `gemquad watch`, where it looks on, when the stage that DVC runs as this process begins, and how it ends."""
    _tell("began")
    try:
        yield
    except KeyboardInterrupt:
        _tell("stopped")
        raise
    except BaseException:
        _tell("failed")
        raise
    _tell("ended")


def _tell(what: str) -> None:
    """Write a file for `monitor.run.Run.take`, its name ordering it; one process speaks for all those of torchrun."""
    folder, stage = os.environ.get(FOLDER), os.environ.get("DVC_STAGE")
    if folder and stage and os.environ.get("RANK", "0") == "0":
        experiment = os.environ.get("DVC_EXP_NAME", "")
        event = {"stage": stage, "what": what, "at": time.time(), "folder": os.getcwd(), "experiment": experiment}
        with suppress(OSError):
            write_json(Path(folder, f"{time.time_ns()}.event"), event)
