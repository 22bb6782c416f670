"""What DVC writes in place, so that a kill or a full disk can leave it cut and every later run fails: found and mended.

`gemquad watch` mends before it starts DVC, `gemquad doctor` tells. Nothing is lost by it: a stage that DVC no longer finds in
dvc.lock comes from its cache of runs. While another DVC is at work, nothing is touched.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from unittest.mock import patch

from gemquad.files import written_whole
from gemquad.repository.git import git
from gemquad.workspace import Workspace

KEPT = Path(".gemquad/dvc.lock")
"""The last whole dvc.lock that `gemquad watch` saw."""


@dataclass(frozen=True)
class Damage:
    """A file, what is wrong with it, and what makes it good."""

    file: Path
    wrong: str
    mend: Callable[[], None]

    def __str__(self) -> str:
        return f"{self.file} {self.wrong}"


def repair(root: Path) -> list[str]:
    """Mend what is damaged in the checkout at `root`; returns a line about each."""
    from dvc.exceptions import DvcException
    from dvc.lock import LockError, make_lock

    said: list[str] = []
    with suppress(LockError, DvcException):  # another DVC is at work, or there is none: DVC itself says so
        temporary, indexes = _repo_folders(root)
        with make_lock(str(temporary / "lock")), make_lock(str(temporary / "rwlock.lock")):
            for damage in _damaged(root, temporary, indexes):
                damage.mend()
                said.append(f"mended: {damage}")
    return said


def damaged(root: Path) -> Iterator[Damage]:
    """What is damaged in the checkout at `root`, and what killed stages left behind."""
    yield from _damaged(root, *_repo_folders(root))


def _damaged(root: Path, temporary: Path, indexes: Path) -> Iterator[Damage]:
    lock, locks = Workspace(root).lock, temporary / "rwlock"
    if lock.exists() and not _is_whole(lock):
        yield Damage(lock, "is cut, by a kill or a full disk", partial(_put_back, root))
    holders = _holders(locks)
    if holders is None:
        yield Damage(locks, "is cut, by a kill or a full disk", locks.unlink)
    elif holders and not any(map(_is_dvc, holders)):
        yield Damage(locks, "names a DVC that is no more", locks.unlink)
    for index in sorted(indexes.rglob("cache.db")):
        if not _is_sound(index):
            yield Damage(
                index, "is damaged; it only saves DVC from hashing again", partial(shutil.rmtree, index.parent)
            )
    if not any(map(_is_dvc, holders or ())):
        for folder in ("data", "metrics", "models", "reports"):
            for part in sorted((root / folder).rglob(".*.partial")):
                yield Damage(part, "was being written by a stage that was killed", part.unlink)


def keep(root: Path) -> None:
    """Keep a copy of dvc.lock if it is whole."""
    lock = Workspace(root).lock
    if lock.exists() and _is_whole(lock):
        (root / KEPT).parent.mkdir(parents=True, exist_ok=True)
        with written_whole(root / KEPT) as copy:
            shutil.copyfile(lock, copy)


def _put_back(root: Path) -> None:
    """As it was when it was last seen whole, else as it is in Git, else not at all: DVC then looks into its cache of runs."""
    lock, kept = Workspace(root).lock, root / KEPT
    text = kept.read_text(encoding="utf-8") if kept.exists() else git("show", f"HEAD:./{lock.name}", folder=root)
    lock.unlink()
    if text:
        with written_whole(lock) as copy:
            copy.write_text(text, encoding="utf-8")


def _repo_folders(root: Path) -> tuple[Path, Path]:
    """DVC's folder for locks, and the one for indexes; damaged indexes stay closed."""
    from dvc.repo import Repo
    from dvc_data.hashfile.state import StateNoop

    with patch("dvc_data.hashfile.state.State", lambda *_: StateNoop()), Repo(str(root)) as repo:
        return Path(repo.tmp_dir or root), Path(repo.site_cache_dir)


def _is_whole(lock: Path) -> bool:
    """Whether DVC can read it to its end."""
    import yaml
    from dvc.schema import COMPILED_LOCKFILE_SCHEMA
    from voluptuous import Invalid

    try:
        text = lock.read_text(encoding="utf-8")
        COMPILED_LOCKFILE_SCHEMA(yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except (UnicodeDecodeError, yaml.YAMLError, Invalid):
        return False
    return text.endswith("\n")


def _holders(locks: Path) -> set[int] | None:
    """The processes that hold paths by DVC's table of locks; None where it cannot be read."""
    from dvc.rwlock import SCHEMA
    from voluptuous import Invalid

    try:
        table = SCHEMA(json.loads(locks.read_text(encoding="utf-8"))) if locks.exists() else {"read": {}, "write": {}}
    except (ValueError, Invalid):
        return None
    return {one["pid"] for one in chain(table["write"].values(), *table["read"].values())}


def _is_dvc(process: int) -> bool:
    """Whether the process lives and is DVC: after a restart, or in a container, its number soon is another program's."""
    import psutil

    with suppress(psutil.Error):
        return any(Path(word).name == "dvc" for word in psutil.Process(process).cmdline())
    return False


def _is_sound(index: Path) -> bool:
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(f"file:{index}?mode=ro", uri=True)) as database:
        return database.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    return False
