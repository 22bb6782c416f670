"""A store on disk for the outputs of frozen layers, shared by all processes of this machine.

Values are bytes behind their own digest, in diskcache: at the bound, what was not used for longest leaves, and any number of
processes share it. Nothing but bytes is ever read, and an entry that is not what was written counts as absent.
"""

import sqlite3
import sys
from typing import Any

import xxhash
from diskcache import Cache, Disk, Timeout

from gemquad.environment import number
from gemquad.errors import first_line
from gemquad.weights import cache_root

LIMIT = "GEMQUAD_FEATURES_GB"
"""The environment variable with the bound in gigabytes; 0 keeps nothing."""

_DEFAULT_GB = 4.0
_DIGEST = 16
_GONE_WRONG = (OSError, sqlite3.Error, Timeout)


class Features:
    """Bytes by key. A store that cannot be used prints one warning, and keeps nothing from then on.

    A value holds the features of one text, (tokens, hidden), as raw bytes of their dtype (`frozen.py`).
    """

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache

    @classmethod
    def opened(cls) -> "Features":
        """Open the store of this machine, limited to `GEMQUAD_FEATURES_GB`.

        Raises:
            UserError: `GEMQUAD_FEATURES_GB` is not a number.
        """
        limit = _limit()
        if not limit:
            return cls(None)
        folder = cache_root() / "features"
        store = cls(None)
        try:
            store._cache = Cache(
                str(folder), disk=_Bytes, size_limit=limit, eviction_policy="least-recently-used", timeout=10
            )
        except _GONE_WRONG as error:
            store._give_up(error)
        return store

    def get(self, key: bytes) -> bytes | None:
        """The value stored under `key`; None if there is none or it is damaged."""
        try:
            entry = self._cache.get(key) if self._cache is not None else None
        except _GONE_WRONG as error:
            self._give_up(error)
            return None
        if entry is None:
            return None
        value = entry[_DIGEST:]  # an entry is the digest of a value, then the value
        return value if xxhash.xxh3_128_digest(value) == entry[:_DIGEST] else None

    def put(self, key: bytes, value: bytes) -> None:
        """Store `value`; at the size limit the least recently used entries are removed."""
        try:
            if self._cache is not None:
                self._cache.set(key, xxhash.xxh3_128_digest(value) + value)
        except _GONE_WRONG as error:
            self._give_up(error)

    def close(self) -> None:
        """Close the files."""
        if self._cache is not None:
            self._cache.close()

    def _give_up(self, error: Exception) -> None:
        self._cache = None
        print(
            f"warning: what frozen layers compute is not kept: {first_line(error)} Delete {cache_root() / 'features'} if "
            f"it is damaged, or set {LIMIT}=0 to do without.",
            file=sys.stderr,
        )


class _Bytes(Disk):
    """Reads values as bytes only, whatever type a file of the store claims to hold."""

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> bytes | None:
        entry = super().fetch(mode, filename, value, read) if mode in (_RAW, _BINARY) else None
        return entry if isinstance(entry, bytes) else None

    def get(self, key: Any, raw: bool) -> Any:
        return super().get(key, raw=True)


_RAW, _BINARY = 1, 2
"""diskcache's modes for bytes in its table and in a file."""


def _limit() -> int:
    """The size limit in bytes; 0 keeps nothing."""
    limit = 1e9 * number(LIMIT, _DEFAULT_GB, "gigabytes", "Set it to e.g. 4, or to 0 to keep nothing.")
    return int(min(limit, sys.maxsize))
