"""The reference is what the program writes from types, parser and dvc.yaml."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def generate() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs/generate.py"))


def test_the_committed_reference_is_what_is_written_anew(generate: dict[str, Any]) -> None:
    for name, text in generate["pages"]().items():
        assert (ROOT / "docs/reference" / name).read_text(encoding="utf-8") == text, f"{name}: run make docs"


def test_every_setting_is_explained(generate: dict[str, Any]) -> None:
    for section, kind in generate["SECTIONS"][1:]:
        unexplained = set(kind.__dataclass_fields__) - set(generate["explanations"](kind))
        assert unexplained <= {"sources"}, f"{section}: {unexplained}"


def test_a_setting_has_its_range_default_and_meaning(generate: dict[str, Any]) -> None:
    page = generate["parameters"]()
    rows = [
        r"`stopping\.patience` \| k: so many rounds .* \| int: 1 or more; under 2\*\*31 \| `2`",
        r"`filter\.agreement` \| The labeler's best answer agrees: .* \| `exact`, `f1`, `expected` \| `f1`",
        r"`student\.model\.revision` \| The hub's commit, .* \| str: a name or null \| `null`",
        r"`prompting\.prompts` \| Prompts for each language; .* \| int: 1 or more; under 2\*\*31 \| `900`",
    ]
    for row in rows:
        assert re.search(rf"^\| {row} \|$", page, re.MULTILINE), row


def test_a_command_has_its_arguments(generate: dict[str, Any]) -> None:
    assert (
        "| `--port PORT` | on 127.0.0.1; another where it is taken (default 5000, 1<=x<=65535) |"
        in generate["commands"]()
    )


def test_the_links_of_readme_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (ROOT / link).exists(), link
