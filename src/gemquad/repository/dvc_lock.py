"""What `dvc.lock` records: the hash of every file and folder that stages read and wrote, and the code that they ran."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from gemquad.errors import UserError
from gemquad.workspace import Workspace

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # dvc.lock has thousands of lines
_CODE, _PARAMS = Workspace().code_lock.name, Workspace().params.name
_POWER = re.compile(r"(?m)([:-] \d+)(e[+-]\d+)$")
"""Of ten, in a number that DVC writes as 3e-05: YAML takes that for a text."""


@dataclass(frozen=True)
class Recorded:
    """A file or folder by its path from the root of the checkout, its MD5 as DVC writes it, and its size in bytes."""

    path: str
    md5: str
    size: int = 0


@dataclass(frozen=True)
class DvcLock:
    """`read` and `written` are by path; by a stage's address such as "filter@1", the digest of its `code`, and its `settings`."""

    read: dict[str, Recorded] = field(default_factory=dict)
    written: dict[str, Recorded] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)


def parse(text: str) -> DvcLock:
    """The content of a `dvc.lock`, of the working tree or of a revision."""
    text = _POWER.sub(r"\1.0\2", text)
    stages: dict[str, Any] = (yaml.load(text, _LOADER) or {}).get("stages", {})
    lock = DvcLock()
    for address, stage in stages.items():
        for side, entries in ((lock.read, stage.get("deps", [])), (lock.written, stage.get("outs", []))):
            side.update({e["path"]: Recorded(e["path"], e["md5"], e.get("size", 0)) for e in entries if "md5" in e})
        for digest in stage.get("params", {}).get(_CODE, {}).values():
            lock.code[address] = digest
        lock.settings[address] = stage.get("params", {}).get(_PARAMS, {})
    return lock


def read_lock(path: Path) -> DvcLock:
    """The `dvc.lock` at `path`; empty before the first run.

    Raises:
        UserError: it was cut, or has the marks of a merge.
    """
    try:
        return parse(path.read_text(encoding="utf-8")) if path.exists() else DvcLock()
    except (yaml.YAMLError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise UserError(f"{path} cannot be read. gemquad watch mends it, or: git checkout -- {path}.") from error
