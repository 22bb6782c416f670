"""The command that makes the settings in params.yaml out of conf/: what a table of results is to be made again with."""

import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.params.tables import TABLES
from gemquad.settings.compose import composed
from gemquad.yaml_files import read_yaml

_PLAIN = re.compile(r"(?!(true|false|null|inf|nan)$)[A-Za-z][\w./-]*", re.IGNORECASE)
"""Texts that Hydra reads as such without quotes."""
_KEY = re.compile(r"[\w ./-]+", re.ASCII)
"""Keys of a mapping that Hydra reads; it takes none in quotes."""
_PARTLY = "  # not quite: params.yaml has keys that no override can give"
_CHOICES = {"task": "name", "data": "source", "backend": "name"}
"""Groups of conf/ whose settings carry the name of the file that they are from."""


def command(root: Path) -> str:
    """`dvc exp run` with an override for every setting of `root/params.yaml` that is not the default; it says so if not all can be.

    Raises:
        UserError: params.yaml is missing, or conf/ cannot be composed.
    """
    own, defaults = read_yaml(root / "params.yaml", "Run `gemquad compose`.", ""), composed(root, [])
    chosen = [
        f"{group}={own[group][key]}"
        for group, key in _CHOICES.items()
        if own[group][key] != defaults[group][key] and (root / f"conf/{group}/{own[group][key]}.yaml").exists()
    ]
    chosen, base = _with_files(root, chosen, own) if chosen else ([], defaults)
    overrides = [*chosen, *_differences(base, own)]
    told = " ".join(["dvc exp run", *(f"-S {_for_shell(override)}" for override in overrides)])
    with suppress(UserError):
        if composed(root, overrides) == own:
            return told
    return told + _PARTLY


def _with_files(root: Path, chosen: list[str], own: Mapping[str, Any]) -> tuple[list[str], Any]:
    """The choices and what they compose to; where they bring no files for their languages, with those of `own`."""
    try:
        return chosen, composed(root, chosen)
    except UserError:
        files = (f"++data.languages.{code}={_written(entry)}" for code, entry in own["data"]["languages"].items())
        more = [*chosen, *files, f"lang={_written(own['lang'])}"]
        return more, composed(root, more)


def _for_shell(text: str) -> str:
    """Hydra's quotes are single ones; double ones around them read best, where the shell leaves all within alone."""
    return f'"{text}"' if "'" in text and not re.search(r'["$`!\\]', text) else shlex.quote(text)


def _differences(before: Mapping[str, Any], now: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Overrides that make `before` into `now`, tables left out."""
    yield from (f"~{prefix}{key}" for key in before if key not in now)
    for key, value in now.items():
        path = f"{prefix}{key}"
        if path in TABLES or (key in before and before[key] == value):
            continue
        if isinstance(value, Mapping) and isinstance(before.get(key), Mapping):
            yield from _differences(before[key], value, f"{path}.")
        else:
            yield f"{'' if key in before else '++'}{path}={_written(value)}"


def _written(value: Any) -> str:
    """A value as Hydra's grammar has it."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_key(key)}:{_written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(_written, value))}]"
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        return "'" + re.sub(r"(\\+)$", r"\1\1", re.sub(r"(\\*)'", r"\1\1\'", value)) + "'"
    return value if isinstance(value, str) else "null" if value is None else str(value).lower()


def _key(key: Any) -> str:
    return key if isinstance(key, str) and _KEY.fullmatch(key) else _written(key)
