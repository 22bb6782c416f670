"""Scores with intervals, and differences between systems with intervals: what may be claimed of a run.

Systems answered the same examples, so differences are paired; examples of one group rise and fall together, so groups are
resampled whole; a system trained with several seeds speaks of the method and not of one draw (`bootstrap.py`). All trained
languages together stand as one more, `ALL`: the mean over them, each language counting equally.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace

from gemquad.schema.results import Delta, Gains, Interval, Intervals, Score, SystemScores
from gemquad.scoring.bootstrap import delta_interval, score_interval
from gemquad.scoring.power import Power
from gemquad.scoring.scored import Scored
from gemquad.scoring.sheets import Sheet, SystemAnswers, seeds_of, shared_seeds, tables, variance


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
        seeds = seeds_of(system, sheet)
        if seeds:
            columns = tables(system, seeds, sheet, task)
            metrics = {
                metric.name: score_interval(metric, columns, sheet.groups, strata=sheet.languages)
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
        seeds = shared_seeds(system, against, sheet)
        if not seeds:
            continue
        first, second = (tables(one, seeds, sheet, task) for one in (system, against))
        before = dev.get(sheet.language) if sheet.split == "test" else None
        for metric in task.metrics:
            can_tell = before is not None and sheet.groups_that_count >= 2
            known = variance(metric, system, against, before, task) if before and can_tell else None
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
