"""Progress of long work: a bar with rate and ETA on a terminal, a plain line now and then elsewhere."""

import sys
import time
from types import TracebackType

from tqdm import tqdm

_SECONDS_BETWEEN_LINES = 30.0


def hush_transformers() -> None:
    """Leave progress and warnings to this project's own lines: no loading bars, no report of a head that is meant to be new."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


class Progress:
    """`with Progress("generating", total, "prompts") as progress: … progress.advance(n)`."""

    def __init__(self, label: str, total: int, unit: str) -> None:
        self._label, self._total, self._unit = label, total, unit
        self._done = 0
        self._began = self._spoke = time.monotonic()
        self._bar = tqdm(total=total, desc=label, unit=f" {unit}", disable=not sys.stderr.isatty())

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()
        if kind is None and self._bar.disable:
            self._say()

    def advance(self, count: int) -> None:
        """`count` more are done."""
        self._done += count
        self._bar.update(count)
        if self._bar.disable and time.monotonic() - self._spoke > _SECONDS_BETWEEN_LINES:
            self._say()

    def _say(self) -> None:
        self._spoke = time.monotonic()
        elapsed = max(self._spoke - self._began, 1e-9)
        rate = self._done / elapsed
        left = (
            f", {(self._total - self._done) / rate:.0f} s left"
            if 0 < self._done < self._total
            else f" in {elapsed:.0f} s"
        )
        print(
            f"{self._label}: {self._done}/{self._total} {self._unit}, {rate:.1f}/s{left}", file=sys.stderr, flush=True
        )
