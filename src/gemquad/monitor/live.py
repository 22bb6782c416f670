"""The run on a terminal, one view that is drawn anew."""

import time
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.live import Live as RichLive

from gemquad.monitor.jobs import under_way
from gemquad.monitor.lines import StageEvent
from gemquad.monitor.run import Run
from gemquad.monitor.view import view

_SECONDS_BETWEEN_FRAMES = 0.25


class Live:
    """Draws `run` and the jobs that `folder` tells of, at most four times a second; nothing of it stays on the screen."""

    def __init__(self, run: Run, folder: Path, title: str) -> None:
        self._run, self._folder, self._title = run, folder, title
        self._live = RichLive(console=Console(highlight=False), auto_refresh=False, transient=True)
        self._drawn = 0.0

    def __enter__(self) -> "Live":
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def line(self, line: bytes, event: StageEvent | None) -> None:
        """Do nothing with a line: the view is drawn from the state of the run."""

    def refresh(self) -> None:
        """Draw a frame, unless the last one is too recent."""
        now = time.monotonic()
        if now - self._drawn >= _SECONDS_BETWEEN_FRAMES:
            self._drawn = now
            self._live.update(view(self._run, under_way(self._folder), self._title, now), refresh=True)
