"""The run of the workspace held against the one that a commit carries: byte by byte, then number by number."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gemquad.diff.run import LOADER, WORKSPACE, commit_of, text_of
from gemquad.errors import UserError
from gemquad.git import git
from gemquad.workspace import Workspace


@dataclass(frozen=True)
class Apart:
    """The numbers in which two JSON files of one shape differ most, and where; `counts` where a whole number is among them."""

    place: str
    was: float
    now: float
    counts: bool


@dataclass(frozen=True)
class AgainstReference:
    """The outputs of two runs by path. `otherwise` differ in more than numbers, or Git has only their hash."""

    same: list[str]
    numbers: Mapping[str, Apart]
    otherwise: list[str]
    only_there: list[str]
    only_here: list[str]


def compare(revision: str) -> AgainstReference:
    """The outputs of the workspace's run against those of the run committed at `revision`.

    Raises:
        UserError: there is no such revision, it carries no run, or none has ended in the workspace.
    """
    commit = commit_of(revision)
    if commit is None:
        raise UserError(f"'{revision}' is no Git revision of this folder. Name a commit, a branch or a tag.")
    there, here = _outputs(revision, commit), _outputs(WORKSPACE, Path())
    if not Workspace().best.exists():  # a fresh clone has dvc.lock and metrics
        raise UserError(f"no run has ended here: {Workspace().best} is not there. Run `make repro` first.")
    here = {path: md5 for path, md5 in here.items() if Path(path).exists()}  # dvc.lock keeps stages of earlier settings
    changed = sorted(path for path in there.keys() & here.keys() if there[path] != here[path])
    apart = {path: found for path in changed if (found := _apart(path, commit))}
    return AgainstReference(
        same=sorted(path for path in there.keys() & here.keys() if there[path] == here[path]),
        numbers=apart,
        otherwise=[path for path in changed if path not in apart],
        only_there=sorted(there.keys() - here.keys()),
        only_here=sorted(here.keys() - there.keys()),
    )


def _outputs(name: str, place: str | Path) -> dict[str, str]:
    """MD5 by path of what the stages wrote; the time of the generation belongs to none of them."""
    try:
        lock = yaml.load(text_of(name, place, Workspace().lock), LOADER)
        return {out["path"]: out["md5"] for stage in lock["stages"].values() for out in stage.get("outs", [])}
    except (yaml.YAMLError, LookupError, TypeError, AttributeError) as error:
        raise UserError(f"dvc.lock of {name} cannot be read. `dvc repro` writes it again.") from error


def _apart(path: str, commit: str) -> Apart | None:
    """The largest difference of a JSON file that the commit has too; None where more than numbers differ."""
    before = git("show", f"{commit}:./{path}") if path.endswith(".json") else None
    if before is None:
        return None
    was, now = (dict(_leaves(json.loads(text))) for text in (before, Path(path).read_text(encoding="utf-8")))
    differing = [place for place in was if place in now and was[place] != now[place]]
    if not differing or was.keys() != now.keys() or not all(_number(x[p]) for x in (was, now) for p in differing):
        return None
    most = max(differing, key=lambda place: abs(was[place] - now[place]))
    return Apart(most, was[most], now[most], any(isinstance(x[p], int) for x in (was, now) for p in differing))


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that holds no other, by its place such as `test.es.f1`."""
    parts = value.items() if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else ()
    if not parts:
        yield place, value
    for key, part in parts:
        yield from _leaves(part, f"{place}.{key}" if place else str(key))


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def told(found: AgainstReference, revision: str) -> str:
    """Lines for a terminal."""
    lines = [f"{len(found.same)} outputs are byte-identical to those of {revision}."]
    for title, counts in (("Differ by floating point", False), ("Differ in numbers, counts among them", True)):
        apart = {path: one for path, one in found.numbers.items() if one.counts == counts}
        lines += _listed(title, [f"{path}, by up to {_largest(one)}" for path, one in apart.items()])
    lines += _listed("Differ in more than numbers, or only their hash is known", found.otherwise)
    lines += _listed(f"Only in {revision}", found.only_there)
    return "\n".join([*lines, *_listed("Only in this run", found.only_here)])


def _listed(title: str, items: list[str]) -> list[str]:
    return [f"{title}:", *(f"  {item}" for item in items)] if items else []


def _largest(apart: Apart) -> str:
    return f"{abs(apart.was - apart.now):.3g} ({apart.place}: {apart.was:g} there, {apart.now:g} here)"
