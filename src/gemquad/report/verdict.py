"""Did it work, and should this student be shipped? One answer for each language, with its evidence and what to do next; and the
evidence of all languages together.

The selected system (where that is the baseline, the best round) is held against the baseline on test. A gain or a loss is one whose
95% interval is clear of 0, in any metric of the task.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gemquad.report.content import PageContent
from gemquad.report.formatting import capitalised, count, counted, listed, plural, score, signed, system_label
from gemquad.report.languages import language_name
from gemquad.rounds.stopping import best_trained_round, system_name
from gemquad.schema.results import ALL, AVERAGED, Delta

FEW_SILVER, FEW_DEV = 30, 100
"""Under so many silver pairs a round learns little; under so many dev examples the choice of a round is mostly chance."""
_MOST_TEST = 100_000

GAIN, LOSS, MIXED, OPEN, BASELINE = "clear gain", "clear loss", "clear gain and clear loss", "no clear gain", "baseline"
_ANSWERS = {
    GAIN: "Yes, ship it.",
    LOSS: "No, ship the baseline.",
    MIXED: "Your choice: it is better by one metric and worse by another.",
    OPEN: "Not shown yet.",
    BASELINE: "Ship the baseline.",
}
_NONE_BETTER = "No round beat the baseline on dev, so the baseline was selected."


@dataclass(frozen=True)
class LanguageVerdict:
    """Whether to ship the student in a language: the kind of `outcome`, the answer, its evidence, what to do next or ""."""

    language: str
    outcome: str
    answer: str
    evidence: str
    next: str


@dataclass(frozen=True)
class Verdict:
    """What dev selected, and the verdict on it in every trained language."""

    selection: str
    languages: Sequence[LanguageVerdict]
    headline: str
    pooled: str = ""
    """The evidence of all languages together, where there are several."""

    @property
    def gain(self) -> str:
        """The evidence as one text, that of all languages together first."""
        every = [(ALL, self.pooled)] if self.pooled else []
        every += [(found.language, found.evidence) for found in self.languages]
        return " ".join(f"{language_name(language)}: {evidence}" for language, evidence in every)


def verdict(content: PageContent) -> Verdict:
    """The verdict on the selected system, by the rules of this module."""
    languages = [_in_language(content, language) for language in content.trained]
    pooled = _pooled(content)
    if content.best != system_name(0):
        label = capitalised(system_label(content.best))
        headline = "; ".join(filter(None, (f"{label}: {_outcomes(languages)}", _over_all(content))))
        how = "was made without asking dev" if content.best == AVERAGED else "was selected on dev"
        return Verdict(f"{label} {how}.", languages, headline, pooled)
    alone = best_round_on_dev(content) is None
    why = "No round was trained, so the baseline stands alone." if alone else _NONE_BETTER
    return Verdict(why, languages, why, pooled)


def best_round_on_dev(content: PageContent) -> str | None:
    """The system of the round after the baseline with the highest dev score, of equals the earliest."""
    number = best_trained_round(content.decision.history)
    return system_name(number) if number else None


def shown_system(content: PageContent) -> str:
    """The system that the verdict is about: the selected one or, where that is the baseline, the best round."""
    return content.best if content.best != system_name(0) else best_round_on_dev(content) or content.best


def outcome(deltas: Sequence[Delta]) -> str:
    """What differences from the baseline show, over all metrics."""
    gained, lost = ([d for d in deltas if not d.holds_zero and (d.value > 0) == up] for up in (True, False))
    return MIXED if gained and lost else GAIN if gained else LOSS if lost else OPEN


def _in_language(content: PageContent, language: str) -> LanguageVerdict:
    system = shown_system(content)
    deltas = content.gains(system, language)
    found = BASELINE if content.best == system_name(0) else outcome(deltas)
    evidence = _evidence(content, system, language, deltas) + _over_seeds(content, language)
    steps = [] if found == GAIN else [step for rule in _RULES if (step := rule(content, language, deltas))] or [_LOOK]
    return LanguageVerdict(language, found, _ANSWERS[found], evidence, capitalised("; ".join(steps)))


def _pooled(content: PageContent) -> str:
    """The evidence of all trained languages together; "" where there is one."""
    system = shown_system(content)
    if not content.pooled:
        return ""
    return _evidence(content, system, ALL, content.gains(system, ALL)) + _over_seeds(content, ALL)


def _over_all(content: PageContent) -> str:
    """The first of what the shown system gains over all languages: "over both languages: +2.0 F1 (−1.6 to +5.7)"."""
    every = "both" if len(content.trained) == 2 else str(len(content.trained))
    for d in content.gains(shown_system(content), ALL):
        ends = f"{signed(d.low)} to {signed(d.high)}"
        return f"over {every} languages: {signed(d.value)} {content.label(d.metric)} ({ends})"
    return ""


def _outcomes(languages: Sequence[LanguageVerdict]) -> str:
    """The outcomes with their languages: "clear gain in Spanish, no clear gain in Hindi"."""
    kinds = dict.fromkeys(found.outcome for found in languages)
    named = {kind: listed([language_name(f.language) for f in languages if f.outcome == kind]) for kind in kinds}
    return ", ".join(f"{kind} in {names}" for kind, names in named.items())


def _evidence(content: PageContent, system: str, language: str, deltas: Sequence[Delta]) -> str:
    label, on = system_label(system), counted(content.examples("test", language), content.terms.example)
    if deltas:
        return f"Against the baseline, on {on}, {label} {_changes(content, deltas)}."
    scored = next(one for one in content.systems if one.system == system).score("test", language)
    if not scored:
        return f"{capitalised(label)} has not been scored on test."
    scores = [f"{score(scored.metrics[metric.name].value)} {metric.label}" for metric in content.metrics]
    return f"{capitalised(label)} scores {listed(scores)} on {on}."


def _changes(content: PageContent, deltas: Sequence[Delta]) -> str:
    """Gains, losses and what may be chance, each with its interval."""
    kinds = {
        "gains": [delta for delta in deltas if not delta.holds_zero and delta.value > 0],
        "loses": [delta for delta in deltas if not delta.holds_zero and delta.value < 0],
        "differs by": [delta for delta in deltas if delta.holds_zero],
    }
    parts = [f"{verb} {listed([_change(content, delta) for delta in found])}" for verb, found in kinds.items() if found]
    return listed(parts) + (", which may be chance" if kinds["differs by"] else "")


def _change(content: PageContent, delta: Delta) -> str:
    value = signed(delta.value) if delta.holds_zero else score(abs(delta.value))
    return f"{value} {content.label(delta.metric)} (95% interval {signed(delta.low)} to {signed(delta.high)})"


def _over_seeds(content: PageContent, language: str) -> str:
    """What the method gains when it is trained with more seeds than the selected student."""
    deltas = [delta for delta in content.gains("sequential", language) if len(delta.seeds) > 1]
    if not deltas or content.best not in (system_name(0), best_round_on_dev(content)):  # of another round's silver
        return ""
    return f" Trained with {counted(len(deltas[0].seeds), 'seed')} on the same silver, it {_changes(content, deltas)}."


def _more_test(content: PageContent, language: str, deltas: Sequence[Delta]) -> str:
    """Where intervals hold 0: the size of a test set that would make such a gain clear; an interval shrinks with its root."""
    if not deltas or outcome(deltas) != OPEN:
        return ""
    tested, examples = content.examples("test", language), plural(content.terms.example)
    wanted = min((tested * ((d.value - d.low) / d.value) ** 2 for d in deltas if d.value > 0), default=math.inf)
    if wanted > _MOST_TEST:
        return f"score more than {count(tested)} test {examples}, which are too few to tell"
    rounded = float(f"{1.05 * wanted:.1e}")
    return f"score about {count(int(rounded))} test {examples}: a gain of this size would then be clear"


def _more_silver(content: PageContent, language: str, deltas: Sequence[Delta]) -> str:
    """Where the round had little to learn from."""
    counts = content.silver(best_trained_round(content.decision.history) or max(content.rounds), language)
    few = counts is not None and counts.silver < FEW_SILVER
    silver = counted(counts.silver if counts else 0, "silver pair")
    return f"write more prompts or take a larger generator: {silver} teach little" if few else ""


def _more_dev(content: PageContent, language: str, deltas: Sequence[Delta]) -> str:
    """Where the rounds were chosen by little."""
    dev, examples = content.examples("dev", language), plural(content.terms.example)
    return (
        f"label more dev {examples}: {dev} choose a round mostly by chance"
        if 0 < dev < FEW_DEV and content.best != AVERAGED
        else ""
    )


_RULES = (_more_test, _more_silver, _more_dev)
_LOOK = "read what the filter keeps of wrong pairs (Filter audit), and the synthetic pairs themselves"
