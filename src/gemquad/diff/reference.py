"""The run of the workspace held against the one that a commit carries: byte by byte, then number by number."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from gemquad.errors import UserError
from gemquad.files import parse_json, read_json
from gemquad.repository.dvc_lock import parse
from gemquad.repository.git import git
from gemquad.workspace import Workspace


class Apart(NamedTuple):
    """The numbers in which two JSON files of one shape differ most, and where; `counts` where a whole number is among them."""

    place: str
    was: float
    now: float
    counts: bool


class AgainstReference(NamedTuple):
    """The outputs of two runs by path. `otherwise` differ in more than numbers, or Git has only their hash."""

    same: list[str]
    numbers: Mapping[str, Apart]
    otherwise: list[str]
    only_there: list[str]
    only_here: list[str]


def compare(revision: str) -> AgainstReference:
    """The outputs of the workspace's run against those of the run committed at `revision`.

    Raises `UserError` where there is no such revision, it carries no run, or none has ended in the workspace.
    """
    if git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}") is None:
        raise UserError(f"'{revision}' is no Git revision of this folder. Name a commit, a branch or a tag.")
    lock, best = Workspace().lock, Workspace().best
    there = _outputs(revision, git("show", f"{revision}:./{lock}"))
    here = _outputs("workspace", lock.read_text(encoding="utf-8") if lock.exists() else None)
    if not best.exists():  # a fresh clone has dvc.lock and metrics
        raise UserError(f"no run has ended here: {best} is not there. Run `make repro` first.")
    here = {path: md5 for path, md5 in here.items() if Path(path).exists()}  # dvc.lock keeps stages of earlier settings
    same = sorted(path for path in there.keys() & here.keys() if there[path] == here[path])
    changed = sorted(there.keys() & here.keys() - set(same))
    apart = {path: found for path in changed if (found := _apart(path, revision))}
    only_there, only_here = sorted(there.keys() - here.keys()), sorted(here.keys() - there.keys())
    return AgainstReference(same, apart, [path for path in changed if path not in apart], only_there, only_here)


def _outputs(name: str, lock: str | None) -> dict[str, str]:
    """MD5 by path of what the stages wrote; the time of the generation belongs to none of them."""
    if lock is None:
        raise UserError(f"{name} has no finished run: dvc.lock is not there. `dvc repro` makes it.")
    try:
        outputs = {path: out.md5 for path, out in parse(lock).written.items()}
    except (yaml.YAMLError, LookupError, TypeError, AttributeError) as error:
        raise UserError(f"dvc.lock of {name} cannot be read. `dvc repro` writes it again.") from error
    if not outputs:
        raise UserError(f"dvc.lock of {name} names no output. `dvc repro` writes it again.")
    return outputs


def _apart(path: str, revision: str) -> Apart | None:
    """The largest difference of a JSON file that the commit has too; None where more than numbers differ."""
    before = git("show", f"{revision}:./{path}") if path.endswith(".json") else None
    if before is None:
        return None
    was, now = map(dict, map(_leaves, (parse_json(before, f"{path} of {revision}"), read_json(Path(path)))))
    differing = {place: (was[place], now[place]) for place in was.keys() & now.keys() if was[place] != now[place]}
    kinds = {type(value) for values in differing.values() for value in values}
    if not differing or was.keys() != now.keys() or not kinds <= {int, float}:
        return None
    place, (old, new) = max(sorted(differing.items()), key=lambda entry: abs(entry[1][0] - entry[1][1]))
    return Apart(place, old, new, counts=int in kinds)


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that holds no other, by its place such as `test.es.f1`."""
    parts = value.items() if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else ()
    if not parts:
        yield place, value
    for key, part in parts:
        yield from _leaves(part, f"{place}.{key}" if place else str(key))


def told(found: AgainstReference, revision: str) -> str:
    """Lines for a terminal."""
    listed: dict[str, list[str]] = {"Differ by floating point": [], "Differ in numbers, counts among them": []}
    for path, (place, was, now, counts) in found.numbers.items():
        most = f"{path}, by up to {abs(was - now):.3g} ({place}: {was:g} there, {now:g} here)"
        listed["Differ in numbers, counts among them" if counts else "Differ by floating point"].append(most)
    listed["Differ in more than numbers, or only their hash is known"] = found.otherwise
    listed |= {f"Only in {revision}": found.only_there, "Only in this run": found.only_here}
    lines = [
        line for title, items in listed.items() if items for line in (f"{title}:", *(f"  {item}" for item in items))
    ]
    return "\n".join([f"{len(found.same)} outputs are byte-identical to those of {revision}.", *lines])
