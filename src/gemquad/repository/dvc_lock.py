"""What `dvc.lock` records: the hash of every file and folder that stages read and wrote, and the code that they ran."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from gemquad.workspace import Workspace

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # dvc.lock has thousands of lines
_CODE = Workspace().code_lock.name


@dataclass(frozen=True)
class Recorded:
    """A file or folder by its path from the root of the checkout, its MD5 as DVC writes it, and its size in bytes."""

    path: str
    md5: str
    size: int = 0


@dataclass(frozen=True)
class DvcLock:
    """`read` and `written` are by path; `code` is the digest of the code that a stage ran, by its address such as "filter@1"."""

    read: dict[str, Recorded] = field(default_factory=dict)
    written: dict[str, Recorded] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)


def parse(text: str) -> DvcLock:
    """The content of a `dvc.lock`, of the working tree or of a revision."""
    stages: dict[str, Any] = (yaml.load(text, _LOADER) or {}).get("stages", {})
    lock = DvcLock()
    for address, stage in stages.items():
        for side, entries in ((lock.read, stage.get("deps", [])), (lock.written, stage.get("outs", []))):
            side.update({e["path"]: Recorded(e["path"], e["md5"], e.get("size", 0)) for e in entries if "md5" in e})
        for digest in stage.get("params", {}).get(_CODE, {}).values():
            lock.code[address] = digest
    return lock


def read_lock(path: Path) -> DvcLock:
    """The `dvc.lock` at `path`; empty before the first run."""
    return parse(path.read_text(encoding="utf-8")) if path.exists() else DvcLock()
