"""How far the jobs inside the running stage are: what every `Progress` keeps in the folder that `gemquad watch` names."""

import json
from pathlib import Path

import psutil

from gemquad.progress import JobState


def under_way(folder: Path) -> list[JobState]:
    """The jobs whose process is alive; a killed process leaves its file behind."""
    states = (_read(path) for path in sorted(folder.glob("*.json")))
    return [state for state in states if state and psutil.pid_exists(state.pid)]


def forget(folder: Path) -> None:
    """Delete the files of all jobs, once the stage has ended."""
    for path in folder.glob("*.json"):
        path.unlink(missing_ok=True)


def _read(path: Path) -> JobState | None:
    """None for a file that its job removed in this moment."""
    try:
        return JobState(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
