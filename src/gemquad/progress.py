"""Progress of long work: tqdm's bar on a terminal, a line every 30 seconds elsewhere, a file for `gemquad watch`."""

import os
import sys
import threading
import time
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any

from tqdm import tqdm

from gemquad.files import write_json

FOLDER = "GEMQUAD_PROGRESS"
"""The environment variable with which `gemquad watch` names a folder: there a job keeps the arguments of tqdm's `format_meter`."""
_SECONDS_BETWEEN_LINES = 30.0


def hush_transformers() -> None:
    """Leave progress and warnings to this project's own lines: no loading bars, no report of a head that is meant to be new."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


class Progress:
    """`with Progress("generating", total, "prompts") as progress: … progress.advance(n)`.

    A line is `generating: 30% 120/400 [00:56<02:11, 2.13prompts/s]`, or `14.30s/prompts` where that is slower than one in a second.
    """

    def __init__(self, label: str, total: int, unit: str) -> None:
        self._state: dict[str, Any] = {"n": 0, "total": int(total), "elapsed": 0.0, "prefix": label, "unit": unit}
        self._began = self._spoke = time.monotonic()
        self._bar = tqdm(total=total, desc=label, unit=unit, disable=None)  # None: unless it is a terminal
        self._file = Path(folder, f"{os.getpid()}-{id(self)}.json") if (folder := os.environ.get(FOLDER)) else None
        self._is_over = threading.Event()
        self._teller = threading.Thread(target=_keep_telling, args=(weakref.ref(self), self._is_over), daemon=True)
        self._teller.start()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        self._is_over.set()
        self._teller.join()
        self._bar.close()
        if self._file:
            with suppress(OSError):
                self._file.unlink()
        if kind is None:
            self.tell(0)

    def advance(self, count: int) -> None:
        """Add `count` completed units."""
        self._state["n"] += int(count)
        self._bar.update(count)

    def tell(self, seconds_between_lines: float) -> None:
        """Save the state for who watches; where there is no bar, print a line unless the last is younger than that."""
        now = time.monotonic()
        self._state["elapsed"] = now - self._began
        if self._file and not self._is_over.is_set():
            with suppress(OSError):
                write_json(self._file, self._state)
        if not sys.stderr.isatty() and now - self._spoke >= seconds_between_lines:
            self._spoke = now
            print(tqdm.format_meter(**self._state, ncols=0), file=sys.stderr, flush=True)


def _keep_telling(job: "weakref.ref[Progress]", is_over: threading.Event) -> None:
    """Until the job ends, or is forgotten after an error; also while a single unit takes long."""
    while progress := job():
        progress.tell(_SECONDS_BETWEEN_LINES)
        del progress
        if is_over.wait(0.5):
            return
