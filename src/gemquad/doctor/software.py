"""Python, packages, Git and DVC."""

import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from gemquad.doctor.finding import Finding, fail, ok, warn
from gemquad.errors import UserError, first_line
from gemquad.git import git

_INSTALL = "pip install --constraint constraints.txt --editable ."
_OLDEST = (3, 11)
_PIN = re.compile(r"^([\w.-]+)==(\S+)$", re.MULTILINE)


def software(root: Path) -> Iterator[Finding]:
    """Whether what this project runs on is there, in the versions it was tested with."""
    running = platform.python_version()
    old = sys.version_info < _OLDEST
    yield fail("Python", running, "make .venv with Python 3.11 or newer") if old else ok("Python", running)
    required = _required()
    if required is None:
        yield fail("packages", "gemquad is not installed, so that nobody knows what it requires", _INSTALL)
    else:
        yield from packages(required, root / "constraints.txt")
    yield _git(root)
    yield from _dvc(root)


def packages(required: list[Requirement], constraints: Path) -> Iterator[Finding]:
    """The required packages against what constraints.txt pins."""
    pins = dict(_PIN.findall(constraints.read_text(encoding="utf-8"))) if constraints.exists() else {}
    pins = {name.lower(): pin for name, pin in pins.items()}
    found = {requirement.name: _version(requirement.name) for requirement in required}
    missing = [name for name, installed in found.items() if installed is None]
    refused = [
        f"{r.name} {found[r.name]} (needs {r.specifier})"
        for r in required
        if (installed := found[r.name]) and not r.specifier.contains(installed, prereleases=True)
    ]
    other = [
        f"{name} {installed} (tested: {pins[name.lower()]})"
        for name, installed in found.items()
        if installed and name.lower() in pins and Version(installed).public != Version(pins[name.lower()]).public
    ]
    if missing or refused:
        yield fail("packages", f"missing or too old: {', '.join([*missing, *refused])}", _INSTALL)
    if other:
        yield warn("packages", f"not the tested versions: {', '.join(other)}", _INSTALL)
    if not (missing or refused or other):
        shown = ", ".join(
            f"{name} {found[name]}" for name in ("torch", "transformers", "dvc", "mlflow") if name in found
        )
        yield ok("packages", f"{len(found)} as tested, among them {shown}" if pins else shown)


def _required() -> list[Requirement] | None:
    """What pyproject.toml requires without extras; None where this runs from source alone."""
    try:
        parsed = map(Requirement, requires("gemquad") or [])
    except PackageNotFoundError:
        return None
    return [r for r in parsed if r.marker is None or r.marker.evaluate({"extra": ""})]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _git(root: Path) -> Finding:
    try:
        revision = git("rev-parse", "--short", "HEAD", folder=root)
    except UserError:
        return fail("Git", "is not installed", "install it: DVC works in Git repositories")
    if revision is None:
        return fail("Git", "this is no Git repository with a commit", "clone the project, or git init and commit")
    return ok("Git", f"at {revision.strip()}")


def _dvc(root: Path) -> Iterator[Finding]:
    """Whether DVC opens the checkout, and how it can put cached files into it without a second copy."""
    try:
        from dvc.exceptions import DvcException
        from dvc.fs import generic
        from dvc.repo import Repo
    except ImportError as error:
        yield fail("DVC", f"cannot be imported: {first_line(error)}", _INSTALL)
        return
    try:
        with Repo(str(root)) as repo:
            cache = repo.cache.local
            links = generic.test_links(["reflink", "hardlink"], cache.fs, cache.path, repo.fs, repo.tmp_dir)
    except (DvcException, OSError) as error:
        yield fail("DVC", first_line(error), "call this in the root of a checkout; .dvc/ is part of it")
        return
    if links:
        yield ok("DVC", f"cache at {cache.path}, {' and '.join(links)} into the workspace")
    else:
        yield warn(
            "DVC",
            f"cache at {cache.path} is on another file system, so that every file is there twice",
            "dvc cache dir --local FOLDER_ON_THE_SAME_DISK",
        )
