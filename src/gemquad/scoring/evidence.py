"""Scores with intervals, and differences between systems with intervals: what may be claimed of a run.

Systems answered the same questions, so differences are paired; questions about one passage rise and fall together, so passages
are resampled whole; a system trained with several seeds speaks of the method and not of one draw (`bootstrap.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gemquad.errors import UserError
from gemquad.schema import Prediction, Question
from gemquad.scoring.bootstrap import delta_interval, mean_interval

METRICS = ("f1", "exact_match")

Updates = Mapping[str, int]
"""Optimiser updates by the name of the fine-tuning phase."""


Answers = Mapping[tuple[str, str], Mapping[str, Prediction]]
"""Predictions by split and language, then by the id of their question."""


@dataclass(frozen=True)
class System:
    """What one way of training answered: `runs[seed]` are its answers, of one or more splits."""

    name: str
    description: str
    updates: Updates
    runs: Mapping[int, Answers]


@dataclass(frozen=True)
class Sheet:
    """The questions of one split in one language, in a fixed order, with the number of the passage of each."""

    split: str
    language: str
    ids: list[str]
    passages: NDArray[np.int64]


def answers(predictions: Iterable[Prediction]) -> Answers:
    """The predictions of one student, found by where they belong."""
    found: dict[tuple[str, str], dict[str, Prediction]] = {}
    for prediction in predictions:
        found.setdefault((prediction.split, prediction.language), {})[prediction.id] = prediction
    return found


def sheets(splits: Mapping[str, Sequence[Question]]) -> list[Sheet]:
    """One sheet per split and language."""
    result = []
    for split, questions in splits.items():
        for language in dict.fromkeys(question.language for question in questions):
            own = [question for question in questions if question.language == language]
            number = {passage: i for i, passage in enumerate(dict.fromkeys(question.passage for question in own))}
            passages = np.array([number[question.passage] for question in own], dtype=np.int64)
            result.append(Sheet(split, language, [question.id for question in own], passages))
    return result


def evidence(
    rounds: Sequence[System], beside: Sequence[System], chosen: str, sheets: Sequence[Sheet]
) -> dict[str, Any]:
    """What `metrics/evidence.json` holds: every system's scores and every delta, each with its 95% interval.

    Deltas are taken of every system against the baseline, and of the method against each system beside it that is trained
    otherwise, over the seeds that both have. The method is "sequential" where it has seeds of its own, else the round `chosen`.
    The rounds have one seed; a baseline trained with more is scored once more, as "baseline_over_seeds".
    """
    compared = _over_seeds(rounds, beside, chosen)
    systems = {system.name: system for system in [*rounds, *compared.values()] if system.name != "baseline"}
    baseline = compared.get("baseline", rounds[0])
    method = systems.get("sequential") or systems.get(chosen)
    rivals = [system for name, system in compared.items() if name not in ("baseline", "sequential")]
    pairs = [(system, baseline) for system in systems.values()] + [(method, rival) for rival in rivals if method]
    scored = [rounds[0], *systems.values()]
    if "baseline" in compared:
        scored.append(replace(baseline, name="baseline_over_seeds"))
    return {
        "systems": [score_table(system, sheets) for system in scored],
        "deltas": [delta for system, against in pairs for delta in deltas(system, against, sheets)],
    }


def _over_seeds(rounds: Sequence[System], beside: Sequence[System], chosen: str) -> dict[str, System]:
    """The systems beside the rounds by name, each with all its seeds; baseline and method also with that of the rounds."""
    given = {"baseline": rounds[0], "sequential": next((s for s in rounds if s.name == chosen), rounds[0])}
    compared: dict[str, System] = {}
    for system in beside:
        known = compared.get(system.name) or given.get(system.name)
        runs = {**(known.runs if known else {}), **system.runs}
        compared[system.name] = replace(system, runs=runs)
    return compared


def gains(deltas: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    """For `dvc metrics`: system → language → metric → value, low and high of the gain over the baseline on test."""
    result: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for delta in deltas:
        if delta["split"] == "test" and delta["against"] == "baseline":
            by_language = result.setdefault(delta["system"], {}).setdefault(delta["language"], {})
            by_language[delta["metric"]] = {key: delta[key] for key in ("value", "low", "high")}
    return result


def score_table(system: System, sheets: Sequence[Sheet]) -> dict[str, Any]:
    """What `metrics/evidence.json` says of one system: seeds, updates, and split → language → scores with intervals."""
    scores: dict[str, dict[str, Any]] = {}
    for sheet in sheets:
        seeds = _seeds(system, sheet)
        if seeds:
            scores.setdefault(sheet.split, {})[sheet.language] = {
                "questions": len(sheet.ids),
                "passages": len(set(sheet.passages.tolist())),
                **{m: asdict(mean_interval(_matrix(system, seeds, sheet, m), sheet.passages)) for m in METRICS},
            }
    return {
        "system": system.name,
        "description": system.description,
        "seeds": list(system.runs),
        "updates": dict(system.updates),
        "scores": scores,
    }


def deltas(system: System, against: System, sheets: Sequence[Sheet]) -> list[dict[str, Any]]:
    """`system` minus `against` in points, over the seeds that both were trained with; one entry per sheet and metric."""
    result = []
    for sheet in sheets:
        seeds = [seed for seed in _seeds(system, sheet) if seed in _seeds(against, sheet)]
        for metric in METRICS if seeds else ():
            first, second = (_matrix(one, seeds, sheet, metric) for one in (system, against))
            interval = delta_interval(first, second, sheet.passages)
            result.append(
                {
                    "system": system.name,
                    "against": against.name,
                    "split": sheet.split,
                    "language": sheet.language,
                    "metric": metric,
                    **asdict(interval),
                    "seeds": seeds,
                    "holds_zero": interval.holds_zero,
                }
            )
    return result


def _seeds(system: System, sheet: Sheet) -> list[int]:
    """The seeds with which the system answered this sheet."""
    return [seed for seed, run in system.runs.items() if (sheet.split, sheet.language) in run]


def _matrix(system: System, seeds: Sequence[int], sheet: Sheet, metric: str) -> NDArray[np.float64]:
    """Scores [seeds, questions], each 0 to 1, in the order of the sheet.

    Raises:
        UserError: a question of the sheet was not answered.
    """
    rows = []
    for seed in seeds:
        answered = system.runs[seed][sheet.split, sheet.language]
        if missing := [identifier for identifier in sheet.ids if identifier not in answered]:
            raise UserError(
                f"system '{system.name}', seed {seed}: {len(missing)} {sheet.split} question(s) in '{sheet.language}' have no "
                f"answer, e.g. '{missing[0]}'. Predictions and questions are of different runs: run `dvc repro`."
            )
        rows.append([getattr(answered[identifier], metric) for identifier in sheet.ids])
    return np.array(rows, dtype=np.float64)
