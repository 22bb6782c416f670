"""What Git says of a checkout."""

import subprocess
from pathlib import Path

from gemquad.errors import UserError


def git(*arguments: str, folder: Path | None = None) -> str | None:
    """Standard output of a Git command in `folder` (default: the current one); None where it fails.

    Raises:
        UserError: Git is not installed.
    """
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=False)
    except FileNotFoundError as error:
        raise UserError("Git is not installed, and revisions and experiments are kept by it. Install it.") from error
    return None if done.returncode else done.stdout
