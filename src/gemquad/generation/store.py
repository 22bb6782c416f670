"""Completions kept by content, so that none is ever paid for twice.

One SQLite file serves all experiments of a checkout, queued ones too. The key of a completion is the SHA-256 of everything that
decides it: prompt, source, fields, sampling settings, seed, and the backend's identity (model, weights, precision). Rows are only
ever added, a batch in one transaction: a killed process leaves whole batches, and two processes may write at once. Each has a
digest; one that does not fit it is named and dropped, and so generated again. Rows of before there were digests are read without.
"""

import hashlib
import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from tenacity import retry, retry_if_exception_message, stop_after_delay, wait_random

from gemquad.errors import UserError
from gemquad.generation.backends.protocol import Capabilities
from gemquad.repository.checkout import main_checkout
from gemquad.tasks.requests import GenerationResult, Request

_FORMAT = 1
_KEYS_PER_QUERY = 500
_PATIENCE = 60.0  # seconds to wait for another process
_SCHEMA = """
CREATE TABLE IF NOT EXISTS completions (
  key TEXT PRIMARY KEY, model TEXT NOT NULL, backend TEXT NOT NULL, generated TEXT NOT NULL, prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL, seconds REAL NOT NULL, created REAL NOT NULL, digest BLOB
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (at REAL NOT NULL, model TEXT NOT NULL, requests INTEGER NOT NULL, hits INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS promises (backend TEXT PRIMARY KEY, promises TEXT NOT NULL) WITHOUT ROWID;
"""
_READ = "key, CAST(generated AS BLOB), prompt_tokens, completion_tokens, seconds, digest"
_CAPABILITIES = TypeAdapter(Capabilities)


@dataclass(frozen=True)
class Spent:
    """The cost of completions: prompt tokens, completion tokens, and seconds of wall time."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens together."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True)
class Holding:
    """The store's completions of one model, and the numbers of requests and hits."""

    model: str
    completions: int
    spent: Spent
    requests: int
    hits: int


def store_path() -> Path:
    """`$GEMQUAD_COMPLETIONS`, or `.gemquad/completions.db` in the main checkout, also from DVC's temporary workspaces."""
    override = os.environ.get("GEMQUAD_COMPLETIONS")
    return main_checkout() / (Path(override).expanduser() if override else Path(".gemquad") / "completions.db")


def request_key(request: Request, identity: Mapping[str, Any]) -> str:
    """The key of a completion: 64 hexadecimal digits over everything that decides it."""
    content = [str(_FORMAT), _text(identity), request.to_json()]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()


class CompletionStore:
    """The completions of a checkout.

    Raises:
        UserError: the file cannot be opened, or is no store of completions.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._explained():
            self._database = sqlite3.connect(path, timeout=_PATIENCE)
            self._database.text_factory = lambda text: text.decode(errors="replace")
            self._make()

    @retry(
        retry=retry_if_exception_message(match="database is locked|duplicate column name"),
        stop=stop_after_delay(_PATIENCE),
        wait=wait_random(0.01, 0.1),
        reraise=True,
    )
    def _make(self) -> None:
        """Processes may make the file at once; switching to a write-ahead log does not wait for others by itself."""
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.executescript(_SCHEMA)
        if "digest" not in [column[1] for column in self._database.execute("PRAGMA table_info(completions)")]:
            self._database.execute("ALTER TABLE completions ADD COLUMN digest BLOB")

    def close(self) -> None:
        """Merge the write-ahead log into the file."""
        self._database.close()

    def get(self, keys: Sequence[str]) -> dict[str, GenerationResult]:
        """The stored results of those of `keys` that are in the store."""
        return {key: GenerationResult.from_json(generated) for key, generated, *_ in self._sound(keys)}

    def missing(self, keys: Sequence[str]) -> set[str]:
        """Those of `keys` that are not in the store."""
        return set(keys) - {key for key, *_ in self._sound(keys)}

    def spent(self, keys: Sequence[str]) -> Spent:
        """What the completions `keys` cost when they were generated."""
        return sum((Spent(*row[2:5]) for row in self._sound(keys)), Spent())

    def add(self, identity: Mapping[str, Any], rows: Mapping[str, GenerationResult], seconds: float) -> None:
        """Store one backend's batch in a single transaction; existing completions stay as they are."""
        share, now = seconds / max(len(rows), 1), time.time()
        model, backend = str(identity["model"]), _text(identity)
        values = [
            (key, model, backend, text, *counts, now, _digest(key, text.encode(), *counts))
            for key, one in rows.items()
            for text, counts in [(one.to_json(), (one.prompt_tokens, one.completion_tokens, share))]
        ]
        with self._explained(), self._database:
            self._database.executemany("INSERT OR IGNORE INTO completions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def written(self, identity: Mapping[str, Any]) -> tuple[int, Spent]:
        """The number and the cost of a backend's completions; scores of given texts are not counted."""
        query = (
            "SELECT count(*), sum(prompt_tokens), sum(completion_tokens), sum(seconds) FROM completions "
            "WHERE backend = ? AND completion_tokens > 0"
        )
        with self._explained():
            count, *spent = self._database.execute(query, (_text(identity),)).fetchone()
        return count, Spent(*spent) if count else Spent()

    def note_run(self, model: str, requests: int, hits: int) -> None:
        """Record a run's number of `requests`, and how many of them were `hits` in this store."""
        with self._explained(), self._database:
            self._database.execute("INSERT INTO runs VALUES (?, ?, ?, ?)", (time.time(), model, requests, hits))

    def note_capabilities(self, identity: Mapping[str, Any], capabilities: Capabilities) -> None:
        """Record the capabilities of a backend that has just generated."""
        row = (_text(identity), json.dumps(asdict(capabilities)))
        with self._explained(), self._database:
            self._database.execute("INSERT OR REPLACE INTO promises VALUES (?, ?)", row)

    def capabilities(self, identity: Mapping[str, Any]) -> Capabilities | None:
        """The capabilities that `note_capabilities` recorded last; None if it recorded none that can be read."""
        query = "SELECT promises FROM promises WHERE backend = ?"
        with self._explained():
            row = self._database.execute(query, (_text(identity),)).fetchone()
        try:
            return _CAPABILITIES.validate_json(row[0]) if row else None
        except ValueError:  # damaged
            return None

    def holdings(self) -> list[Holding]:
        """One holding per model in the store."""
        kept = "SELECT model, count(*), sum(prompt_tokens), sum(completion_tokens), sum(seconds) FROM completions GROUP BY model"
        with self._explained():
            usage = {
                model: (requests, hits)
                for model, requests, hits in self._database.execute(
                    "SELECT model, sum(requests), sum(hits) FROM runs GROUP BY model"
                )
            }
            return [
                Holding(model, count, Spent(prompt, completion, seconds), *usage.get(model, (0, 0)))
                for model, count, prompt, completion, seconds in self._database.execute(kept)
            ]

    def prune(self, model: str | None, older_than_days: float) -> int:
        """Delete completions of `model` (None: of all models) older than so many days; returns their number and frees space."""
        condition, values = "created <= ?", [time.time() - older_than_days * 86400]
        chosen = (condition, values) if model is None else (f"{condition} AND model = ?", [*values, model])
        with self._explained():
            with self._database:
                deleted = self._database.execute(f"DELETE FROM completions WHERE {chosen[0]}", chosen[1]).rowcount
            self._database.execute("VACUUM")
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return deleted

    def _sound(self, keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The rows of `keys` as `_READ` has them, without damaged ones, which are dropped."""
        damaged = []
        for at in range(0, len(keys), _KEYS_PER_QUERY):
            some = keys[at : at + _KEYS_PER_QUERY]
            marks = ", ".join("?" * len(some))
            with self._explained():
                rows = self._database.execute(
                    f"SELECT {_READ} FROM completions WHERE key IN ({marks})", some
                ).fetchall()
            for row in rows:
                if _is_whole(*row):
                    yield row
                else:
                    damaged.append(row)
        if damaged:
            self._drop(damaged)

    def _drop(self, damaged: Sequence[tuple[Any, ...]]) -> None:
        """Unless another process has made them again meanwhile."""
        condition = " AND ".join(f"{column} IS ?" for column in _READ.split(", "))
        with self._explained(), self._database:
            self._database.executemany(f"DELETE FROM completions WHERE {condition}", damaged)
        print(
            f"warning: store of completions {self.path}: {len(damaged)} damaged, the first with the key {damaged[0][0]}; "
            "dropped, and generated again where needed. Check the disk.",
            file=sys.stderr,
        )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise UserError(
                f"store of completions {self.path}: {error}. Check that the folder can be written, that the disk has room, and "
                "that no other process holds the file; then run again: what it held is still there."
            ) from error
        except sqlite3.Error as error:
            raise UserError(
                f"store of completions {self.path}: {error}. If the file is damaged or not SQLite, move it away: "
                "a new one is made, and only what it held is generated again."
            ) from error


def _digest(key: str, generated: bytes, *counts: object) -> bytes:
    return hashlib.blake2b(b"%b\n%b\n%b" % (key.encode(), repr(counts).encode(), generated), digest_size=16).digest()


def _is_whole(key: str, generated: bytes, prompt: object, completion: object, seconds: object, digest: object) -> bool:
    if digest is not None:
        return digest == _digest(key, generated, prompt, completion, seconds)
    try:
        GenerationResult.from_json(generated)
    except ValueError:
        return False
    return b'"spans":' in generated and [type(value) for value in (prompt, completion, seconds)] == [int, int, float]


def _text(identity: Mapping[str, Any]) -> str:
    return json.dumps(dict(identity), ensure_ascii=False, sort_keys=True)
