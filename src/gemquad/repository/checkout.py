"""Where the checkout is: its root, and the one whose experiments share one MLflow store and one store of completions."""

import os
from pathlib import Path


def root_above(folder: Path) -> Path | None:
    """The nearest of `folder` and those above it that is the root of a checkout; None outside of one."""
    return next((one for one in (folder, *folder.parents) if all((one / name).is_file() for name in _OF_A_ROOT)), None)


def main_checkout() -> Path:
    """Where DVC was called; in a temporary workspace DVC sets `DVC_ROOT` to the checkout the experiment came from."""
    return Path(os.environ.get("DVC_ROOT", ".")).resolve()


_OF_A_ROOT = ("dvc.yaml", "conf/config.yaml")
