"""Two finished runs side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gemquad.diff.answered import Answered, answered
from gemquad.diff.cache import Cache
from gemquad.diff.run import FinishedRun
from gemquad.errors import UserError
from gemquad.params import flat_settings
from gemquad.schema.results import Delta, Interval
from gemquad.tasks.loading import load_saved_task
from gemquad.workspace import Workspace

_FILES = Workspace()


@dataclass(frozen=True)
class File:
    """A file as a run recorded it: its MD5 and, where it is Parquet and in the cache, how many records it has."""

    md5: str
    records: int | None


@dataclass(frozen=True)
class ScoreDifference:
    """One metric on test in one language: both runs with their intervals, and B minus A on the examples both answered."""

    language: str
    metric: str
    a: Interval | None
    b: Interval | None
    delta: Delta | None
    common: int | None


@dataclass(frozen=True)
class Difference:
    """Everything in which two runs differ.

    `settings` has both values by dotted name, None where a run has no such setting; `data` the files by path, None where a run
    has none; `code` the stages that ran other code. `systems` are the students that dev selected. `answers` is None where answers
    cannot be compared, and `reason` says why.
    """

    names: tuple[str, str]
    systems: tuple[str, str]
    settings: Mapping[str, tuple[Any, Any]]
    data: Mapping[str, tuple[File | None, File | None]]
    code: list[str]
    scores: list[ScoreDifference]
    answers: Answered | None
    reason: str


def difference(a: FinishedRun, b: FinishedRun, cache: Cache) -> Difference:
    """Compare two runs; what is missing in the cache is left out, with the reason noted."""
    try:
        answers, reason = answered(a, b, cache), ""
    except UserError as error:
        answers, reason = None, str(error)
    return Difference(
        names=(a.name, b.name),
        systems=(a.system.system, b.system.system),
        settings=dict(_differing(flat_settings(a.params), flat_settings(b.params))),
        data={path: (_file(a, path, cache), _file(b, path, cache)) for path in _changed(a, b) if _is_data(path, a, b)},
        code=sorted(stage for stage, _ in _differing(a.code, b.code)),
        scores=list(_scores(a, b, answers)),
        answers=answers,
        reason=reason,
    )


def _differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for name in dict.fromkeys([*a, *b]):
        if a.get(name) != b.get(name):
            yield name, (a.get(name), b.get(name))


def _changed(a: FinishedRun, b: FinishedRun) -> list[str]:
    return sorted(path for path, _ in _differing(a.recorded, b.recorded))


def _is_data(path: str, a: FinishedRun, b: FinishedRun) -> bool:
    """What the rounds start from, and their silver: dvc.lock also keeps rounds of longer runs before."""
    rounds = {number for run in (a, b) for number in run.params.get("rounds", {})}
    silver = {_FILES.round(int(number)).silver for number in rounds}
    generated = {_FILES.prompts, _FILES.completions, _FILES.synthetic}
    return Path(path) in generated | silver or Path(path).parent == _FILES.gold.parent


def _file(run: FinishedRun, path: str, cache: Cache) -> File | None:
    return File(run.recorded[path], cache.count(run, path)) if path in run.recorded else None


def _scores(a: FinishedRun, b: FinishedRun, answers: Answered | None) -> Iterator[ScoreDifference]:
    deltas = {(delta.language, delta.metric): delta for delta in answers.deltas} if answers else {}
    labels = {**_labels(a), **_labels(b)}
    tested = [run.system.scores.get("test", {}) for run in (a, b)]
    for language in dict.fromkeys([*tested[0], *tested[1]]):
        for metric in dict.fromkeys(name for run in tested if language in run for name in run[language].metrics):
            yield ScoreDifference(
                language,
                labels.get(metric, metric),
                _estimate(a, language, metric),
                _estimate(b, language, metric),
                deltas.get((language, metric)),
                answers.examples.get(language) if answers else None,
            )


def _estimate(run: FinishedRun, language: str, metric: str) -> Interval | None:
    score = run.system.score("test", language)
    return score.metrics.get(metric) if score else None


def _labels(run: FinishedRun) -> dict[str, str]:
    """The labels of a task's metrics; none where another version wrote the run, and its task cannot be read."""
    try:
        task = load_saved_task(run.params.get("task") or {}, f"{run.name}: task")
        return {metric.name: metric.label for metric in task.metrics}
    except UserError:
        return {}
