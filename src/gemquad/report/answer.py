"""The answer of a run in a dozen values, the metrics that `dvc exp show`, `dvc metrics show` and `dvc metrics diff` begin with."""

from collections.abc import Iterator

from gemquad.report.content import PageContent
from gemquad.report.formatting import signed
from gemquad.rounds.stopping import system_name
from gemquad.schema.results import ALL, AVERAGED

Answer = dict[str, str | int | dict[str, float | str]]
"""`metrics/summary.json`, for DVC alone: "selected", "silver", and by language, or `ALL`, the metrics by label and "gain"."""


def answer(content: PageContent) -> Answer:
    """The selected system, its silver, and by language, all together first, what it scores and gains on test."""
    numbers = {system_name(number): number for number in content.round_numbers} | {AVERAGED: content.round_numbers[-1]}
    languages = {language: dict(_in_language(content, language)) for language in content.shown}
    silver = content.silver(numbers[content.best], ALL)
    return {"selected": content.best, "silver": silver.silver if silver else 0, **languages}


def _in_language(content: PageContent, language: str) -> Iterator[tuple[str, float | str]]:
    """Every metric by its label; what the first gains over the baseline, as "+2.0 ±3.7": half the width of the 95% interval."""
    system = next(one for one in content.systems if one.system == content.best)
    for metric in content.metrics:
        if found := system.estimate("test", language, metric.name):
            yield metric.label, round(found.value, 1) + 0.0  # no −0.0
    if gain := content.gain(content.best, language, content.first_metric.name):
        yield "gain", f"{signed(gain.value)} ±{gain.found:.1f}"
