"""Overrides as people write them, in the form that Hydra reads: it takes few characters outside of quotes of its own."""

import re
from collections.abc import Iterator, Sequence

from gemquad.errors import UserError

_UNCLEAR = re.compile(r"""['"$,\n]|^[\[{]""")
"""What may be meant as Hydra's own quotes, list, mapping, interpolation or several values."""
_FLAT_LIST = re.compile(r"""\[[^\[\]{}'"$]*\]""")
OPTIONS = ("-S", "--set-param")
_BEFORE = re.compile(r"(--set-param=|-S(?=.))?(params\.yaml:)?", re.DOTALL)


def overrides_in(words: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Every override of params.yaml in a command: its word's place, what that has before it, the override.

    `FILE:KEY=VALUE` is of another file.
    """
    for place, word in enumerate(words):
        is_value = place > 0 and words[place - 1] in OPTIONS
        if (found := _BEFORE.match(word)) and (is_value or found[1]):
            override = word.removeprefix(found[0])
            if ":" not in override.partition("=")[0]:
                yield place, found[0], override


def quoted(override: str, may_sweep: bool = False) -> str:
    """An override that Hydra reads: as it is, or with its value, or the items of its list, in quotes.

    Raises:
        UserError: Hydra cannot read it, and it is unclear what is to be quoted; or it has several values and no sweep may be.
    """
    if _is_read(override, may_sweep):
        return override
    key, equals, value = override.partition("=")
    if _FLAT_LIST.fullmatch(value):
        items = (item.strip() for item in value[1:-1].split(","))
        meant = f"{key}=[{','.join(item if _is_read(f'x={item}') else _in_quotes(item) for item in items)}]"
    else:
        meant = f"{key}={_in_quotes(value)}"
    unclear = not equals or (_UNCLEAR.search(value) and not _FLAT_LIST.fullmatch(value))
    if unclear or not _is_read(meant):
        raise UserError(
            f"override {override!r} cannot be read. Hydra wants quotes of its own around a value with other characters than "
            "ASCII letters, digits and . - _ / : % + @, within those of the shell: \"data.gold='it\\'s here.json'\", or of a list "
            "around each item: \"KEY=['ITEM','ITEM']\"; a key cannot be quoted. docs/experiments.md has more."
        )
    return meant


def _is_read(override: str, may_sweep: bool = False) -> bool:
    """Whether Hydra can parse it.

    Raises:
        UserError: it can, as several values.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        parsed = OverridesParser.create().parse_override(override)
    except HydraException:
        return False
    if parsed.is_sweep_override() and not may_sweep:
        raise UserError(
            f"override {override!r} has several values, and params.yaml takes one. A list is written in brackets, KEY=[a,b]; a "
            "text with a comma in two pairs of quotes, \"KEY='a,b'\"; for several experiments see `dvc exp run --queue -S`."
        )
    return True


def _in_quotes(value: str) -> str:
    """A text without quotes in those of Hydra, where a backslash counts before one alone."""
    return "'" + re.sub(r"(\\+)$", r"\1\1", value) + "'"
