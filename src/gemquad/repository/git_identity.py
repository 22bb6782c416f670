"""DVC keeps every experiment as a commit, and on a new machine Git may know no name to put on it."""

import subprocess
from pathlib import Path

from gemquad.errors import UserError


def require_git_identity(root: Path) -> None:
    """Raise `UserError` where Git at `root` was told no name or e-mail, in its settings or in the environment."""
    asked = ["git", "-C", str(root), "-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"]
    if subprocess.run(asked, capture_output=True, stdin=subprocess.DEVNULL).returncode:
        raise UserError(
            "Git knows no name and e-mail for the commits in which DVC keeps experiments. Tell it once: "
            "git config --global user.name NAME; git config --global user.email NAME@EXAMPLE.ORG"
        )
