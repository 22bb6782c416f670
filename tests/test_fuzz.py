"""Odd inputs for every reader: 2,000 here, always the same; `make fuzz` gives others."""

import time
from dataclasses import replace
from math import ceil
from pathlib import Path

import pytest

import fuzz_run
from fuzz_readers import readers
from fuzz_run import Outcome, drive, outcome
from gemquad.errors import UserError

READERS = readers()
EACH = ceil(2000 / sum(reader.share for reader in READERS.values()))
FAILURES = ("traceback", "hang", "silent", "unclear")


@pytest.mark.parametrize("name", READERS)
def test_a_reader_returns_sound_records_or_names_what_is_wrong(name: str) -> None:
    became: list[tuple[Outcome, bytes]] = []
    drive(READERS[name], EACH, 0, lambda content, one: became.append((one, content)))
    assert len(became) >= EACH * READERS[name].share
    assert not [(one.kind, one.words, content[:300]) for one, content in became if one.kind in FAILURES]


def test_what_fails_is_told_apart(tmp_path: Path) -> None:
    reader = READERS["score"]

    def fails(error: BaseException) -> Outcome:
        def read(path: Path) -> None:
            raise error

        return outcome(replace(reader, read=read), b"", tmp_path)

    assert outcome(reader, b"{}", tmp_path).kind == "refused"
    assert fails(UserError("no name")).kind == fails(UserError("\x1b")).kind == "unclear"
    assert fails(ValueError("x")).words.endswith("ValueError: x\n")
    assert (
        outcome(replace(reader, read=lambda path: path, sound=lambda found, content: None), b"", tmp_path).kind
        == "accepted"
    )
    assert outcome(replace(reader, read=lambda path: {"f1": 101}), b"{}", tmp_path).kind == "silent"


def test_what_hangs_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz_run, "LONGEST_TIME", 0.1)
    assert outcome(replace(READERS["score"], read=lambda path: time.sleep(5)), b"", tmp_path).kind == "hang"
