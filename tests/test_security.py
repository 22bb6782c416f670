"""SECURITY.md promises nothing that no test holds."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_promise_names_tests_that_exist() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    promises = [line for line in text.split("\n") if line.startswith("| ") and "| held by |" not in line]
    named = [re.findall(r"`(tests/\w+\.py)`", line) for line in promises]
    assert len(promises) > 10 and all(named)
    assert [file for files in named for file in files if not (ROOT / file).exists()] == []
