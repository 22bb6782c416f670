"""Write new files, and none over another."""

from collections.abc import Mapping
from pathlib import Path

from gemquad.errors import UserError
from gemquad.files import write_text


def write_new(files: Mapping[Path, str]) -> list[Path]:
    """Write each text to its path; returns the paths.

    Raises:
        UserError: a file or a folder for the files is there; nothing has been written then.
    """
    folders = {path.parent for path in files if path.parent.parent != Path("conf")}
    for path in (*folders, *files):
        if path.exists():
            raise UserError(f"{path} exists, and nothing is overwritten. Go on with it, or move it away first.")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    return [*files]
