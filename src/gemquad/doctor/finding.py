"""One thing that `gemquad doctor` looked at; of an address, whether anything answers there."""

import re
from dataclasses import dataclass
from functools import cache, partial

import httpx2
from huggingface_hub import constants

_ADDRESS = re.compile(r"([\w+.-]+://)?(?:[^/?#\r\n]*@)?([^@?#\r\n]*)(?:[?#][^@]*)?")


@dataclass(frozen=True)
class Finding:
    """The result of one check: a run works ("ok"), slowly or perhaps ("warn"), or not ("fail"); `advice` says what to do."""

    level: str
    topic: str
    found: str
    advice: str = ""

    def lines(self) -> str:
        """The finding for a terminal: mark, topic and finding, the advice below."""
        return f"{self.level:<5} {self.topic}: {self.found}" + (f"\n      → {self.advice}" if self.advice else "")


ok, warn, fail = partial(Finding, "ok"), partial(Finding, "warn"), partial(Finding, "fail")


def answer(topic: str, url: str, advice: str, otherwise: str = "fail") -> Finding:
    """Whether anything answers at `url` within two seconds; `otherwise` is the level where nothing does."""
    try:
        httpx2.get(url, timeout=2.0)
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError):
        return Finding(otherwise, topic, f"{shown(url)} does not answer within two seconds", advice)
    return ok(topic, f"{shown(url)} answers")


@cache
def hub() -> Finding:
    """Whether the hub may be asked and answers; without it a run works with what HF_HOME has."""
    advice = "connect to a network without HF_HUB_OFFLINE, or bring HF_HOME from a machine that has one (docs/data.md)"
    return answer("hub", "" if constants.HF_HUB_OFFLINE else constants.ENDPOINT, advice, "warn")


def shown(url: str) -> str:
    """An address without user, password, query and fragment; nothing of it where those cannot be told from the rest."""
    parts = _ADDRESS.fullmatch(url)
    return f"{parts[1] or ''}{parts[2]}" if parts and url else "the address that is set"
