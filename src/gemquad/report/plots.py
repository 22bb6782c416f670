"""Flat rows for `dvc plots`; each `series` is a panel, each revision a line in it (.dvc/plots/by_series.json)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from gemquad.report.content import PageContent
from gemquad.rounds.stopping import system_name

Rows = Iterator[dict[str, Any]]


def score_rows(content: PageContent) -> Rows:
    """Scores by round, split and language; the task's first metric also as "score"."""
    for number, system in zip(content.round_numbers, content.round_systems, strict=True):
        for split, by_language in system.scores.items():
            for language, found in by_language.items():
                values = {metric.name: found.metrics[metric.name].value for metric in content.metrics}
                series = {"round": number, "series": f"{language} {split}"}
                yield {**series, "score": values[content.first_metric.name], **values}


def silver_rows(content: PageContent) -> Rows:
    """Candidates (`synthetic`), silver and new silver pairs by round and language."""
    for number, silver in content.rounds.items():
        yield from ({"round": number, "series": language, **asdict(counts)} for language, counts in silver.items())


def loss_rows(curves: Mapping[int, Sequence[Mapping[str, Any]]]) -> Rows:
    """The learning curve of every round by its number: loss by step, with the phase of the training."""
    for number, curve in curves.items():
        for entry in curve:
            yield {"series": system_name(number), "step": entry["step"], "phase": entry["phase"], "loss": entry["loss"]}
