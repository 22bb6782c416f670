"""Progress of long work: tqdm's bar on a terminal, a line every 30 seconds elsewhere, a file for `gemquad watch`.

A thread keeps all three going within a long step: the time so far moves on, the time left stays as the last step had it.
"""

import os
import sys
import threading
import time
import weakref
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tqdm import tqdm

from gemquad.files import write_json

FOLDER = "GEMQUAD_PROGRESS"
"""The environment variable with which `gemquad watch` names a folder: there a job keeps the arguments of tqdm's `format_meter`."""
_SECONDS_BETWEEN_LINES = 30.0
_STILL = 30.0
"""Seconds without a completed unit after which that is said."""


def hush_transformers() -> None:
    """Leave progress and warnings to this project's own lines: no loading bars, no report of a head that is meant to be new."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


class Progress:
    """`with Progress("generating", total, "prompts") as progress: … progress.advance(n)`.

    A line is `generating: 30% 120/400 [00:56<02:11, 2.13prompts/s]`, or `14.30s/prompt` where that is slower than one in a second;
    behind it stands for how long nothing was completed, from half a minute on.
    """

    def __init__(self, label: str, total: int, unit: str) -> None:
        self._state: dict[str, Any] = {"n": 0, "total": int(total), "elapsed": 0.0, "prefix": label, "unit": unit}
        self._unit = unit
        self._began = self._spoke = self._moved = time.monotonic()
        self._told = -1
        self._bar = _Bar(total=total, desc=label, unit=unit, disable=None)  # None: unless it is a terminal
        self._bar.state = self._state
        self._file = Path(folder, f"{os.getpid()}-{id(self)}.json") if (folder := os.environ.get(FOLDER)) else None
        self._is_over = threading.Event()
        self._teller = threading.Thread(target=_keep_telling, args=(weakref.ref(self), self._is_over), daemon=True)
        self._teller.start()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        self._is_over.set()
        self._teller.join()
        self._update()
        self._bar.close()
        if self._file:
            with suppress(OSError):
                self._file.unlink()
        if kind is None and self._told != self._state["n"]:
            self._say()

    def advance(self, count: int) -> None:
        """Add `count` completed units."""
        self._moved = time.monotonic()
        self._state["n"] += int(count)
        if self._state["n"]:
            self._state["rate"] = self._state["n"] / max(self._moved - self._began, 1e-9)
        self._update()
        self._bar.update(count)

    def tell(self) -> None:
        """Save the state for who watches, and draw the bar anew; where there is none, say a line if the last is old."""
        self._update()
        if self._file and not self._is_over.is_set():
            with suppress(OSError):
                write_json(self._file, dict(self._state))  # which another thread may grow meanwhile
        self._bar.refresh()
        if time.monotonic() - self._spoke >= _SECONDS_BETWEEN_LINES:
            self._say()

    def _update(self) -> None:
        now = time.monotonic()
        still = now - self._moved
        self._state["elapsed"] = now - self._began
        one = self._unit.removesuffix("s")
        self._state["unit"] = self._unit if self._state.get("rate", 1.0) >= 1 else one
        self._state["postfix"] = f"no {one} for {tqdm.format_interval(still)}" if still >= _STILL else ""

    def _say(self) -> None:
        if not sys.stderr.isatty():
            self._spoke, self._told = time.monotonic(), self._state["n"]
            print(tqdm.format_meter(**self._state, ncols=0), file=sys.stderr, flush=True)


class _Bar(tqdm):
    """A bar that shows `state`: tqdm's own rate moves on while nothing does."""

    state: Mapping[str, Any] = MappingProxyType({})

    @property
    def format_dict(self) -> dict[str, Any]:
        """The arguments of `format_meter`."""
        return {**super().format_dict, **self.state}


def _keep_telling(job: "weakref.ref[Progress]", is_over: threading.Event) -> None:
    """Until the job ends, or is forgotten after an error; also while a single unit takes long."""
    while progress := job():
        progress.tell()
        del progress
        if is_over.wait(0.5):
            return
