"""The `data` section: which file plays which role, in which language."""

import re
from collections.abc import Iterator
from dataclasses import field
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator
from pydantic.dataclasses import dataclass

from gemquad.errors import UserError
from gemquad.schema.results import ALL
from gemquad.settings.sections import STRICT, Limit, Range, mistake
from gemquad.text.languages import is_language, nearest_language, standard

HUB = "hub:"
"""What a data role says before the name of a hub data set, in place of a path."""

GOLD = "gold"
ROLES = ("exemplars", "passages", "dev", "test", "translated", "corrected")
"""The roles that go by language; gold is in one."""

_CODE = re.compile("[A-Za-z0-9_-]{1,100}")
_OVERLAP = re.compile(r"(gold|translated|corrected|exemplars|passages)-(dev|test)|dev-test")


ENTRY = re.compile(r"[A-Za-z0-9][\w.-]{0,99}", re.ASCII)
"""What an entry of the catalogue may be called: DVC makes names of stages and files of it."""


def _known(code: str) -> str:
    if not _CODE.fullmatch(code) or not is_language(code):
        raise mistake("", f"has {code!r}, which is no language code (BCP-47); nearest: {nearest_language(code)}.")
    if standard(code) == ALL:
        raise mistake("", f"has {code!r}, which names all languages together in results; for Allar write 'all-Mlym'.")
    return code


LanguageCode = Annotated[str, AfterValidator(_known)]


def _is_file(name: str | None) -> bool:
    return name is None or (
        bool(ENTRY.fullmatch(name.removeprefix(HUB))) if name.startswith(HUB) else name.strip() != ""
    )


_FILE = "a path; or hub: and the name of an entry, of ASCII letters, digits and . _ -; or null for none"
File = Annotated[str | None, Range(_FILE, _is_file)]


@dataclass(frozen=True, config=STRICT)
class LanguageFiles:
    """The files of one language, each a path or `hub:NAME`; null where there is none."""

    exemplars: File = None
    """The few solved examples that prompts show."""
    passages: File = None
    """Text to ask about; only where questions are asked."""
    dev: File = None
    """Decides stopping and the best round."""
    test: File = None
    """Is only reported. Languages that are not trained show what transfers."""
    translated: File = None
    """Machine-translated gold, for the system `translated` to compare with."""
    corrected: File = None
    """Pairs that people checked: silver of every round, whatever the weak labeler says of them."""


@dataclass(frozen=True, config=STRICT)
class Limits:
    """How much of each file is read, by role."""

    gold: Limit = None
    """At most so many questions or texts of gold."""
    exemplars: Limit = None
    """At most so many exemplars of each file."""
    passages: Limit = None
    """At most so many passages of each file."""
    dev: Limit = None
    """At most so many examples of each dev file."""
    test: Limit = None
    """At most so many examples of each test file."""
    translated: Limit = None
    """At most so many examples of each translated file."""
    corrected: Limit = None
    """At most so many pairs of each corrected file."""


class Use(NamedTuple):
    """One file or hub data set that the section names, by a key such as `gold` or `dev-zh-TW`."""

    key: str
    role: str
    language: str
    named: str

    @property
    def is_on_hub(self) -> bool:
        """Whether it names a data set of the hub, not a file."""
        return self.named.startswith(HUB)


@dataclass(frozen=True, config=STRICT)
class Data:
    """Which file plays which role: a path, absolute or relative to the repository root, or `hub:NAME` of the catalogue."""

    source: Literal["sample", "files", "hub"]
    """Where the data come from, for the report; set by the file in `conf/data`."""
    gold: Annotated[str | None, Range(_FILE, lambda name: name == "" or _is_file(name))]
    """Human-labelled examples in one language; null for a run without gold, of tasks over labelled texts."""
    gold_language: LanguageCode
    """The language of gold."""
    languages: dict[LanguageCode, LanguageFiles]
    """By language: its files."""
    limits: Limits = field(default_factory=Limits)
    """By role: how much of each file is read."""
    allow_overlap: Annotated[
        list[str],
        Range("pairs of roles such as passages-test or dev-test", lambda names: all(map(_OVERLAP.fullmatch, names))),
    ] = field(default_factory=list)
    """Pairs of roles that may share passages, because a published setting does."""
    sources: dict[str, str] = field(default_factory=dict)

    def files(self, role: str) -> dict[str, str]:
        """The files of a language-specific role, by language."""
        named = {language: getattr(files, role) for language, files in self.languages.items()}
        return {language: file for language, file in named.items() if file}

    def uses(self) -> Iterator[Use]:
        """Every file or data set that the section names: gold first, then role by role."""
        if self.gold:
            yield Use(GOLD, GOLD, self.gold_language, self.gold)
        for role in ROLES:
            for language, file in self.files(role).items():
                yield Use(f"{role}-{language}", role, language, file)

    def role_of(self, key: str) -> tuple[str, str]:
        """The role and the language of a key of `sources`.

        Raises:
            UserError: there is no such key.
        """
        if key not in self.sources:
            raise UserError(f"data.sources of params.yaml has no '{key}'. It has: {', '.join(self.sources)}.")
        role, _, language = key.partition("-")
        return role, language or self.gold_language

    def limit(self, role: str) -> int | None:
        """The most records read from each file of this role; None reads all."""
        limit: int | None = getattr(self.limits, role)
        return limit
