"""The command that logs a run again."""

from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace

import pytest

from gemquad.commands import track as command
from gemquad.files import write_text
from gemquad.workspace import Workspace


def test_a_call_after_an_interrupted_one_puts_back_what_other_stages_wait_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DVC removes what `track@1` wrote before it runs; `label@2` depends on it, so it looked stale."""
    monkeypatch.chdir(tmp_path)
    files, called = Workspace(), []
    for number in (0, 1):
        write_text(files.round(number).decision, "{}")
    write_text(files.round(0).tracked, "{}")

    def dvc(arguments: Sequence[str], **_: object) -> CompletedProcess[str]:
        called.append(list(arguments[3:]))
        return CompletedProcess([], 0, stdout="{}")

    monkeypatch.setattr(command, "run", dvc)
    monkeypatch.setattr("gemquad.params.load_params", lambda: SimpleNamespace(rounds={"0": None, "1": None}))
    command.track()
    assert called == [
        ["checkout", "--quiet", "track@1"],
        ["status", "--json"],
        ["repro", "--force", "--single-item", "track@0", "track@1"],
    ]
