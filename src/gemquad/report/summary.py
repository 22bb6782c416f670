"""The table at the end of a run: every system with its scores and silver, every gain with its interval, why it stopped."""

from collections.abc import Sequence

from gemquad.report.content import PageContent
from gemquad.report.formatting import MISSING, fact, plural
from gemquad.rounds.stopping import system_name
from gemquad.schema.results import Delta, Interval, LanguageGeneration, SystemScores

_SPLITS = ("dev", "test")


def summary(content: PageContent) -> str:
    """Markdown; the system that dev selected is in bold."""
    languages = dict.fromkeys(x for system in content.systems for split in system.scores.values() for x in split)
    rows = [_row(language, system, content) for language in languages for system in content.systems]
    generated = [_generated(language, counts) for language, counts in content.generation.languages.items()]
    warnings = [f"Warning {language}: {warning}" for language, warning in content.warnings]
    tested = [delta for delta in content.deltas if delta.split == "test"]
    pairs = dict.fromkeys((delta.language, delta.system, delta.against) for delta in tested)
    verdict = [
        f"Stopped after {content.decision.reason}.",
        f"Best on dev: {content.best}, in models/best. The page: reports/index.html.",
    ]
    gains = [_gain(content, *pair) for pair in pairs]
    return "\n".join([*_header(content), *rows, "", *generated, *warnings, "", *gains, "", *verdict, ""])


def _header(content: PageContent) -> list[str]:
    scores = [f"{split} {metric.label}" for split in _SPLITS for metric in content.metrics]
    numbers = [*scores, f"test {plural(content.terms.example)}", "silver"]
    return [_line(["language", "system", *numbers]), f"|---|---|{'--:|' * len(numbers)}"]


def _row(language: str, system: SystemScores, content: PageContent) -> str:
    name = system.system
    scores = [_score(system.estimate(s, language, m.name)) for s in _SPLITS for m in content.metrics]
    tested = system.score("test", language)
    number = next((n for n in content.round_numbers if system_name(n) == name), 0)
    counts = content.silver(number, language)
    return _line(
        [
            language,
            f"**{name}**" if name == content.best else name,
            *scores,
            f"{tested.examples}" if tested else MISSING,
            f"{counts.silver} of {counts.synthetic}" if counts else MISSING,
        ]
    )


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _score(estimate: Interval | None) -> str:
    return f"{estimate.value:.1f}" if estimate else MISSING


def _generated(language: str, counts: LanguageGeneration) -> str:
    facts = [" ".join(fact(*entry)) for entry in counts.facts.items()]
    origin = f"{counts.synthetic_pairs} synthetic pairs from {counts.prompts} prompts"
    return f"Generated {language}: {', '.join([origin, *facts])}."


def _gain(content: PageContent, language: str, system: str, against: str) -> str:
    found = (content.delta(system, against, language, metric.name) for metric in content.metrics)
    gains = [f"{_with_interval(delta)} {content.label(delta.metric)}" for delta in found if delta]
    return f"Test {language}: {system} against {against} {' and '.join(gains)}."


def _with_interval(delta: Delta) -> str:
    holds = ", holds 0" if delta.holds_zero else ""
    return f"{delta.value:+.1f} ({delta.low:+.1f} to {delta.high:+.1f}{holds})"
