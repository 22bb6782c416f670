"""The table at the end of a run: every system with its scores and silver, every gain with its interval, why it stopped."""

from typing import Any

from gemquad.report.content import METRICS, Delta, PageContent, System
from gemquad.rounds.stopping import system_name

_HEADER = """\
| language | system | dev F1 | dev EM | test F1 | test EM | test questions | silver |
|---|---|--:|--:|--:|--:|--:|--:|"""


def summary(content: PageContent) -> str:
    """Markdown; the system that dev selected is in bold."""
    languages = dict.fromkeys(x for system in content.systems for split in system["scores"].values() for x in split)
    rows = [_row(language, system, content) for language in languages for system in content.systems]
    generated = [
        f"Generated {language}: {counts['synthetic_pairs']} synthetic pairs from {counts['prompts']} prompts, "
        f"{counts['extractive_share']:.1%} extractive."
        for language, counts in content.generation["languages"].items()
    ]
    tested = [delta for delta in content.deltas if delta["split"] == "test"]
    pairs = dict.fromkeys((delta["language"], delta["system"], delta["against"]) for delta in tested)
    verdict = [
        f"Stopped after {content.decision['reason']}.",
        f"Best on dev: {content.best}, in models/best. The page: reports/index.html.",
    ]
    gains = [_gain(content, *pair) for pair in pairs]
    return "\n".join([_HEADER, *rows, "", *generated, "", *gains, "", *verdict, ""])


def score_rows(content: PageContent) -> list[dict[str, Any]]:
    """Flat rows for `dvc plots`: scores by round, split and language."""
    return [
        {"round": number, "series": f"{language} {split}", **{metric: score[metric]["value"] for metric in METRICS}}
        for number, system in zip(content.round_numbers, content.round_systems, strict=True)
        for split, by_language in system["scores"].items()
        for language, score in by_language.items()
    ]


def silver_rows(content: PageContent) -> list[dict[str, Any]]:
    """Flat rows for `dvc plots`: synthetic, silver and new silver pairs by round and language."""
    return [
        {"round": entry["round"], "language": language, **counts}
        for entry in content.rounds
        for language, counts in entry["silver"].items()
    ]


def _row(language: str, system: System, content: PageContent) -> str:
    name = system["system"]
    cells = [language, f"**{name}**" if name == content.best else name]
    for split in ("dev", "test"):
        score = system["scores"].get(split, {}).get(language)
        cells += [f"{score[metric]['value']:.1f}" for metric in METRICS] if score else ["–", "–"]
    tested = system["scores"].get("test", {}).get(language)
    cells.append(f"{tested['questions']}" if tested else "–")
    number = next((n for n in content.round_numbers if system_name(n) == name), 0)
    counts = content.silver(number, language)
    cells.append(f"{counts['silver']} of {counts['synthetic']}" if counts else "–")
    return "| " + " | ".join(cells) + " |"


def _gain(content: PageContent, language: str, system: str, against: str) -> str:
    found = (content.delta(system, against, language, metric) for metric in METRICS)
    gains = [f"{_with_interval(delta)} {METRICS[delta['metric']]}" for delta in found if delta]
    return f"Test {language}: {system} against {against} {' and '.join(gains)}."


def _with_interval(delta: Delta) -> str:
    holds = ", holds 0" if delta["holds_zero"] else ""
    return f"{delta['value']:+.1f} ({delta['low']:+.1f} to {delta['high']:+.1f}{holds})"
