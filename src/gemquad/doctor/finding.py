"""One thing that `gemquad doctor` looked at."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Whether a run works: yes; slowly, uncertainly or at a price; or not at all."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """The result of one check of `topic`; `advice` is one line on what to do, if anything."""

    level: Level
    topic: str
    found: str
    advice: str = ""

    def lines(self) -> str:
        """The finding for a terminal: mark, topic and finding in columns, the advice below."""
        below = f"\n      → {self.advice}" if self.advice else ""
        return f"{self.level:<5} {self.topic}: {self.found}{below}"


def ok(topic: str, found: str) -> Finding:
    """A finding that needs no action."""
    return Finding(Level.OK, topic, found)


def warn(topic: str, found: str, advice: str) -> Finding:
    """A finding with which a run works, but slowly, uncertainly or at a price."""
    return Finding(Level.WARN, topic, found, advice)


def fail(topic: str, found: str, advice: str) -> Finding:
    """A finding with which a run cannot work."""
    return Finding(Level.FAIL, topic, found, advice)


def size(count: float) -> str:
    """A number of bytes as text: "512 MiB", "1.5 GiB"."""
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"


def lasting(seconds: float) -> str:
    """A duration as text: "7 seconds", "16 minutes", "2.5 hours"."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
