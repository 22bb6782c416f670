"""Checkpoints of trainings under way, beside the completions of the checkout: one that was killed goes on from its last.

transformers' Trainer writes them. They stand outside DVC's outputs, which DVC removes before a stage runs, under a digest of all
that decides the training, and go when its student is saved.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from transformers import TrainerState

from gemquad.environment import number
from gemquad.repository.checkout import main_checkout
from gemquad.student.processes import agreed, is_main

SECONDS = "GEMQUAD_CHECKPOINT_SECONDS"
"""The environment variable with the seconds between two checkpoints of a training."""

STATE = "trainer_state.json"
"""The last file that the Trainer writes of a checkpoint."""

_DEFAULT_SECONDS = 120.0
_SECONDS_OF_A_WEEK = 7 * 86400.0


@contextmanager
def checkpoints(digest: str) -> Iterator[Path]:
    """The checkpoint folder of the training `digest`; removed at the end, unless an error or a kill ends the training.

    Where another process is at the very same training, the folder is one that nothing resumes from.
    """
    with ExitStack() as stack:
        folder, is_shared = agreed(lambda: stack.enter_context(_locked(digest)))
        yield folder
        if is_main() and not is_shared:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(digest: str) -> Iterator[tuple[Path, bool]]:
    """A folder that no other training writes to; whether it had to be another than that of the digest."""
    root = main_checkout() / ".gemquad" / "checkpoints"
    _remove_leftovers(root)
    folder = root / digest
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        with tempfile.TemporaryDirectory() as scratch:
            yield Path(scratch), True
    else:
        with lock:
            yield folder, False


def newest(folder: Path) -> Path | None:
    """The last complete checkpoint in `folder`, if any; incomplete ones are removed."""
    return agreed(lambda: _newest(folder))


def _newest(folder: Path) -> Path | None:
    whole = []
    for checkpoint in folder.glob("checkpoint-*"):
        try:
            whole.append((TrainerState.load_from_json(str(checkpoint / STATE)).global_step, checkpoint))
        except (OSError, ValueError, TypeError):
            shutil.rmtree(checkpoint)
    return max(whole)[1] if whole else None


def seconds_between() -> float:
    """The least number of seconds between two checkpoints.

    Raises:
        UserError: `GEMQUAD_CHECKPOINT_SECONDS` is not a number.
    """
    return number(SECONDS, _DEFAULT_SECONDS, "seconds", "Set it to e.g. 120.")


def _remove_leftovers(root: Path) -> None:
    """Of trainings that were given up: nothing has touched them for a week."""
    for folder in root.glob("*"):
        touched = max(file.stat().st_mtime for file in [folder, *folder.rglob("*")])
        if time.time() - touched > _SECONDS_OF_A_WEEK:
            shutil.rmtree(folder, ignore_errors=True)
