"""Carry a finished result forward: what a round after the stop does instead of work."""

import os
import shutil
from pathlib import Path


def carry(source: Path, target: Path) -> None:
    """Make `target` an equal of the file or folder `source`, by hard links where the file system can, else by copying."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_link_or_copy, dirs_exist_ok=True)
    else:
        _link_or_copy(str(source), str(target))


def _link_or_copy(source: str, target: str) -> None:
    Path(target).unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
