"""The entries of `conf/catalogue.yaml`: data sets of the hub by the name that a data role gives them."""

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Annotated

from pydantic.dataclasses import dataclass

from gemquad.errors import UserError
from gemquad.params.data import ENTRY
from gemquad.settings.sections import STRICT, Range, read_section
from gemquad.yaml_files import read_yaml

CATALOGUE = Path("conf/catalogue.yaml")


_EntryName = Annotated[
    str, Range("a name of ASCII letters, digits and . _ -, a letter or digit first", ENTRY.fullmatch)
]


def _is_part(rows: tuple[int, int] | None) -> bool:
    return rows is None or 0 <= rows[0] < rows[1]


@dataclass(frozen=True, config=STRICT)
class HubSource:
    """A data set of the hub at a revision. `{language}` in repo, config and data_files stands for the role's language."""

    repo: str
    """OWNER/NAME on the hub."""
    split: str
    """The split that is read."""
    revision: str
    """A commit is best; a branch moves."""
    config: str | None = None
    """A configuration that the repository's README declares."""
    data_files: str | None = None
    """A glob of files, for repositories that declare no configurations."""
    id_prefix: dict[str, str] = field(default_factory=dict)
    """By language: how ids begin, where one split holds several languages."""
    columns: dict[str, str] = field(default_factory=dict)
    """Our names of columns to theirs."""
    only_rows: Annotated[tuple[int, int] | None, Range("[first, end], 0 or more", _is_part)] = None
    """The rows from the first number to before the second, for data sets that publish no dev set."""
    label_names: list[str] = field(default_factory=list)
    """Names for the numbers of a label column, from 0, where the files of origin have names."""
    licence: str | None = None
    """As the data card states it."""
    citation: str | None = None
    """As the data card states it."""


def read_catalogue(path: Path = CATALOGUE) -> Mapping[str, HubSource]:
    """Every entry, by name.

    Raises:
        UserError: the file is missing or malformed, or an entry has an unknown key, lacks one, or holds what cannot be.
    """
    raw = read_yaml(path, "Run this in the repository root.", "Correct it.")
    return read_section(dict[_EntryName, HubSource], raw, str(path), remedy="Correct the entry there.")


def entry(catalogue: Mapping[str, HubSource], name: str) -> HubSource:
    """The entry that `hub:NAME` means.

    Raises:
        UserError: there is none of this name.
    """
    if name not in catalogue:
        raise UserError(
            f"hub:{name} is not in the hub catalogue, which has: {', '.join(catalogue)}. Correct the name, or add an entry to "
            f"{CATALOGUE}: {name}: {{repo: OWNER/NAME, split: train, revision: COMMIT}}."
        )
    return catalogue[name]
