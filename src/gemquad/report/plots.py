"""Flat rows for `dvc plots`, which draws them by the templates in .dvc/plots: by language, revision and round."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from gemquad.report.content import PageContent
from gemquad.rounds.stopping import system_name

Rows = Iterator[dict[str, Any]]


def score_rows(content: PageContent) -> Rows:
    """Scores in the task's first metric on test and dev with their intervals, by round and language; None where not scored."""
    for number, system in zip(content.round_numbers, content.round_systems, strict=True):
        for language in [*content.pooled, *content.tested]:
            row: dict[str, Any] = {"round": number, "language": language}
            for split in ("test", "dev"):
                found = system.estimate(split, language, content.first_metric.name)
                ends = (found.value, found.low, found.high) if found else (None, None, None)
                names = (split, f"{split}_low", f"{split}_high")
                row |= {name: end if end is None else round(end, 2) for name, end in zip(names, ends, strict=True)}
            yield row


def silver_rows(content: PageContent) -> Rows:
    """Candidates (`synthetic`), silver and new silver pairs by round and language."""
    for number, silver in content.rounds.items():
        yield from ({"round": number, "language": language, **asdict(counts)} for language, counts in silver.items())


def loss_rows(curves: Mapping[int, Sequence[Mapping[str, Any]]]) -> Rows:
    """The learning curve of every round by its number: loss by step, with the phase of the training."""
    for number, curve in curves.items():
        for entry in curve:
            yield {"series": system_name(number), "step": entry["step"], "phase": entry["phase"], "loss": entry["loss"]}
