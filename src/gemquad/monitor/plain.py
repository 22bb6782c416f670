"""The run where there is no terminal: every line as it comes, and few of our own between them."""

import sys
from types import TracebackType

from gemquad.monitor.lines import Kind, StageEvent
from gemquad.monitor.run import Run
from gemquad.monitor.summary import announcement, verdict


class Plain:
    """Lines go through as they are; before a stage its number, after a round the scores so far."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._shown: list[str] = []

    def __enter__(self) -> "Plain":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def line(self, line: bytes, event: StageEvent | None) -> None:
        """Print a line unchanged, with the stage number before a stage and the scores after a round."""
        for news in self._news(event):
            sys.stdout.buffer.write(f"{news}\n".encode())
        sys.stdout.buffer.write(line)

    def refresh(self) -> None:
        """Flush standard output."""
        sys.stdout.buffer.flush()

    def _news(self, event: StageEvent | None) -> list[str]:
        shown, self._shown = self._shown, verdict(self._run)
        begun = [announcement(self._run)] if event and event.kind == Kind.RUNNING else []
        return [*(news for news in self._shown if news not in shown), *begun]
