import subprocess
import sys
from pathlib import Path

import pytest

from gemquad.commands.completion import SHELLS


def script(shell: str) -> str:
    command = [sys.executable, "-m", "gemquad.cli", "completion", shell]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def completed(line: str, prefix: str) -> list[str]:
    """What bash offers for the last word of `line`."""
    words = line.split(" ")
    program = (
        f"{prefix}\nCOMP_WORDS=({' '.join(words[:-1])} '{words[-1]}')\nCOMP_CWORD={len(words) - 1}\n"
        "_shtab_gemquad\nprintf '%s\\n' \"${COMPREPLY[@]}\""
    )
    return subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=False).stdout.split()


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gets_a_script(shell: str) -> None:
    assert "experiments" in script(shell)


def test_bash_completes_commands_options_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "predictions.json").touch()
    monkeypatch.chdir(tmp_path)
    source = script("bash")
    assert completed("gemquad dif", source) == ["diff"]
    assert completed("gemquad diff --ex", source) == ["--examples"]
    assert completed("gemquad score pred", source) == ["predictions.json"]
    assert completed("gemquad experiments --page pred", source) == ["predictions.json"]
