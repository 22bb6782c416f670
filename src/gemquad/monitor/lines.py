"""What the lines that DVC prints mean for a stage; their text is that of DVC 3.67 (its `stage` package)."""

import re
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """The kinds of events that a line can announce."""

    EXPERIMENT = auto()
    RUNNING = auto()
    UNCHANGED = auto()
    RESTORED = auto()
    SAVED = auto()
    FAILED = auto()
    ENDED = auto()


@dataclass(frozen=True)
class StageEvent:
    """A parsed line: `names` are the stages, or the experiment, that it names; empty where it means the running stage."""

    kind: Kind
    names: tuple[str, ...] = ()


_PATTERNS = [
    (Kind.EXPERIMENT, re.compile(r"Reproducing experiment ('.+')")),
    (Kind.RUNNING, re.compile(r"Running stage ('.+'):")),
    (Kind.UNCHANGED, re.compile(r"(?:Stage )?('.+') didn't change, skipping")),
    (Kind.RESTORED, re.compile(r"Stage ('.+') is cached - skipping run, checking out outputs")),
    (Kind.RESTORED, re.compile(r"Pulling data for stage: ('.+')")),
    (Kind.SAVED, re.compile(r"(?:Generating|Updating) lock file .+")),
    (Kind.FAILED, re.compile(r"ERROR: failed to reproduce ('[^']+')(?:: .*)?")),
    (Kind.FAILED, re.compile(r"ERROR: failed to reproduce stages: ('.+')")),
    (Kind.FAILED, re.compile(r"WARNING: failed to run: .*")),
    (Kind.ENDED, re.compile(r"Ran experiment\(s\): .*")),
]
_QUOTED = re.compile(r"'([^']+)'")
_BOOKKEEPING = re.compile(r"\s*|> .*|.*: \d+/\d+ \S+, [\d.]+/s.*")


def parse(line: str) -> StageEvent | None:
    """The event that a line announces; None for any other line."""
    for kind, pattern in _PATTERNS:
        if found := pattern.fullmatch(line):
            return StageEvent(kind, tuple(_QUOTED.findall("".join(found.groups()))))
    return None


def is_ordinary(line: str) -> bool:
    """Whether a line is worth showing beside the stages: no event, no command of a stage, no plain line of `Progress`."""
    return parse(line) is None and not _BOOKKEEPING.fullmatch(line)
