"""Copy finished results without taking their room again."""

import os
import shutil
from pathlib import Path


def link_or_copy(source: Path, target: Path) -> None:
    """Make `target` a hard link to the file `source` where the file system can, else a copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def link_or_copy_files(source: Path, target: Path) -> None:
    """Link or copy every file directly within the folder `source` to `target`; subfolders are left out."""
    for file in source.iterdir():
        if file.is_file():
            link_or_copy(file, target / file.name)
