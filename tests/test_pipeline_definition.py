"""dvc.yaml tells the truth: every stage depends on the code it runs, and on the parameters it reads."""

import ast
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from gemquad.params import BESIDE_THE_ROUNDS, NO_SETTINGS, Params
from test_architecture import MODULES, imports

ROOT = Path(__file__).parents[1]
PLUMBING = {
    "gemquad",
    "gemquad.commandline",
    "gemquad.environment",
    "gemquad.errors",
    "gemquad.mistakes",
    "gemquad.progress",
    "gemquad.tracking.live",
    "gemquad.sections",
}
"""Modules whose change cannot change a result: messages, progress, what is seen of a training, how settings are read."""

PIPELINE: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text())
STAGES: dict[str, dict[str, Any]] = {name: stage.get("do", stage) for name, stage in PIPELINE["stages"].items()}
UNVERSIONED = set(PIPELINE["metrics"])
"""Files that no two machines write alike, so that no stage owns them and no hash of them stands in dvc.lock."""


def closure(module: str) -> set[str]:
    found: set[str] = set()
    waiting = [module]
    while waiting:
        current = waiting.pop()
        if current not in found and current not in PLUMBING and not current.startswith("gemquad.params"):
            found.add(current)
            waiting.extend(name for name in imports(current) if name in MODULES)
    return found


def as_dependency(module: str) -> str:
    """A module of a room stands for its room, and the rooms of `tasks` each for itself; others for their file."""
    file = MODULES[module].relative_to(ROOT)
    if module.startswith(("gemquad.stages.", "gemquad.tasks.")):
        is_in_room = file.parent.parent.name == "tasks"
        return str(file.parent if is_in_room else file)
    room = file.parts[2]
    return f"src/gemquad/{room}"


@pytest.mark.parametrize("name", STAGES)
def test_the_code_a_stage_runs_is_among_its_dependencies(name: str) -> None:
    needed = {as_dependency(module) for module in closure(f"gemquad.stages.{name}")}
    declared = {dep for dep in STAGES[name]["deps"] if dep.startswith("src/")}
    assert declared == needed


TRACKING = ("track", "register")


@pytest.mark.parametrize("name", TRACKING)
def test_tracking_depends_on_every_parameter_of_the_rounds(name: str) -> None:
    sections = {field.name for field in fields(Params)}
    assert set(STAGES[name]["params"]) == sections - set(NO_SETTINGS) - set(BESIDE_THE_ROUNDS)


@pytest.mark.parametrize("name", [name for name in STAGES if name not in TRACKING])
def test_the_parameters_a_stage_reads_are_those_it_names(name: str) -> None:
    text = MODULES[f"gemquad.stages.{name}"].read_text(encoding="utf-8")
    read = {
        ast.unparse(node).removeprefix("params.")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("params.")
    }
    declared = {key for key in STAGES[name].get("params", []) if isinstance(key, str)}  # the others are of another file
    sections = {key.split(".")[0] for key in declared}
    assert {key.split(".")[0] for key in read} == sections
    assert {key for key in declared if "." in key} <= read


PATH = r"(?:data|metrics|models|reports)/\S+?|params\.yaml|\$\{(?:item\.synthetic|baseline\.examples)\}"
ORDERING = {"data/rounds/${item.previous}/tracked.json"}
"""Dependencies that only fix the order: a round is tracked before the next begins."""


@pytest.mark.parametrize("name", STAGES)
def test_every_path_of_the_command_is_an_input_or_an_output(name: str) -> None:
    stage = STAGES[name]
    outputs = [
        next(iter(out)) if isinstance(out, dict) else out for out in stage.get("outs", []) + stage.get("metrics", [])
    ]
    paths = re.findall(rf'--\S+ "?({PATH})"?(?:\s|$)', stage["cmd"]) + re.findall(
        r"--file \"(\$\{item\})\"", stage["cmd"]
    )
    assert paths
    read_as_parameters = {"params.yaml"} if stage.get("params") else set()
    assert set(paths) - UNVERSIONED - read_as_parameters == {
        d for d in stage["deps"] if not d.startswith("src/")
    } - ORDERING | set(outputs)


def test_a_stage_has_the_name_of_its_file() -> None:
    files = {path.stem for path in (ROOT / "src/gemquad/stages").glob("*.py")} - {"__init__"}
    assert files == set(STAGES)
    for name, stage in STAGES.items():
        assert stage["cmd"].startswith(f"python -m gemquad.stages.{name} ")
