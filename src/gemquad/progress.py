"""Progress of long work: a bar with rate and ETA on a terminal, a plain line now and then elsewhere, a file for who watches."""

import itertools
import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from tqdm import tqdm

from gemquad.files import written_whole

FOLDER = "GEMQUAD_PROGRESS"
"""The environment variable with which `gemquad watch` names a folder: every job under way keeps a `JobState` there, as JSON."""

_SECONDS_BETWEEN_LINES = 30.0
_SECONDS_BETWEEN_STATES = 0.5


def hush_transformers() -> None:
    """Leave progress and warnings to this project's own lines: no loading bars, no report of a head that is meant to be new."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


@dataclass(frozen=True)
class JobState:
    """The progress of a job of process `pid`: `done` of `total` units, at `rate` units per second so far."""

    label: str
    done: int
    total: int
    unit: str
    rate: float
    pid: int

    @property
    def seconds_left(self) -> float | None:
        """Seconds left at the rate so far; None before the first unit is done, 0 where more is done than expected."""
        return max(self.total - self.done, 0) / self.rate if self.rate else None


class Progress:
    """`with Progress("generating", total, "prompts") as progress: … progress.advance(n)`."""

    def __init__(self, label: str, total: int, unit: str) -> None:
        self._label, self._total, self._unit = label, total, unit
        self._done = 0
        self._began = self._spoke = time.monotonic()
        self._bar = tqdm(total=total, desc=label, unit=f" {unit}", disable=not sys.stderr.isatty())
        self._file = _StateFile()
        self._show()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()
        self._file.remove()
        if kind is None and self._bar.disable:
            self._say()

    def advance(self, count: int) -> None:
        """Add `count` completed units."""
        self._done += count
        self._bar.update(count)
        self._show()
        if self._bar.disable and time.monotonic() - self._spoke > _SECONDS_BETWEEN_LINES:
            self._say()

    def _show(self) -> None:
        if self._file.is_due:
            self._file.write(self._state())

    def _state(self) -> JobState:
        elapsed = max(time.monotonic() - self._began, 1e-9)
        return JobState(self._label, int(self._done), int(self._total), self._unit, self._done / elapsed, os.getpid())

    def _say(self) -> None:
        self._spoke = time.monotonic()
        state = self._state()
        unfinished = 0 < state.done < state.total
        left = f", {state.seconds_left:.0f} s left" if unfinished else f" in {self._spoke - self._began:.0f} s"
        print(
            f"{state.label}: {state.done}/{state.total} {state.unit}, {state.rate:.1f}/s{left}",
            file=sys.stderr,
            flush=True,
        )


class _StateFile:
    """One job's file in `FOLDER`, one for each job of each process; nothing where no folder is named or it cannot be written."""

    _numbers = itertools.count()

    def __init__(self) -> None:
        folder = os.environ.get(FOLDER)
        self._path = Path(folder) / f"{os.getpid()}-{next(self._numbers)}.json" if folder else None
        self._written = float("-inf")

    @property
    def is_due(self) -> bool:
        return self._path is not None and time.monotonic() - self._written >= _SECONDS_BETWEEN_STATES

    def write(self, state: JobState) -> None:
        """Write the job's state; the file appears complete or not at all."""
        if self._path:
            self._written = time.monotonic()
            with suppress(OSError), written_whole(self._path) as partial:
                partial.write_text(json.dumps(asdict(state)), encoding="utf-8")

    def remove(self) -> None:
        if self._path:
            with suppress(OSError):
                self._path.unlink()
