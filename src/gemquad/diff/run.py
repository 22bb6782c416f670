"""A finished run as a Git revision, a DVC experiment or the workspace has it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gemquad.errors import UserError
from gemquad.files import checked
from gemquad.git import git
from gemquad.rounds.stopping import system_name
from gemquad.schema.result_file import R, ResultFile
from gemquad.schema.results import INTERVALS, SELECTION, SystemScores
from gemquad.workspace import Workspace

WORKSPACE = "workspace"
_FILES = Workspace()
_REFS = "refs/exps"
"""DVC keeps an experiment at `refs/exps/AB/CDEF…/NAME` under the commit it began from, and what it is at work on in fewer parts."""
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # dvc.lock has thousands of lines


@dataclass(frozen=True)
class FinishedRun:
    """A run that was completed, with the results that a comparison reads.

    `params` is params.yaml; of dvc.lock, `recorded` has the MD5 of every file or folder that a stage read or wrote, by path, and
    `code` the digest of the code that a stage ran, by its address;
    `selected` is the round whose student is models/best and `system` its entry in metrics/intervals.json. `fetch` is the DVC
    command that brings the run's files into the cache, where a remote has them.
    """

    name: str
    params: Mapping[str, Any]
    recorded: Mapping[str, str]
    code: Mapping[str, str]
    selected: int
    system: SystemScores
    fetch: str

    @property
    def predictions(self) -> str:
        """The path of the selected student's answers."""
        return _FILES.round(self.selected).predictions.as_posix()


def read_run(name: str) -> FinishedRun:
    """Read the run of a DVC experiment's name, a Git revision, or `WORKSPACE`.

    Raises:
        UserError: there is no such revision, several experiments have the name, no run has finished there, or another version
            wrote it.
    """
    if name == WORKSPACE:
        return _read(name, Path(), "dvc pull")
    if commit := commit_of(name):
        return _read(name, commit, "dvc fetch --all-commits")
    return _read(name, _experiment(name), f"dvc exp pull GIT_REMOTE {name}")


def experiments() -> list[tuple[str, str]]:
    """The name and the commit of every DVC experiment of this repository."""
    listed = git("for-each-ref", "--format=%(refname) %(objectname)", _REFS)
    if listed is None:
        raise UserError("this is no Git repository. Call `gemquad diff` in the root of a checkout.")
    found = (line.split() for line in listed.splitlines())
    return [(ref.rpartition("/")[2], commit) for ref, commit in found if ref.count("/") == 4]


def _experiment(name: str) -> str:
    known = experiments()
    commits = [commit for experiment, commit in known if experiment == name]
    if not commits:
        names = ", ".join(dict.fromkeys(experiment for experiment, _ in known)) or "none yet (dvc exp run makes one)"
        raise UserError(f"'{name}' is neither a Git revision nor an experiment. Experiments: {names}.")
    if len(commits) > 1:
        short = ", ".join(commit[:7] for commit in commits)
        raise UserError(f"{len(commits)} experiments are called '{name}'. Name one by its commit: {short}.")
    return commits[0]


def _read(name: str, place: str | Path, fetch: str) -> FinishedRun:
    try:
        return _parsed(name, place, fetch)
    except (ValueError, yaml.YAMLError, LookupError, TypeError, AttributeError, StopIteration) as error:
        raise UserError(
            f"{name} cannot be read: dvc.lock, params.yaml, metrics/selection.json and metrics/intervals.json do not go together. "
            "Another version wrote them, or they were changed by hand: `dvc repro` writes them again."
        ) from error


def _parsed(name: str, place: str | Path, fetch: str) -> FinishedRun:
    selection = _result(name, place, _FILES.selection, SELECTION)
    intervals = _result(name, place, _FILES.intervals, INTERVALS)
    lock = yaml.load(text_of(name, place, _FILES.lock), LOADER)
    return FinishedRun(
        name=name,
        params=dict(yaml.load(text_of(name, place, _FILES.params), LOADER)),
        recorded=_recorded(lock),
        code=_code(lock),
        selected=selection.round,
        system=next(system for system in intervals.systems if system.system == system_name(selection.round)),
        fetch=fetch,
    )


def _result(name: str, place: str | Path, path: Path, kind: ResultFile[R]) -> R:
    return checked(json.loads(text_of(name, place, path)), f"{path} of {name}", kind)


def _recorded(lock: Mapping[str, Any]) -> dict[str, str]:
    """MD5 by path of what stages read, then of what they wrote, which is newer."""
    stages = lock["stages"].values()
    return {
        entry["path"]: entry["md5"]
        for side in ("deps", "outs")
        for stage in stages
        for entry in stage.get(side, [])
        if "md5" in entry
    }


def _code(lock: Mapping[str, Any]) -> dict[str, str]:
    digests = {
        address: stage.get("params", {}).get(_FILES.code_lock.name, {}) for address, stage in lock["stages"].items()
    }
    return {address: next(iter(digest.values())) for address, digest in digests.items() if digest}


def text_of(name: str, place: str | Path, path: Path) -> str:
    """A file of the working tree below a folder, or of a commit."""
    if isinstance(place, Path):
        text = (place / path).read_text(encoding="utf-8") if (place / path).exists() else None
    else:
        text = git("show", f"{place}:./{path.as_posix()}")
    if text is None:
        raise UserError(
            f"{name} has no finished run: {path} is not there. `dvc repro` makes it; a commit has it where dvc.lock and metrics/ "
            "were committed, an experiment where it was saved with --include-untracked metrics. "
            "Call this in the root of the checkout."
        )
    return text


def commit_of(name: str) -> str | None:
    """The hash of a revision; None where Git knows none."""
    found = git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return found.strip() if found else None
