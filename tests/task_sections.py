"""Sections of params.yaml for tests: a task, and the prompting that goes with it, read as they are in a run."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from gemquad.params import read_params
from gemquad.tasks.prompting import Prompting
from gemquad.tasks.settings import Settings, read_task

PARAMS: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "params.yaml").read_text(encoding="utf-8"))


def task_of(section: dict[str, Any]) -> Settings:
    """The `task` section alone."""
    return read_task(section, "params.yaml")


def prompting_of(section: dict[str, Any], task: Settings) -> Any:
    """The `prompting` section of a run of `task`."""
    stopping = {**PARAMS["stopping"], "metric": task.metrics[0]}
    found: Prompting = read_params(
        {**PARAMS, "task": asdict(task), "prompting": section, "stopping": stopping}
    ).prompting
    return found


def wording_of(labels: Iterable[str]) -> dict[str, Any]:
    """The `prompting` section of a task with these labels, over texts or pairs."""
    return {
        "shots": 0,
        "prompts": 900,
        "words_share": 0.5,
        "names": {"text": "First", "second": "Second", "label": "Answer"},
        "write": "Write something {label}.",
        "write_second": "Second, {label}",
        "with_words": " About {words}.",
        "solve": "Does it follow?",
        "labels": {label: {"wanted": label, "answer": label} for label in labels},
        "words": ["dogs"],
    }


PLACES: dict[str, Any] = {
    "name": "places",
    "kind": "text_classification",
    "labels": {"Lima": "Lima", "Cusco": "Cusco"},
    "columns": {"text": "text", "label": "label"},
    "metrics": ["accuracy"],
}
"""Texts about one of two places: learnt in seconds."""
