"""Flat rows for `dvc plots`; each `series` is a panel, each revision a line in it (.dvc/plots/by_series.json)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from gemquad.report.content import PageContent
from gemquad.rounds.stopping import system_name
from gemquad.schema.results import Score


def score_rows(content: PageContent) -> list[dict[str, Any]]:
    """Scores by round, split and language; the task's first metric also as "score"."""
    return [
        {"round": number, "series": f"{language} {split}", **_values(content, score)}
        for number, system in zip(content.round_numbers, content.round_systems, strict=True)
        for split, by_language in system.scores.items()
        for language, score in by_language.items()
    ]


def silver_rows(content: PageContent) -> list[dict[str, Any]]:
    """Synthetic, silver and new silver pairs by round and language."""
    return [
        {"round": number, "series": language, **asdict(counts)}
        for number, silver in content.rounds.items()
        for language, counts in silver.items()
    ]


def loss_rows(curves: Mapping[int, Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """The learning curve of every round by its number: loss by step, with the phase of the training."""
    return [
        {"series": system_name(number), **{name: entry[name] for name in ("step", "phase", "loss")}}
        for number, curve in curves.items()
        for entry in curve
    ]


def _values(content: PageContent, score: Score) -> dict[str, float]:
    values = {metric.name: score.metrics[metric.name].value for metric in content.metrics}
    return {"score": values[content.first_metric.name], **values}
