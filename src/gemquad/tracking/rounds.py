"""Everything that is logged of one round: parameters, data with their hashes, scores, curves, and the student itself."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gemquad.rounds.stopping import system_name
from gemquad.schema.results import Decision, GenerationSummary, GenerationTime, Scores, SilverCounts
from gemquad.tracking.model import log_student
from gemquad.tracking.runs import CONTENT, SYSTEM, child_run, git_revision, parent_run, remove_abandoned
from gemquad.tracking.state import PipelineState
from gemquad.tracking.store import TrackingStore, opened
from gemquad.tracking.values import TRAINING, Point, Versioned, curve_points, log_data, log_metrics, log_params
from gemquad.workspace import Workspace


@dataclass(frozen=True)
class RoundLog:
    """Everything that is logged of one round."""

    number: int
    student: Path
    scores: Scores
    silver: dict[str, SilverCounts]
    curve: Sequence[Mapping[str, Any]]
    decision: Decision
    generation: GenerationSummary
    timing: GenerationTime | None


def log_round(log: RoundLog, files: Workspace) -> None:
    """Log one round below the parent run of this pipeline state. What is there already stays, what is incomplete is replaced.

    Raises:
        UserError: the MLflow store cannot be reached or written.
    """
    state = PipelineState.read(files)
    with opened() as store:
        parent = parent_run(store, state)
        log_params(store.client, parent, state.settings)
        log_data(store.client, parent, _data(state), git_revision())
        store.client.log_artifact(parent, str(files.params))
        content = _content(log, state)
        child = child_run(store, state, parent, log.number, content, log.curve)
        if not child.is_complete:
            _fill(store, child.run_id, log, state)
            store.client.set_tag(child.run_id, CONTENT, content)
        remove_abandoned(store, system_name(log.number))
        log_metrics(store.client, parent, _points(log))
        store.client.set_tag(parent, "gemquad.decision", log.decision.reason)
        store.client.set_terminated(parent)


def _fill(store: TrackingStore, run: str, log: RoundLog, state: PipelineState) -> None:
    log_params(store.client, run, state.settings)
    log_data(store.client, run, _data(state, log.number), git_revision())
    log_metrics(store.client, run, _points(log))
    log_metrics(store.client, run, curve_points(log.curve), TRAINING)
    tags = {
        SYSTEM: system_name(log.number),
        "gemquad.decision": log.decision.reason,
        "gemquad.generator": json.dumps(log.generation.generator),
    }
    for name, value in tags.items():
        store.client.set_tag(run, name, value)
    log_student(run, log.student, log.number)


def _content(log: RoundLog, state: PipelineState) -> str:
    """16 hexadecimal digits over what is logged of a round but times; the student counts by the hash DVC has of it."""
    results = (log.scores, log.silver, log.curve, log.decision, log.generation)
    student = state.hashes.get(log.student.as_posix())
    return hashlib.sha256(json.dumps([student, *results], sort_keys=True, default=asdict).encode()).hexdigest()[:16]


def _data(state: PipelineState, number: int | None = None) -> list[Versioned]:
    """The records that a state's rounds share, and the silver of round `number`."""
    files = Workspace()
    used = {
        files.gold: "training",
        files.exemplars: "prompting",
        files.passages: "prompting",
        files.synthetic: "filtering",
        files.dev: "selection",
        files.test: "evaluation",
        **({files.round(number).silver: "training"} if number else {}),
    }
    hashes = {path: state.hashes.get(path.as_posix()) for path in used}
    return [Versioned(path.as_posix(), md5, used[path]) for path, md5 in hashes.items() if md5]


def _points(log: RoundLog) -> list[Point]:
    return [(name, value, log.number) for name, value in _metrics(log).items()]


def _metrics(log: RoundLog) -> dict[str, float]:
    """Flat names, `test_f1_hi`, `silver_hi`, `synthetic_pairs_hi`, so that MLflow can plot and compare them."""
    scores = {
        f"{split}_{metric}_{language}": value
        for split, by_language in log.scores.items()
        for language, values in by_language.items()
        for metric, value in values.items()
    }
    silver = {f"silver_{language}": counts.silver for language, counts in log.silver.items()}
    new = {f"new_silver_{language}": counts.new for language, counts in log.silver.items()}
    generated = {
        f"synthetic_pairs_{language}": counts.synthetic_pairs for language, counts in log.generation.languages.items()
    }
    return {**scores, **silver, **new, **generated, **_spent(log.generation, log.timing)}


def _spent(generation: GenerationSummary, timing: GenerationTime | None) -> dict[str, float]:
    """Tokens, outcomes and, where `timing` speaks of the same completions, seconds and rates of the generation."""
    total = generation.total
    tokens = {name: getattr(total, name) for name in ("prompt_tokens", "completion_tokens", "judged_tokens")}
    outcomes = {f"outcome_{name.replace(' ', '_')}": count for name, count in total.outcomes.items()}
    money = {name: getattr(total, name) for name in ("cost", "cost_per_pair")}
    taken = asdict(timing.time) if timing and timing.completions == generation.completions else {}
    return {f"generation_{name}": value for name, value in {**money, **tokens, **outcomes, **taken}.items()}
