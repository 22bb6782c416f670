"""One thing that `gemquad doctor` looked at; of an address, whether anything answers there."""

from dataclasses import dataclass
from functools import cache, partial

import httpx2
from huggingface_hub import constants

from gemquad.credentials import shown_address


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
        return Finding(otherwise, topic, f"{shown_address(url)} does not answer within two seconds", advice)
    return ok(topic, f"{shown_address(url)} answers")


@cache
def hub() -> Finding:
    """Whether the hub may be asked and answers; without it a run works with what HF_HOME has."""
    advice = "connect to a network without HF_HUB_OFFLINE, or bring HF_HOME from a machine that has one (docs/data.md)"
    return answer("hub", "" if constants.HF_HUB_OFFLINE else constants.ENDPOINT, advice, "warn")
