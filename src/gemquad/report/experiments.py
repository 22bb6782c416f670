"""Compare DVC experiments: what each changed, when it stopped, and what it gained, from what `dvc exp show --json` prints."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gemquad.errors import UserError
from gemquad.params import flat_settings
from gemquad.report.content import ExperimentRow
from gemquad.report.formatting import MISSING, score, signed
from gemquad.rounds.stopping import system_name
from gemquad.tasks.loading import load_saved_task
from gemquad.workspace import Workspace

_OF_THE_TASK = ("task", "prompting", "data")
"""Sections that differ from task to task: they are compared among the experiments of one task."""
_TASK = "task.name"
_LONGEST = 60
_FILES = Workspace()


@dataclass(frozen=True)
class Experiment:
    """One finished experiment: its parameters by dotted name, the system dev selected, why the loop ended, and test scores.

    `scores` holds, by language and metric, the value on test in percent of `shown`: the selected system or, where that is the
    baseline, the last round; `gains` its gain over the baseline in points with the 95% interval (value, low, high). `labels` are
    the names of the metrics in tables.
    """

    name: str
    params: Mapping[str, Any]
    labels: Mapping[str, str]
    best: str
    shown: str
    stopped: str
    scores: Mapping[str, Mapping[str, float]]
    gains: Mapping[str, Mapping[str, tuple[float, float, float]]]


def shown_experiments() -> list[Experiment]:
    """The workspace and every experiment of this repository that ran to its end.

    Raises:
        UserError: DVC cannot list experiments here.
    """
    command = [sys.executable, "-m", "dvc", "exp", "show", "--json", "--all-commits"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().split("\n")[-1]
        raise UserError(f"`dvc exp show` failed: {last}. Call this in the root of a checkout with DVC and Git.")
    return finished(json.loads(done.stdout))


def finished(shown: Sequence[Mapping[str, Any]]) -> list[Experiment]:
    """The experiments in the answer of `dvc exp show --json` that have a selected system.

    The workspace is one of them only where it has the parameters of no other.
    """
    experiments: dict[str, Experiment] = {}
    for state in _states(shown):
        metrics = {path: held["data"] for path, held in state["data"]["metrics"].items() if "data" in held}
        selection = metrics.get(_FILES.selection.as_posix())
        if selection:
            name = state.get("name") or state["rev"]
            experiments.setdefault(state["rev"], _experiment(name, state["data"]["params"], metrics, selection))
    workspace = experiments.pop("workspace", None)
    known = any(workspace and workspace.params == experiment.params for experiment in experiments.values())
    return [*([workspace] if workspace and not known else []), *experiments.values()]


def changed(experiments: Sequence[Experiment]) -> list[dict[str, str]]:
    """For each experiment the parameters in which not all agree, as text; of what differs from task to task, the task's name."""
    names = dict.fromkeys(name for experiment in experiments for name in experiment.params)
    differing = [name for name in names if _differs(name, experiments)]
    return [{name: _short(experiment.params.get(name, MISSING)) for name in differing} for experiment in experiments]


def rows(experiments: Sequence[Experiment]) -> list[ExperimentRow]:
    """The rows of the page's section on sweeps."""
    return [
        {
            "name": experiment.name,
            "changed": values,
            "scores": {"scores of": experiment.shown, **_scores(experiment)},
            "stopped": experiment.stopped,
            "best": experiment.best,
        }
        for experiment, values in zip(experiments, changed(experiments), strict=True)
    ]


def table(experiments: Sequence[Experiment]) -> str:
    """The experiments as a Markdown table."""
    found = rows(experiments)
    parameters = dict.fromkeys(name for row in found for name in row["changed"])
    scores = dict.fromkeys(name for row in found for name in row["scores"])
    header = ["experiment", *parameters, *scores, "selected on dev", "stopped"]
    cells = [
        [
            row["name"],
            *row["changed"].values(),
            *(_text(row["scores"].get(name)) for name in scores),
            row["best"],
            row["stopped"],
        ]
        for row in found
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, ["---"] * len(header), *cells])


def _differs(name: str, experiments: Sequence[Experiment]) -> bool:
    compared: dict[str, set[str]] = {}
    by_task = name.split(".")[0] in _OF_THE_TASK and name != _TASK
    for experiment in experiments:
        task = str(experiment.params.get(_TASK)) if by_task else ""
        compared.setdefault(task, set()).add(str(experiment.params.get(name)))
    return any(len(values) > 1 for values in compared.values())


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _scores(experiment: Experiment) -> dict[str, float | str]:
    """Test scores and, where there is a round to speak of, what it gains over the baseline, by the name of their column."""
    named: dict[str, float | str] = {}
    for language, scores in experiment.scores.items():
        for metric, percentage in scores.items():
            label = experiment.labels.get(metric, metric)
            named[f"{label} {language}"] = percentage
            if gain := experiment.gains.get(language, {}).get(metric):
                value, low, high = map(signed, gain)
                named[f"gain {label} {language}"] = f"{value} ({low} to {high})"
    return named


def _text(value: float | str | None) -> str:
    return MISSING if value is None else value if isinstance(value, str) else score(value)


def _states(shown: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every state with its data: workspace, commits, and the experiments below them."""
    for state in shown:
        if state.get("data"):
            yield state
        for experiment in state.get("experiments") or []:
            yield from _states(experiment["revs"][:1])


def _experiment(
    name: str, params: Mapping[str, Any], metrics: Mapping[str, Any], selection: Mapping[str, Any]
) -> Experiment:
    gains = metrics.get(_FILES.gains.as_posix(), {})
    rounds = [int(name.removeprefix("round-")) for name in gains if name.startswith("round-")]
    number = selection["round"] or max(rounds, default=0)
    raw = params[_FILES.params.as_posix()]["data"]
    tested = metrics.get(_FILES.round(number).scores.as_posix(), {}).get("test", {})
    return Experiment(
        name=name,
        params=flat_settings(raw),
        labels=_labels(raw.get("task", {})),
        best=system_name(selection["round"]),
        shown=system_name(number),
        stopped=selection["stopped"],
        scores={language: _percentages(scores) for language, scores in tested.items()},
        gains={
            language: {metric: (held["value"], held["low"], held["high"]) for metric, held in by_metric.items()}
            for language, by_metric in gains.get(system_name(number), {}).items()
        },
    )


def _labels(task: Mapping[str, Any]) -> dict[str, str]:
    """The labels of a task's metrics; none where another version wrote the experiment, and its task cannot be read."""
    try:
        return {metric.name: metric.label for metric in load_saved_task(task).metrics}
    except UserError:
        return {}


def _percentages(scores: Mapping[str, float]) -> dict[str, float]:
    """The metrics of a scores file: beside them stand counts, which are whole numbers."""
    return {name: value for name, value in scores.items() if isinstance(value, float)}
