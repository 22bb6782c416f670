"""What the project's own files promise about installing it."""

import tomllib
from importlib.metadata import distributions
from pathlib import Path

from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]


def test_the_pinned_versions_install_on_the_oldest_python_that_is_promised() -> None:
    """Debian 12 has 3.11.2: pymdown-extensions 13, which asks for 3.11.5, ended `make env` there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = project["requires-python"].removeprefix(">=")
    asked = {found.name: SpecifierSet(str(found.metadata.json.get("requires_python", ""))) for found in distributions()}
    assert len(asked) > 100
    assert [name for name, pythons in asked.items() if f"{oldest}.0" not in pythons] == []
