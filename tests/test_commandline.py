"""A stage that DVC starts knows its round or key from its name there, whatever the key holds; by hand it is told."""

import sys

import pytest

from gemquad import commandline
from gemquad.commandline import run_stage


def read(key: str) -> None:
    asked.append(key)


def finetune(round: int) -> None:
    asked.append(round)


asked: list[object] = []


@pytest.fixture(autouse=True)
def stage(monkeypatch: pytest.MonkeyPatch) -> None:
    asked.clear()
    monkeypatch.setattr(commandline, "refuse_stale", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["stage"])
    monkeypatch.setattr("inspect.getfile", lambda main: f"{main.__name__}.py")


@pytest.mark.parametrize(
    ("name", "key"),
    [("read@gold", "gold"), ("sub/dvc.yaml:read@dev-zh-TW", "dev-zh-TW"), ("read@$(touch X);", "$(touch X);")],
)
def test_the_key_is_that_of_the_stage(monkeypatch: pytest.MonkeyPatch, name: str, key: str) -> None:
    monkeypatch.setenv("DVC_STAGE", name)
    run_stage(read, "key")
    assert asked == [key]


def test_the_round_is_a_number_and_the_command_line_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_STAGE", "finetune@2")
    run_stage(finetune, "round")
    monkeypatch.setattr(sys, "argv", ["stage", "--round", "3"])
    run_stage(finetune, "round")
    assert asked == [2, 3]


@pytest.mark.parametrize("other", ["", "read", "unread@gold", "evaluate@1"])
def test_without_a_name_of_its_own_a_stage_has_to_be_told(monkeypatch: pytest.MonkeyPatch, other: str) -> None:
    monkeypatch.setenv("DVC_STAGE", other)
    with pytest.raises(SystemExit):
        run_stage(read, "key")
    assert asked == []
