"""What is wrong in a file of the user's, all of it: kind, place, remedy, and what mends it without guessing.

A reader adds what it finds and reads on. The stage `read` then refuses the file; `gemquad check` shows every fault.
"""

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.text.characters import shown

NOTHING = "nothing in it"
"""The kind of the one fault of a file that has none but holds nothing for its role."""
_NEXT = 2
"""Places that an error names beside the first."""


@dataclass(frozen=True, slots=True)
class Mend:
    """What `--fix` does: `how`, the same for every place, and the new `values` by their keys in the object there."""

    how: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, or with `tolerated` what a reader puts right by itself."""

    kind: str
    """What is wrong, in words that are the same wherever it is."""
    place: str
    """Such as `data[0].paragraphs[1].qas[2]` or `line 3`; "" for the file as a whole."""
    said: str
    """What is wrong here."""
    remedy: str
    id: str = ""
    """The id of the question or row; "" where it is not known."""
    mend: Mend | None = None
    tolerated: bool = False


class Faults:
    """The faults of one file, in the order in which they were found; what is found again in another role counts once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.said = 0
        """How often a fault was said, in whatever role: where it grows, what is being read is not sound."""
        self._found: dict[tuple[str, str], Fault] = {}

    def add(self, kind: str, place: str, said: str, remedy: str, id: str = "", mend: Mend | None = None) -> None:
        """Keep a fault that keeps the file from being used."""
        self._keep(Fault(kind, place, said, remedy, id, mend))

    def tolerate(self, kind: str, place: str, mend: Mend, id: str = "") -> None:
        """Keep what the reader puts right, as `mend` does in the file."""
        self._keep(Fault(kind, place, "", "", id, mend, tolerated=True))

    def __len__(self) -> int:
        """The number of faults, without those that are tolerated."""
        return len(self.refused)

    @property
    def refused(self) -> list[Fault]:
        """The faults for which the stage `read` refuses the file."""
        return [fault for fault in self._found.values() if not fault.tolerated]

    @property
    def tolerated(self) -> list[Fault]:
        """What the stage `read` puts right by itself."""
        return [fault for fault in self._found.values() if fault.tolerated]

    @property
    def mendable(self) -> list[Fault]:
        """All that can be mended without guessing, tolerated or not."""
        return [fault for fault in self._found.values() if fault.mend]

    def refuse(self) -> None:
        """Refuse the file if it has a fault.

        Raises:
            UserError: the first fault, how many others there are of which kind, and where the next ones stand.
        """
        if not self:
            return
        first, *others = self.refused
        where = f"{self.path}, {first.place}" if first.place else str(self.path)
        message = f"{where}: {'. '.join(filter(None, (first.said, first.remedy)))}."
        message += f" Its id is {shown(first.id)}." if first.id else ""
        if others:
            kinds = ", ".join(f"{kind} {count}" for kind, count in Counter(one.kind for one in others).most_common())
            places = ", ".join(one.place for one in others[:_NEXT])
            message += f" {len(others)} more in this file ({kinds}), next: {places}. `gemquad check"
            message += f" {shlex.quote(str(self.path))}` shows all."
        raise UserError(message)

    def _keep(self, fault: Fault) -> None:
        self._found.setdefault((fault.kind, fault.place), fault)
        self.said += not fault.tolerated


@contextmanager
def collected(path: Path, faults: Faults | None) -> Iterator[Faults]:
    """`faults`, for a caller who looks at them; where there are none, new ones for which the file is refused in the end."""
    found = Faults(path) if faults is None else faults
    yield found
    if faults is None:
        found.refuse()
