"""Should you ship this student? Yes, no or not enough evidence, over all languages and in each; with evidence and what to do next.

The selected system (where that is the baseline, the best round) is held against the baseline on test. A gain or a loss is clear
where its 95% interval does not contain 0, in any metric of the task.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gemquad.report.advice import advice
from gemquad.report.content import PageContent
from gemquad.report.formatting import capitalised, change, counted, listed, score, system_label
from gemquad.report.languages import language_name
from gemquad.report.settle import Step, to_settle
from gemquad.rounds.stopping import best_trained_round, system_name
from gemquad.schema.results import AVERAGED, Delta

GAIN, LOSS, MIXED, OPEN, BASELINE = "clear gain", "clear loss", "clear gain and clear loss", "no clear gain", "baseline"
_ANSWERS = {GAIN: "Yes", LOSS: "No", MIXED: "Not enough evidence", OPEN: "Not enough evidence", BASELINE: "No"}
QUESTION = "Should you ship this student?"
_NONE_BETTER = "No round beat the baseline on dev, so the baseline was selected."
_ALONE = "No round was trained, so the baseline stands alone."
STARTS_ANEW = "An experiment starts from the defaults: add the `-S` that this run was given."
_LOOK = Step("", "read what the filter keeps of wrong pairs (Filter audit on the page), and the synthetic pairs", "")


@dataclass(frozen=True)
class LanguageVerdict:
    """Whether to ship the student in a language, or in `ALL`: the kind of `outcome`, the answer, its evidence, what to do next."""

    language: str
    outcome: str
    answer: str
    evidence: str
    steps: Sequence[Step] = ()


@dataclass(frozen=True)
class Verdict:
    """The answer over all as one line, what dev selected, and the verdicts: on all languages, if several, and on each."""

    headline: str
    selection: str
    languages: Sequence[LanguageVerdict]

    @property
    def settled_by(self) -> str:
        """What would settle it over all, the first of the steps; "" where the answer is yes or no."""
        first = self.languages[0]
        return capitalised(first.steps[0].next) if first.steps and first.outcome in (OPEN, MIXED) else ""

    @property
    def text(self) -> str:
        """All of it in Markdown that reads well in a terminal: for the summary, MLflow and the model card."""
        said = [f"**{QUESTION} {self.headline}.** {self.selection}", ""]
        for found in self.languages:
            said.append(f"* **{language_name(found.language)}: {found.answer}.** {found.evidence}")
            said += [f"  * {_written(step)}" for step in found.steps]
        return "\n".join([*said, "", STARTS_ANEW] if any(found.steps for found in self.languages) else said)


def verdict(content: PageContent) -> Verdict:
    """The verdict on the selected system, by the rules of this module."""
    languages = [_in_language(content, language) for language in content.shown]
    if content.best != system_name(0):
        how = "was made without asking dev" if content.best == AVERAGED else "was selected on dev"
        return Verdict(_headline(content, languages), f"{capitalised(system_label(content.best))} {how}.", languages)
    return Verdict("No, ship the baseline", _ALONE if best_round_on_dev(content) is None else _NONE_BETTER, languages)


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


def _headline(content: PageContent, languages: Sequence[LanguageVerdict]) -> str:
    """The answer over all: "Yes, ship round 2", "Yes, ship round 2, but not for Hindi"."""
    shipped = system_label(content.best)
    together = outcome(
        [d for language in content.pooled or content.trained for d in content.gains(content.best, language)]
    )
    if together == LOSS:
        return f"{_ANSWERS[LOSS]}, ship the baseline"
    if together != GAIN:
        return f"{_ANSWERS[together]} to ship {shipped}"
    lost = [language_name(found.language) for found in languages if found.outcome == LOSS]
    return f"{_ANSWERS[GAIN]}, ship {shipped}" + (f", but not for {listed(lost)}" if lost else "")


def _in_language(content: PageContent, language: str) -> LanguageVerdict:
    deltas = content.gains(shown_system(content), language)
    shown = outcome(deltas)
    found = BASELINE if content.best == system_name(0) else shown
    evidence = _evidence(content, language, deltas) + _over_seeds(content, language)
    return LanguageVerdict(
        language, found, _answer(content, found, deltas), evidence, _steps(content, language, deltas, found)
    )


def _answer(content: PageContent, found: str, deltas: Sequence[Delta]) -> str:
    """The answer with what it rests on: "Yes: clear gain in EM"."""
    gained, lost = (
        listed([content.label(d.metric) for d in deltas if not d.holds_zero and (d.value > 0) == up])
        for up in (True, False)
    )
    shown = {GAIN: gained, LOSS: lost, MIXED: f"{gained}, clear loss in {lost}"}.get(found)
    return f"{_ANSWERS[found]}: {found.split(' and ')[0]} in {shown}" if shown else _ANSWERS[found]


def _steps(content: PageContent, language: str, deltas: Sequence[Delta], found: str) -> list[Step]:
    if found == GAIN:
        return []
    settling = list(to_settle(content, language, deltas)) if outcome(deltas) == OPEN else []
    every = [*settling, *advice(content, language)]
    return every or ([] if language in content.pooled else [_LOOK])


def _evidence(content: PageContent, language: str, deltas: Sequence[Delta]) -> str:
    system = shown_system(content)
    label, on = system_label(system), counted(content.examples("test", language), f"test {content.terms.example}")
    if deltas:
        return f"{capitalised(label)} minus baseline on {on}: {_changes(content, deltas)}"
    scored = next(one for one in content.systems if one.system == system).score("test", language)
    if not scored:
        return f"{capitalised(label)} has not been scored on test."
    scores = [f"{score(scored.metrics[metric.name].value)} {metric.label}" for metric in content.metrics]
    return f"{capitalised(label)} scores {listed(scores)} on {on}."


def _changes(content: PageContent, deltas: Sequence[Delta]) -> str:
    """A sentence's end: "+2.0 F1 (−1.6 to +5.7) n.s. and +6.5 EM (+1.2 to +11.8)."."""
    return listed([change(delta, label=content.label(delta.metric)) for delta in deltas]).removesuffix(".") + "."


def _over_seeds(content: PageContent, language: str) -> str:
    """What the method gains when it is trained with more seeds than the selected student."""
    deltas = [delta for delta in content.gains("sequential", language) if len(delta.seeds) > 1]
    if not deltas or content.best not in (system_name(0), best_round_on_dev(content)):  # of another round's silver
        return ""
    return f" Trained with {counted(len(deltas[0].seeds), 'seed')} on the same silver: {_changes(content, deltas)}"


def _written(step: Step) -> str:
    why, command = f"{capitalised(step.why)}. " if step.why else "", f": `{step.command}`" if step.command else ""
    return f"{why}Next: {step.next}{command}"
