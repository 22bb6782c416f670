"""Which run the files of a checkout are of: settings that are not the defaults, a table of other settings, what Git lacks.

An experiment leaves its settings in params.yaml, also where it fails, and `dvc repro` takes that file as it stands.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from gemquad.errors import UserError
from gemquad.params import flat_settings
from gemquad.repository.dvc_lock import read_lock
from gemquad.repository.git import git
from gemquad.settings.compose import composed
from gemquad.workspace import Workspace
from gemquad.yaml_files import read_yaml

_MOST_SHOWN = 5
_OF_A_RUN = ("params.yaml", "dvc.lock", "metrics", "reports/summary.md")
"""What Git tracks of a run."""


def other_than_defaults(root: Path = Path()) -> str:
    """The settings of params.yaml that conf/ has otherwise, as `lang=hi, seed=3`; "" where there are none, or none can be told."""
    if not (root / "conf/config.yaml").exists():  # another pipeline than this project's
        return ""
    try:
        defaults, now = composed(root, []), read_yaml(Workspace(root).params, "", "")
    except UserError:
        return ""
    return _changed(defaults, now)


def of_other_settings(root: Path = Path()) -> str:
    """What of params.yaml is other than in the run whose table is at hand; "" where nothing is, or that is not known."""
    files = Workspace(root)
    lock = read_lock(files.lock)
    reported = lock.read.get(files.params.name)
    if not reported or not files.params.exists():
        return ""
    if reported.md5 == hashlib.md5(files.params.read_bytes(), usedforsecurity=False).hexdigest():
        return ""
    then = lock.settings.get("register", {})
    now = read_yaml(files.params, "", "Run `gemquad compose` to write it again.")
    return _changed(then, {key: now.get(key) for key in then}) or "other settings"


def to_commit(root: Path = Path()) -> str:
    """How to keep the run at hand in Git, and how to go back to the committed one; "" where Git has it."""
    if not git("status", "--porcelain", "--", *_OF_A_RUN, folder=root):
        return ""
    conf = ["conf"] if git("status", "--porcelain", "--", "conf", folder=root) else []
    return (
        f"Commit this run: git add {' '.join([*conf, *_OF_A_RUN])} && git commit. "
        "Or go back to the committed one: git checkout -- params.yaml dvc.lock metrics reports && dvc checkout"
    )


def _changed(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    before, after = flat_settings(then), flat_settings(now)
    changed = [key for key, value in after.items() if key not in before or before[key] != value]
    changed += [key for key in before if key not in after and not changed]
    changed.sort(key=lambda key: (key not in before, key.startswith("data.")))  # what was chosen first, files last
    shown = [f"{key}={_written(after.get(key))}" for key in changed[:_MOST_SHOWN]]
    more = len(changed) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _written(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=True, width=10**6, allow_unicode=True).split("\n")[0]
