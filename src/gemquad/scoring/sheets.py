"""Systems' answers to the same examples side by side, and what the difference of two varies by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gemquad.errors import UserError
from gemquad.schema import Example, Prediction
from gemquad.schema.results import ALL
from gemquad.scoring.components import Components, Groups, components, means, strata_of
from gemquad.scoring.metrics import Array, Metric
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


def behind(
    metric: Metric, best: SystemAnswers, other: SystemAnswers, sheet: Sheet, task: Scored
) -> tuple[float, float]:
    """How many points `other` is behind `best`, and the standard error of that over groups; no error with fewer than two groups."""
    both = [tables(one, shared_seeds(best, other, sheet), sheet, task) for one in (best, other)]
    points = float(means(strata_of(metric, both, sheet.groups, sheet.languages)).mean())
    found = variance(metric, best, other, sheet, task)
    return points, float(np.sqrt(found.groups / sheet.groups_that_count)) if found else 0.0


def variance(
    metric: Metric, system: SystemAnswers, against: SystemAnswers, sheet: Sheet, task: Scored
) -> Components | None:
    """What the difference of two systems varies by, over the seeds that both have; None where there are none, or too few groups."""
    seeds = shared_seeds(system, against, sheet)
    if not seeds:
        return None
    both = [tables(one, seeds, sheet, task) for one in (system, against)]
    strata = strata_of(metric, both, sheet.groups, sheet.languages)
    return components(strata) if all(len(stratum.groups.sizes) > 1 for stratum in strata) else None


def shared_seeds(system: SystemAnswers, against: SystemAnswers, sheet: Sheet) -> list[int]:
    """The seeds with which both answered this sheet."""
    return [seed for seed in seeds_of(system, sheet) if seed in seeds_of(against, sheet)]


def seeds_of(system: SystemAnswers, sheet: Sheet) -> list[int]:
    """The seeds with which the system answered this sheet, in all its languages."""
    return [seed for seed, run in system.runs.items() if all((sheet.split, x) in run for x in sheet.strata)]


def tables(system: SystemAnswers, seeds: Sequence[int], sheet: Sheet, task: Scored) -> Array:
    """The task's columns for each seed, [seeds, examples, k], in the order of the sheet.

    Raises:
        UserError: an example of the sheet was not answered.
    """
    found = []
    for seed in seeds:
        answered = {x: system.runs[seed][sheet.split, x] for x in sheet.strata}
        asked = list(zip(sheet.languages, sheet.ids, strict=True))
        if missing := [identifier for language, identifier in asked if identifier not in answered[language]]:
            raise UserError(
                f"system '{system.name}', seed {seed}: {len(missing)} {sheet.split} example(s) in '{sheet.language}' have no "
                f"answer, e.g. '{missing[0]}'. Predictions and examples are of different runs: run `dvc repro`."
            )
        found.append(task.columns([answered[language][identifier] for language, identifier in asked]))
    return np.stack(found)
