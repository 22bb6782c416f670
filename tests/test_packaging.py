"""What the project's own files promise about installing it."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]


def test_the_pinned_versions_install_on_the_oldest_python_that_is_promised() -> None:
    """Debian 12 has 3.11.2: pymdown-extensions 13, which asks for 3.11.5, ended `make env` there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = project["requires-python"].removeprefix(">=")
    asked = {found.name: SpecifierSet(str(found.metadata.json.get("requires_python", ""))) for found in distributions()}
    assert len(asked) > 100
    assert [name for name, pythons in asked.items() if f"{oldest}.0" not in pythons] == []


def test_every_file_that_is_installed_has_its_hash() -> None:
    """pip installs a lock with --require-hashes and --no-deps, so that it has to be complete, and of the tested versions."""
    locked = {}
    for name in ("torch", "all"):
        text = (ROOT / f"locks/{name}.txt").read_text(encoding="utf-8")
        for block in re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]:
            package, version = re.match(r"([\w.-]+)==(\S+)", block).groups()  # type: ignore[union-attr]
            locked[package.replace("_", "-").replace(".", "-").lower()] = version
            assert re.search(r"--hash=sha256:[0-9a-f]{64}$", block, re.MULTILINE), package
    pins = [line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split()]
    tested = {name.replace("_", "-").replace(".", "-").lower(): version for name, version in pins}
    assert {name: version for name, version in locked.items() if tested.get(name, version) != version} == {}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [re.split(r"[>=\[]", one)[0].replace("_", "-") for one in project["dependencies"]]
    assert [name for name in asked if name not in locked] == []


def test_make_installs_nothing_without_its_hash() -> None:
    command = ["make", "--dry-run", "--always-make", "env", "onnx"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.replace("\\\n", " ")
    installs = [line for line in said.split("\n") if "pip install" in line]
    assert len(installs) == 9
    own = [line for line in installs if "--require-hashes" not in line]
    assert len(own) == 1 and own[0].endswith("--no-deps --no-build-isolation --use-pep517 --quiet --editable .")


def test_a_large_download_is_shown_as_soon_as_it_begins() -> None:
    """mawk, Debian's awk, reads a whole block of a pipe before its first line."""
    command = [sys.executable, "locks/shown.py"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as shown:
        assert shown.stdin and shown.stdout
        shown.stdin.write("Collecting torch\n  Downloading x.whl.metadata (26 kB)\n  Downloading y.whl (9.9 MB)\n")
        shown.stdin.write("  Downloading https://example.org/whl/torch-2.whl (184.2 MB)\n")
        shown.stdin.flush()
        assert shown.stdout.readline() == "    Downloading torch-2.whl (184.2 MB)\n"
        shown.stdin.close()
        assert shown.stdout.read() == "" and shown.wait() == 0


@pytest.mark.parametrize("fails", ["torch.txt", "all.txt", "none"])
def test_an_install_that_fails_ends_make(fails: str, tmp_path: Path) -> None:
    """In place of Python stands a script that answers for pip."""
    python = tmp_path / "bin/python"
    python.parent.mkdir()
    python.write_text(
        f"""#!/bin/sh
case "$*" in
  *{fails}) exit 1 ;;
  *"pip install"*) echo "  Downloading big-1.whl (1.1 GB)" ;;
  *shown.py) exec {sys.executable} "$@" ;;
esac
"""
    )
    python.chmod(0o755)
    command = ["make", "--always-make", "env", f"VENV={tmp_path}", f"PYTHON={python}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "  1 of 3: torch\n    Downloading big-1.whl (1.1 GB)\n" in done.stdout
    assert (done.returncode == 0) == (fails == "none") == (tmp_path / ".ready").exists()
    assert ("3 of 3" in done.stdout) == (fails == "none")
