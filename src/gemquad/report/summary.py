"""The table at the end of a run: per language, baseline and every round, scores and silver, the decision and why."""

from collections.abc import Mapping
from typing import Any

from gemquad.rounds.stopping import Decision, best_round, system_name

Scores = Mapping[str, Mapping[str, Mapping[str, float]]]
"""split → language → {"f1", "exact_match", "questions"}, as `metrics/rounds/*/scores.json` holds it."""

_HEADER = """\
| language | system | dev F1 | dev EM | test F1 | test EM | test questions | silver |
|---|---|--:|--:|--:|--:|--:|--:|"""


def summary(
    scores: Mapping[int, Scores],
    silver: Mapping[int, Mapping[str, Any]],
    decision: Decision,
    generation: Mapping[str, Any],
) -> str:
    """Markdown; `scores` and `silver` are keyed by round, 0 being the baseline."""
    best = best_round(decision.history).round
    languages = dict.fromkeys(language for split in scores[0].values() for language in split)
    rows = [
        _row(language, number, scores[number], silver[number], is_best=number == best)
        for language in languages
        for number in sorted(scores)
    ]
    generated = [
        f"Generated {language}: {counts['synthetic_pairs']} synthetic pairs from {counts['prompts']} prompts, "
        f"{counts['extractive_share']:.1%} extractive."
        for language, counts in generation["languages"].items()
    ]
    gains = [
        _gain(language, scores[0]["test"], scores[number]["test"], number)
        for language in scores[0]["test"]
        for number in sorted(scores)
        if number > 0
    ]
    verdict = [
        f"Stopped after {decision.reason}.",
        f"Best on dev: {system_name(best)}, in models/best. Silver and scores per round: metrics/rounds/.",
    ]
    return "\n".join([_HEADER, *rows, "", *generated, "", *gains, "", *verdict, ""])


def score_rows(scores: Mapping[int, Scores]) -> list[dict[str, Any]]:
    """Flat rows for `dvc plots`: scores by round, split and language."""
    return [
        {"round": number, "series": f"{language} {split}", **values}
        for number, by_split in scores.items()
        for split, by_language in by_split.items()
        for language, values in by_language.items()
    ]


def silver_rows(silver: Mapping[int, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Flat rows for `dvc plots`: synthetic, silver and new silver pairs by round and language."""
    return [
        {"round": number, "language": language, **counts}
        for number, by_language in silver.items()
        for language, counts in by_language.items()
    ]


def _row(language: str, number: int, scores: Scores, silver: Mapping[str, Any], is_best: bool) -> str:
    cells = [language, f"**{system_name(number)}**" if is_best else system_name(number)]
    for split in ("dev", "test"):
        values = scores[split].get(language)
        cells += [f"{values['f1']:.1f}", f"{values['exact_match']:.1f}"] if values else ["–", "–"]
    test, counts = scores["test"].get(language), silver.get(language)
    cells.append(f"{test['questions']}" if test else "–")
    cells.append(f"{counts['silver']} of {counts['synthetic']}" if counts else "–")
    return "| " + " | ".join(cells) + " |"


def _gain(
    language: str, baseline: Mapping[str, Mapping[str, float]], later: Mapping[str, Mapping[str, float]], number: int
) -> str:
    before, after = baseline[language], later[language]
    f1, exact_match = after["f1"] - before["f1"], after["exact_match"] - before["exact_match"]
    return (
        f"Test {language}: {system_name(number)} against baseline {f1:+.1f} F1 and {exact_match:+.1f} exact match "
        f"on {before['questions']} questions."
    )
