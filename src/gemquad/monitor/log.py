"""All that the command printed, in a file; which part is whose."""

import os
import time
from itertools import pairwise
from pathlib import Path
from types import TracebackType

_KEPT = 10


class Log:
    """`with Log(folder) as log: log.write(line, stage)`; None is what DVC says between stages. The newest ten are kept."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(folder.glob("*.log"))[: 1 - _KEPT]:
            old.unlink(missing_ok=True)
        self.path = folder / f"{time.strftime('%Y-%m-%dT%H-%M-%S')}-{os.getpid()}.log"
        self._file = self.path.open("w+b")
        self._parts: list[tuple[str | None, int]] = []

    def __enter__(self) -> "Log":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, line: bytes, stage: str | None) -> None:
        """Append a line that was printed while `stage` was running."""
        if not self._parts or self._parts[-1][0] != stage:
            self._parts.append((stage, self._file.tell()))
        self._file.write(line)

    def of(self, stage: str) -> str:
        """The text that was printed while `stage` was running."""
        ends = [*self._parts, (None, self._file.tell())]
        return "".join(self._between(begin, end) for (name, begin), (_, end) in pairwise(ends) if name == stage)

    def closing(self) -> str:
        """The text that DVC printed after the last stage."""
        if not self._parts or self._parts[-1][0] is not None:
            return ""
        return self._between(self._parts[-1][1], self._file.tell())

    def _between(self, begin: int, end: int) -> str:
        self._file.seek(begin)
        text = self._file.read(end - begin).decode(errors="replace")
        self._file.seek(0, os.SEEK_END)
        return text
