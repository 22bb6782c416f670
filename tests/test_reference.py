"""The reference is what the program writes from types, parser and dvc.yaml; the site builds, and needs no network."""

import re
import runpy
import subprocess
import sys
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
    assert "| `stopping.patience` | int: 1 or more; under 2**31 | `2` | k: so many rounds" in page
    assert "| `filter.agreement` | `exact`, `f1`, `expected` | `f1` |" in page
    assert "| `student.model.revision` | str: a name or null |" in page
    assert "| `prompting.prompts` | int: 1 or more; under 2**31 | `900` |" in page


def test_a_command_has_its_arguments(generate: dict[str, Any]) -> None:
    assert "| `--port PORT` | on 127.0.0.1; another where it is taken (default 5000) |" in generate["commands"]()


def test_the_site_builds_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site/tutorial.html").exists()
    for page in (tmp_path / "site").rglob("*.html"):
        loaded = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(https?:[^"]+)', page.read_text(encoding="utf-8"))
        assert not loaded, page


def test_the_links_of_readme_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (ROOT / link).exists(), link
