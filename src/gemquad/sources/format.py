"""The format protocol: the files that the examples of a kind of task come in, and what the leak gate compares of them.

`E` is the record of the examples: of gold, exemplars, dev, test and machine-translated gold.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from gemquad.schema import Example
from gemquad.schema.results import HubCard
from gemquad.sources.cleaning import Tally
from gemquad.sources.faults import Faults
from gemquad.sources.hub import Wanted

E = TypeVar("E", bound=Example)


@dataclass(frozen=True)
class FileFacts:
    """What the examples of a file are like: entries of its data card, and sentences on what they lack."""

    card: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()


class Format(Protocol[E]):
    """How examples are read, kept from the hub, and compared between roles."""

    @property
    def record(self) -> type[E]:
        """The record type of an example."""

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that must have data, of a language to train where they go by language."""

    @property
    def least_shared_runs(self) -> int:
        """The least number of shared 8-word runs for two roles' texts to count as overlapping, if half of the shorter text is."""

    def read(self, path: Path, language: str, role: str, faults: Faults | None = None) -> list[Any]:
        """The sound examples of a file in its order; in the role "passages" its passages.

        Raises:
            UserError: the file cannot be read; or, without `faults` to collect them, it has faults. It names the file, the place of
                the first and what to do.
        """

    def card(self, path: Path) -> dict[str, Any] | None:
        """The data card that `fetch` left in the file; None for a file without one."""

    def facts(self, role: str, examples: Sequence[E]) -> FileFacts:
        """Facts about the examples of a file, for its data card.

        Raises:
            UserError: nothing can be learnt from them.
        """

    def text(self, example: E) -> str:
        """The text that must not occur in two roles of which one is dev or test."""

    def clean(self, records: Iterable[Any], wanted: Wanted) -> tuple[dict[str, Any], Tally]:
        """The usable part of a hub data set as a document that `read` reads, and the counts of its rows."""


AnyFormat = Format[Any]


def own_card(value: Any) -> dict[str, Any] | None:
    """`value` if it is a data card that `fetch` wrote, by its fields: a user's file may have a key "card" of its own."""
    return value if isinstance(value, dict) and HubCard.__required_keys__ <= value.keys() else None
