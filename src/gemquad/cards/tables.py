"""Scores, silver, audit and data of a run as Markdown tables. Every number in them is one of its metrics files or data cards."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gemquad.cards.licences import data_licence
from gemquad.cards.selected import selected
from gemquad.report.content import PageContent
from gemquad.report.formatting import MISSING, count, counted_examples, interval, percent, score, signed, system_label
from gemquad.report.languages import language_name
from gemquad.report.markdown import table
from gemquad.rounds.stopping import system_name
from gemquad.schema.results import Delta, Interval, KeptPairs

AUDIT = (
    "precision is the share of clean pairs among those kept, where about as many corrupted ones are put before the filter; recall "
    "is the share of clean pairs that it keeps."
)
"""The end of a sentence on what was put before the filter."""


def scores(content: PageContent) -> str:
    """The selected system on test, and its gain over the baseline where it is another."""
    system = selected(content)
    gained = content.best != system_name(0)
    columns = ["language", "metric", "score", *(["gain over the baseline"] if gained else []), "tested on"]
    rows = []
    for language in content.tested:
        found = system.score("test", language)
        for metric in content.metrics if found else ():
            gain = [_gain(content.gain(content.best, language, metric.name))] if gained else []
            tested = counted_examples(found.examples, found.groups, content.terms) if found else MISSING
            value = _score(system.estimate("test", language, metric.name))
            rows.append([named(language), metric.label, value, *gain, tested])
    return table(columns, rows, texts=2) or "No language was tested."


def rounds(content: PageContent) -> str:
    """The dev score and the silver of every round, the baseline first."""
    columns = ["system", f"dev {content.settings['decides on dev']}", *(f"silver {x}" for x in content.trained)]
    dev = {entry.round: entry.dev_score for entry in content.decision.history}
    rows = [
        [
            system_label(system_name(number)) + (", selected" if system_name(number) == content.best else ""),
            score(dev[number]) if number in dev else MISSING,
            *(_silver(content, number, language) for language in content.trained),
        ]
        for number in dict.fromkeys([*dev, *content.rounds])
    ]
    return table(columns, rows, texts=1)


def audit(content: PageContent) -> str:
    """Precision and recall of every round's filter on dev examples whose truth is known; `AUDIT` says what they are."""
    columns = ["round", "language", "clean pairs kept", "corrupted pairs kept", "precision", "recall"]
    rows = [
        [
            f"{number}",
            named(language),
            _kept(found.clean),
            ", ".join(f"{kind.replace('_', ' ')} {_kept(kept)}" for kind, kept in found.corrupted.items()),
            _share(found.precision),
            _share(found.recall),
        ]
        for number, audited in content.audit.items()
        for language, found in audited.items()
    ]
    return table(columns, rows, texts=4) or "The filter has not been audited."


def sources(cards: Sequence[Mapping[str, Any]]) -> str:
    """The files of the run: their roles, sizes and licences."""
    rows = [
        [card["role"], named(card["language"]), origin(card), data_licence(card).title, count(card["records"])]
        for card in cards
    ]
    return table(["role", "language", "source", "licence", "records"], rows, texts=4)


def origin(card: Mapping[str, Any]) -> str:
    """Where a source comes from: a hub data set at its commit, or a file, named without paths outside the repository."""
    hub = card["hub"]
    if hub:
        link = f"[{hub['repo']}](https://huggingface.co/datasets/{hub['repo']})"
        return f"{link}, {', '.join(filter(None, (hub['config'], hub['split'])))}, commit `{hub['commit']}`"
    path = Path(card["path"])
    return f"`{path.name if path.is_absolute() or '..' in path.parts else path}`"


def named(language: str) -> str:
    """A language by its name and code: "Hindi (hi)"."""
    name = language_name(language)
    return name if name == language else f"{name} ({language})"


def _score(estimate: Interval | None) -> str:
    return f"{score(estimate.value)} ({interval(estimate.low, estimate.high)})" if estimate else MISSING


def _gain(delta: Delta | None) -> str:
    if delta is None:
        return MISSING
    holds_zero = ", holds 0" if delta.holds_zero else ""
    return f"{signed(delta.value)} ({signed(delta.low)} to {signed(delta.high)}{holds_zero})"


def _share(estimate: Interval | None) -> str:
    if estimate is None:
        return MISSING
    return f"{percent(estimate.value)} ({percent(estimate.low)} to {percent(estimate.high)})"


def _silver(content: PageContent, number: int, language: str) -> str:
    counts = content.silver(number, language)
    return f"{count(counts.silver)} of {count(counts.synthetic)}" if counts else MISSING


def _kept(pairs: KeptPairs) -> str:
    return f"{count(pairs.kept)} of {count(pairs.pairs)}"
