"""The result in words: which system dev selected, and what it gains on test."""

from dataclasses import dataclass

from gemquad.report.content import PageContent
from gemquad.report.formatting import capitalised, counted, listed, score, signed, system_label
from gemquad.report.languages import language_name
from gemquad.rounds.stopping import best_trained_round, system_name
from gemquad.schema.results import Delta


@dataclass(frozen=True)
class Verdict:
    """One sentence on what was selected, and a few on what it gains on test."""

    selection: str
    gain: str


def verdict(content: PageContent) -> Verdict:
    """The verdict on the selected system; every gain is given with its interval where there is one."""
    if content.best != system_name(0):
        gain = _on_test(content, content.best) + _over_seeds(content)
        return Verdict(f"{_label(content.best)} was selected on dev.", gain)
    rival = best_round_on_dev(content)
    if rival is None:
        return Verdict("No round was trained, so the baseline stands alone.", _scores(content, content.best))
    return Verdict(
        "No round beat the baseline on dev, so the baseline was selected.",
        f"{_label(rival)} did best of the rounds. {_on_test(content, rival)}{_over_seeds(content)}",
    )


def best_round_on_dev(content: PageContent) -> str | None:
    """The system of the round after the baseline with the highest dev score, of equals the earliest."""
    number = best_trained_round(content.decision.history)
    return system_name(number) if number else None


def _on_test(content: PageContent, system: str) -> str:
    metric = content.first_metric
    found = [content.gain(system, language, metric.name) for language in content.trained]
    deltas = [delta for delta in found if delta]
    if not deltas:
        return _scores(content, system)
    verb = "gains" if all(delta.value > 0 for delta in deltas) else "changes by"
    doubt = f" A gain in {metric.label} is not shown." if all(delta.holds_zero for delta in deltas) else ""
    return f"On test it {verb} {listed([_change(delta, metric.label) for delta in deltas])}.{doubt}"


def _change(delta: Delta, label: str) -> str:
    return f"{signed(delta.value)} {label} in {language_name(delta.language)} (95% interval {_interval(delta)})"


def _over_seeds(content: PageContent) -> str:
    """What the same method gains when it is trained with more seeds than the selected system."""
    metric = content.first_metric
    found = [content.gain("sequential", language, metric.name) for language in content.trained]
    deltas = [delta for delta in found if delta and len(delta.seeds) > 1]
    if not deltas:
        return ""
    seeds = counted(len(deltas[0].seeds), "seed")
    changes = listed([_short(delta) for delta in deltas])
    return f" Trained with {seeds} on the silver of that round, it changes {metric.label} by {changes}."


def _short(delta: Delta) -> str:
    return f"{signed(delta.value)} in {language_name(delta.language)} ({_interval(delta)})"


def _interval(delta: Delta) -> str:
    zero = ", which holds 0" if delta.holds_zero else ""
    return f"{signed(delta.low)} to {signed(delta.high)}{zero}"


def _scores(content: PageContent, system: str) -> str:
    metric = content.first_metric
    found = next(entry for entry in content.systems if entry.system == system)
    parts = [
        f"{score(estimate.value)} {metric.label} in {language_name(language)}"
        for language in content.tested
        if (estimate := found.estimate("test", language, metric.name))
    ]
    return f"On test it scores {listed(parts)}." if parts else "It has not been scored on test."


def _label(system: str) -> str:
    return capitalised(system_label(system))
