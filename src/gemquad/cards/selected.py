"""The student that is shared, the one that dev selected, and what it was trained on."""

from gemquad.report.content import PageContent
from gemquad.schema.results import SystemScores

_GOLD = "gold"


def selected(content: PageContent) -> SystemScores:
    """Its entry among the systems of the run."""
    return next(system for system in content.systems if system.system == content.best)


def phases(content: PageContent) -> list[str]:
    """What it was trained on, in this order: "gold", "silver" or all "synthetic" pairs."""
    return list(selected(content).updates)


def saw_synthetic(content: PageContent) -> bool:
    """Whether a generated pair is in it: a baseline has none where there is gold."""
    return any(phase != _GOLD for phase in phases(content))


def languages_seen(content: PageContent) -> list[str]:
    """The languages that it was trained on, that of gold first."""
    gold = [source["language"] for source in content.sources if source["role"] == _GOLD]
    return list(dict.fromkeys([*gold, *(content.trained if saw_synthetic(content) else [])]))
