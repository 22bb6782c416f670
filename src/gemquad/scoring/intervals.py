"""Scores with intervals, and differences between systems with intervals: what may be claimed of a run.

Systems answered the same examples, so differences are paired; examples of one group rise and fall together, so groups are
resampled whole; a system trained with several seeds speaks of the method and not of one draw (`bootstrap.py`). All trained
languages together stand as one more, `ALL`: the mean over them, each language counting equally.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gemquad.errors import UserError
from gemquad.schema import Example, Prediction
from gemquad.schema.results import ALL, Delta, Gains, Interval, Intervals, Score, SystemScores
from gemquad.scoring.bootstrap import delta_interval, score_interval
from gemquad.scoring.components import Components, Groups, components, strata_of
from gemquad.scoring.metrics import Array, Metric
from gemquad.scoring.power import Power
from gemquad.scoring.scored import Scored

Updates = Mapping[str, int]
"""Optimiser updates by the name of the fine-tuning phase."""


Answers = Mapping[tuple[str, str], Mapping[str, Prediction]]
"""Predictions by split and language, then by the id of their example."""


@dataclass(frozen=True)
class SystemAnswers:
    """The answers of one system: `runs[seed]` holds those of one seed, for one or more splits."""

    name: str
    description: str
    updates: Updates
    runs: Mapping[int, Answers]

    @property
    def prompted(self) -> bool:
        """Whether it is a prompted language model, which was never trained."""
        return not self.updates


@dataclass(frozen=True)
class Sheet:
    """The examples of one split in one language or in `ALL`, in a fixed order: ids, own languages, and group numbers."""

    split: str
    language: str
    ids: list[str]
    languages: list[str]
    groups: NDArray[np.int64]

    @property
    def strata(self) -> list[str]:
        """The languages that it holds."""
        return list(dict.fromkeys(self.languages))

    @property
    def groups_that_count(self) -> float:
        """The number of groups of equal size, over all its languages, that would vary as much."""
        sizes = np.ones(len(self.ids))
        places = [np.flatnonzero(np.array(self.languages) == language) for language in self.strata]
        return sum(Groups.named(self.groups[own], sizes[own]).that_count for own in places)


def answers(predictions: Iterable[Prediction]) -> Answers:
    """The predictions of one system, grouped by (split, language), then keyed by example id."""
    found: dict[tuple[str, str], dict[str, Prediction]] = {}
    for prediction in predictions:
        found.setdefault((prediction.split, prediction.language), {})[prediction.id] = prediction
    return found


def sheets(splits: Mapping[str, Sequence[Example]], task: Scored, trained: Sequence[str] = ()) -> list[Sheet]:
    """One sheet per split and language that has examples, and one of all `trained` languages where two or more, and all, have."""
    result = []
    for split, examples in splits.items():
        by_language = {x: [e for e in examples if e.language == x] for x in dict.fromkeys(e.language for e in examples)}
        result += [_sheet(split, language, own, task) for language, own in by_language.items()]
        if len(trained) > 1 and by_language.keys() >= set(trained):
            together = [example for language in trained for example in by_language[language]]
            result.append(_sheet(split, ALL, together, task))
    return result


def _sheet(split: str, language: str, examples: Sequence[Example], task: Scored) -> Sheet:
    """Groups are numbered within the language of their examples."""
    languages, groups = [example.language for example in examples], [task.group(example) for example in examples]
    number = {group: i for i, group in enumerate(dict.fromkeys(zip(languages, groups, strict=True)))}
    numbers = np.array([number[group] for group in zip(languages, groups, strict=True)], dtype=np.int64)
    return Sheet(split, language, [example.id for example in examples], languages, numbers)


def intervals(
    rounds: Sequence[SystemAnswers], beside: Sequence[SystemAnswers], chosen: str, sheets: Sequence[Sheet], task: Scored
) -> Intervals:
    """Every system's scores and every delta, each with its 95% interval.

    Deltas are taken of every system against the baseline, of the method against each system beside it, and of every system beside
    it against each that is prompted, over the seeds that both have. The method is "sequential" where it has seeds of its own, else
    the round `chosen`. The rounds have one seed; a baseline trained with more is scored once more, as "baseline_over_seeds".
    """
    compared = _over_seeds(rounds, beside, chosen)
    systems = {system.name: system for system in [*rounds, *compared.values()] if system.name != "baseline"}
    baseline = compared.get("baseline", rounds[0])
    method = systems.get("sequential") or systems.get(chosen)
    rivals = [system for name, system in compared.items() if name not in ("baseline", "sequential")]
    pairs = [(system, baseline) for system in systems.values()] + [(method, rival) for rival in rivals if method]
    pairs += _against_prompting(rivals)
    scored = [rounds[0], *systems.values()]
    if "baseline" in compared:
        scored.append(replace(baseline, name="baseline_over_seeds"))
    return Intervals(
        systems=[score_table(system, sheets, task) for system in scored],
        deltas=[delta for system, against in pairs for delta in deltas(system, against, sheets, task)],
    )


def _over_seeds(
    rounds: Sequence[SystemAnswers], beside: Sequence[SystemAnswers], chosen: str
) -> dict[str, SystemAnswers]:
    """The systems beside the rounds by name, each with all its seeds; baseline and method also with that of the rounds."""
    given = {"baseline": rounds[0], "sequential": next((s for s in rounds if s.name == chosen), rounds[0])}
    compared: dict[str, SystemAnswers] = {}
    for system in beside:
        known = compared.get(system.name) or given.get(system.name)
        runs = {**(known.runs if known else {}), **system.runs}
        compared[system.name] = replace(system, runs=runs)
    return compared


def _against_prompting(rivals: Sequence[SystemAnswers]) -> Iterator[tuple[SystemAnswers, SystemAnswers]]:
    """Every trained system with every prompted one, and of two prompted ones the later with the earlier."""
    prompted = [system for system in rivals if system.prompted]
    for i, against in enumerate(prompted):
        yield from ((system, against) for system in rivals if not system.prompted)
        yield from ((system, against) for system in prompted[i + 1 :])


def gains(deltas: Iterable[Delta]) -> Gains:
    """The differences from the baseline on test, for `dvc metrics`."""
    result: Gains = {}
    for delta in deltas:
        if delta.split == "test" and delta.against == "baseline":
            by_language = result.setdefault(delta.system, {}).setdefault(delta.language, {})
            by_language[delta.metric] = Interval(delta.value, delta.low, delta.high)
    return result


def score_table(system: SystemAnswers, sheets: Sequence[Sheet], task: Scored) -> SystemScores:
    """The scores of one system on every sheet that it answered."""
    scores: dict[str, dict[str, Score]] = {}
    for sheet in sheets:
        seeds = _seeds(system, sheet)
        if seeds:
            tables = _tables(system, seeds, sheet, task)
            metrics = {
                metric.name: score_interval(metric, tables, sheet.groups, strata=sheet.languages)
                for metric in task.metrics
            }
            groups = len(set(sheet.groups.tolist()))
            scores.setdefault(sheet.split, {})[sheet.language] = Score(len(sheet.ids), groups, metrics)
    return SystemScores(system.name, system.description, list(system.runs), dict(system.updates), scores)


def deltas(system: SystemAnswers, against: SystemAnswers, sheets: Sequence[Sheet], task: Scored) -> list[Delta]:
    """`system` minus `against` in points, over the seeds that both have; one entry per sheet and metric.

    What test should show is predicted from the sheet of dev in the same language, where both answered it.
    """
    result = []
    dev = {sheet.language: sheet for sheet in sheets if sheet.split == "dev"}
    for sheet in sheets:
        seeds = _shared_seeds(system, against, sheet)
        if not seeds:
            continue
        first, second = (_tables(one, seeds, sheet, task) for one in (system, against))
        before = dev.get(sheet.language) if sheet.split == "test" else None
        for metric in task.metrics:
            known = variance(metric, system, against, before, task) if before else None
            interval = delta_interval(metric, first, second, sheet.groups, strata=sheet.languages)
            delta = Delta(
                system=system.name,
                against=against.name,
                split=sheet.split,
                language=sheet.language,
                metric=metric.name,
                **asdict(interval),
                seeds=seeds,
                holds_zero=interval.contains_zero,
                predicted=Power.of(known, sheet.groups_that_count, len(seeds)).half_width if known else None,
            )
            result.append(delta)
    return result


def variance(
    metric: Metric, system: SystemAnswers, against: SystemAnswers, sheet: Sheet, task: Scored
) -> Components | None:
    """What the difference of two systems varies by, over the seeds that both have; None where there are none, or too few groups."""
    seeds = _shared_seeds(system, against, sheet)
    if not seeds:
        return None
    both = [_tables(one, seeds, sheet, task) for one in (system, against)]
    strata = strata_of(metric, both, sheet.groups, sheet.languages)
    return components(strata) if all(len(stratum.groups.sizes) > 1 for stratum in strata) else None


def _shared_seeds(system: SystemAnswers, against: SystemAnswers, sheet: Sheet) -> list[int]:
    """The seeds with which both answered this sheet."""
    return [seed for seed in _seeds(system, sheet) if seed in _seeds(against, sheet)]


def _seeds(system: SystemAnswers, sheet: Sheet) -> list[int]:
    """The seeds with which the system answered this sheet, in all its languages."""
    return [seed for seed, run in system.runs.items() if all((sheet.split, x) in run for x in sheet.strata)]


def _tables(system: SystemAnswers, seeds: Sequence[int], sheet: Sheet, task: Scored) -> Array:
    """The task's columns for each seed, [seeds, examples, k], in the order of the sheet.

    Raises:
        UserError: an example of the sheet was not answered.
    """
    tables = []
    for seed in seeds:
        answered = {x: system.runs[seed][sheet.split, x] for x in sheet.strata}
        asked = list(zip(sheet.languages, sheet.ids, strict=True))
        if missing := [identifier for language, identifier in asked if identifier not in answered[language]]:
            raise UserError(
                f"system '{system.name}', seed {seed}: {len(missing)} {sheet.split} example(s) in '{sheet.language}' have no "
                f"answer, e.g. '{missing[0]}'. Predictions and examples are of different runs: run `dvc repro`."
            )
        tables.append(task.columns([answered[language][identifier] for language, identifier in asked]))
    return np.stack(tables)
