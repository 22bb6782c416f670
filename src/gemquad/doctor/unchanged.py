"""Which stages DVC need not run, by dvc.lock alone and within a second; what its cache of runs has is not looked for."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gemquad.workspace import Workspace

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # dvc.lock has thousands of lines


def unchanged(root: Path, params: Path) -> set[str]:
    """The stages whose settings in the file `params`, code and inputs dvc.lock at `root` has, and whose outputs are there."""
    files = Workspace(root)
    stages: dict[str, Any] = _read(files.lock).get("stages", {})
    writers = {out["path"]: name for name, stage in stages.items() for out in stage.get("outs", ())}

    @cache
    def settings(file: str) -> Mapping[str, Any]:
        return _read(params if file == files.params.name else root / file)

    @cache
    def holds(name: str) -> bool:
        stage = stages[name]
        given = [
            (settings(file), key, value)
            for file, held in stage.get("params", {}).items()
            for key, value in held.items()
        ]
        return (
            all(_plain(_value(found, key)) == _plain(value) for found, key, value in given)
            and all((root / out["path"]).exists() for out in stage.get("outs", ()))
            and all(_is_as_read(dep) for dep in stage.get("deps", ()))
        )

    def _is_as_read(dep: Mapping[str, Any]) -> bool:
        path = dep["path"]
        before = {
            name
            for out, name in writers.items()
            if f"{out}/".startswith(f"{path}/") or f"{path}/".startswith(f"{out}/")
        }
        return all(map(holds, before)) if before else _has_hash(root / path, dep.get("md5", ""))

    return {name for name in stages if holds(name)}


def _read(file: Path) -> dict[str, Any]:
    return (yaml.load(file.read_text(encoding="utf-8"), _LOADER) if file.exists() else None) or {}


def _value(settings: Mapping[str, Any], key: str) -> Any:
    """What stands at a dotted key; None where nothing does."""
    found: Any = settings
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _plain(value: Any) -> Any:
    """The value with every text that may be a number as that: DVC writes `3e-05`, which is a text in YAML 1.1."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    with suppress(ValueError):
        return float(value) if isinstance(value, str) else value
    return value


def _has_hash(file: Path, md5: str) -> bool:
    """Whether a file is what DVC read; of a folder, which DVC hashes in its own way, whether it is there."""
    if not file.is_file():
        return file.is_dir()
    with file.open("rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest() == md5
