"""Completion is typer's own; here only that it knows our commands, and leaves files to the shell."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

GEMQUAD = [sys.executable, "-m", "gemquad.cli"]


def completed(*words: str) -> list[str]:
    """What the command offers bash for the last word."""
    asked = {"_GEMQUAD_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    return subprocess.run(
        GEMQUAD, env={**os.environ, **asked}, capture_output=True, text=True, check=True
    ).stdout.split()


def test_commands_and_options_are_completed_and_files_are_left_to_the_shell() -> None:
    assert completed("gemquad", "dif") == ["diff"]
    assert completed("gemquad", "diff", "--ex") == ["--examples"]
    assert completed("gemquad", "score", "pred") == []
    assert completed("gemquad", "experiments", "--page", "pred") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_that_of_the_shell_that_asks(shell: str, tmp_path: Path) -> None:
    """shellingham looks at the parents' names, so a copy of sh under the shell's name stands for it."""
    (tmp_path / shell).symlink_to("/bin/bash")
    program = f"{GEMQUAD[0]} -m gemquad.cli --show-completion; true"
    done = subprocess.run([tmp_path / shell, "-c", program], capture_output=True, text=True, check=True)
    marks = {"bash": "complete -o default -F", "zsh": "#compdef gemquad", "fish": "complete --command gemquad"}
    assert marks[shell] in done.stdout
