"""Compare DVC experiments: what each changed, when it stopped, and what it gained, from what `dvc exp show --json` prints."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gemquad.errors import UserError
from gemquad.params import flat_settings
from gemquad.rounds.stopping import system_name


@dataclass(frozen=True)
class Experiment:
    """One finished experiment: its parameters by dotted name, the system dev selected, why the loop ended, and test scores.

    `scores` holds, by language and metric, the selected system's value on test in percent; `gains` its gain over the baseline
    in points with the 95% interval (value, low, high), absent where the baseline itself was selected.
    """

    name: str
    params: Mapping[str, Any]
    best: str
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
    """The experiments in the answer of `dvc exp show --json` that have a selected system; each state once."""
    experiments: dict[str, Experiment] = {}
    for state in _states(shown):
        metrics = {path: held["data"] for path, held in state["data"]["metrics"].items() if "data" in held}
        selection = metrics.get("metrics/selection.json")
        if selection:
            name = state.get("name") or state["rev"]
            experiments.setdefault(name, _experiment(name, state["data"]["params"], metrics, selection))
    return list(experiments.values())


def changed(experiments: Sequence[Experiment]) -> list[dict[str, str]]:
    """For each experiment the parameters in which not all agree, as text."""
    names = dict.fromkeys(name for experiment in experiments for name in experiment.params)
    differing = [n for n in names if len({str(experiment.params.get(n)) for experiment in experiments}) > 1]
    return [{name: str(experiment.params.get(name, "–")) for name in differing} for experiment in experiments]


def table(experiments: Sequence[Experiment]) -> str:
    """Markdown: one row per experiment; gains are those of the selected system over the baseline on test."""
    differing = changed(experiments)
    parameters = list(differing[0]) if differing else []
    languages = dict.fromkeys(language for experiment in experiments for language in experiment.scores)
    header = ["experiment", *parameters, *(f"test F1 / EM {language}" for language in languages), "selected", "stopped"]
    rows = [
        [e.name, *values.values(), *(_cell(e, language) for language in languages), e.best, e.stopped]
        for e, values in zip(experiments, differing, strict=True)
    ]
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(experiment: Experiment, language: str) -> str:
    parts = []
    for metric in ("f1", "exact_match"):
        score = experiment.scores.get(language, {}).get(metric)
        gain = experiment.gains.get(language, {}).get(metric)
        text = "–" if score is None else f"{score:.1f}"
        parts.append(text if gain is None else f"{text} ({gain[0]:+.1f}, {gain[1]:+.1f} to {gain[2]:+.1f})")
    return " / ".join(parts)


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
    number = selection["round"]
    gains = metrics.get("metrics/gains.json", {}).get(system_name(number), {})
    return Experiment(
        name=name,
        params=flat_settings(params["params.yaml"]["data"]),
        best=system_name(number),
        stopped=selection["stopped"],
        scores=metrics.get(f"metrics/rounds/{number}/scores.json", {}).get("test", {}),
        gains={
            language: {metric: (held["value"], held["low"], held["high"]) for metric, held in by_metric.items()}
            for language, by_metric in gains.items()
        },
    )
