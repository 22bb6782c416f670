"""What the test set and the seeds of a run can show, in words, before anything trains."""

from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import combinations

import numpy as np

from gemquad.errors import UserError
from gemquad.schema.results import ALL
from gemquad.scoring.components import Components
from gemquad.scoring.metrics import Metric
from gemquad.scoring.power import DEFAULTS, Power, groups_needed
from gemquad.scoring.scored import Scored
from gemquad.scoring.sheets import Sheet, SystemAnswers, variance

_MORE_SEEDS = (5, 10)


def power_lines(systems: Sequence[SystemAnswers], sheets: Sequence[Sheet], seeds: int, task: Scored) -> list[str]:
    """For each metric the half width to expect, the smallest difference found in 4 of 5 runs, and what one point needs.

    `systems` are those of an earlier run. Where no two of them answered dev, or other dev examples, `DEFAULTS` are taken. The
    forecast is for all trained languages together, or for the first where that is one.
    """
    by_split = {split: [sheet for sheet in sheets if sheet.split == split] for split in ("dev", "test")}
    if not by_split["test"]:
        return ["power: there is no test set"]
    test = next((sheet for sheet in by_split["test"] if sheet.language == ALL), by_split["test"][0])
    dev = next((sheet for sheet in by_split["dev"] if sheet.language == test.language), None)
    where = "all languages" if test.language == ALL else test.language
    groups = len(set(test.groups.tolist()))
    lines = [f"power on test in {where}: {len(test.ids)} examples in {groups} groups, {_seeds(seeds)}"]
    for metric in task.metrics:
        measured = _typical(metric, systems, dev, task) if dev else None
        found = measured or _default(metric, test)
        if not found:
            lines.append(f"{metric.label}: unknown until two students of a run have answered dev")
            continue
        if test.groups_that_count < 2:
            lines.append(f"{metric.label}: unknown, because nearly all examples are in one group")
            continue
        expected = Power.of(found, test.groups_that_count, seeds)
        lines.append(
            f"{metric.label}: a difference of two systems has ±{expected.half_width:.1f} points; {expected.detectable:.1f} are "
            f"found in 4 of 5 runs; 1.0 needs {_needed(found, seeds, len(test.ids) / groups)} "
            f"({'answers to dev at hand' if measured else 'the default variance, docs/experiments.md'})"
        )
    return lines


def _typical(metric: Metric, systems: Sequence[SystemAnswers], dev: Sheet, task: Scored) -> Components | None:
    """The mean components of all differences on dev; with one seed at hand, that of seeds is the default's."""
    try:
        found = [variance(metric, one, other, dev, task) for one, other in combinations(systems, 2)]
    except UserError:  # answers to other examples
        return None
    known = [one for one in found if one]
    if not known:
        return None
    mean = Components(*(float(np.mean([getattr(one, part.name) for one in known])) for part in fields(Components)))
    single = max(len(system.runs) for system in systems) == 1
    default = _default(metric, dev)
    return replace(mean, seeds=default.seeds) if single and default else mean


def _default(metric: Metric, sheet: Sheet) -> Components | None:
    """The default over the languages of a sheet: nearly all that a seed does, it does to one language."""
    default = DEFAULTS.get(metric.name)
    return replace(default, seeds=default.seeds / len(sheet.strata)) if default else None


def _needed(found: Components, seeds: int, examples_per_group: float) -> str:
    """ "5,300 examples (1,770 groups) with 5 seeds", for the seeds at hand and for more."""
    needs = {count: groups_needed(found, count) for count in sorted({seeds, *_MORE_SEEDS})}
    possible = [
        f"about {examples_per_group * groups:,.0f} examples ({groups:,} groups) with {_seeds(count)}"
        for count, groups in needs.items()
        if groups
    ]
    return " or ".join(possible) or "more seeds than 10"


def _seeds(count: int) -> str:
    return "1 seed, so of these students alone" if count == 1 else f"{count} seeds"
