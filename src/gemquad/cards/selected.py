"""The student that is shared, the one that dev selected, and what it was trained on."""

from gemquad.report.content import PageContent
from gemquad.schema.results import SystemScores

_GOLD = "gold"


def selected(content: PageContent) -> SystemScores:
    """The entry of the selected student among the systems of the run."""
    return next(system for system in content.systems if system.system == content.best)


def phases(content: PageContent) -> list[str]:
    """The names of its training phases in order: "gold", "silver", or "synthetic" for all synthetic pairs."""
    return list(selected(content).updates)


def saw_synthetic(content: PageContent) -> bool:
    """Whether the selected student was trained on generated pairs; a baseline is not where there is gold."""
    return any(phase != _GOLD for phase in phases(content))


def languages_seen(content: PageContent) -> list[str]:
    """The languages of its training data, the language of gold first."""
    gold = [source["language"] for source in content.sources if source["role"] == _GOLD]
    return list(dict.fromkeys([*gold, *(content.trained if saw_synthetic(content) else [])]))
