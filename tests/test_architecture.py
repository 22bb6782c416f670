"""Imports run one way, and what must start at once stays light."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from gemquad.repository import code_lock

SOURCE = Path(__file__).parents[1] / "src"
MODULES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (SOURCE / "gemquad").rglob("*.py")
}
LIGHT = [
    "schema",
    "files",
    "parquet",
    "text",
    "settings",
    "repository",
    "scoring",
    "rounds",
    "sources",
    "report",
    "params",
    "cli",
    "commands",
    "cards",
    "check",
    "diff",
    "sharing",
    "monitor",
    "views",
]
LAYERS = (
    ("schema", "params", "tasks.settings", "tasks.prompting"),
    ("scoring", "sources"),
    ("tasks",),
    ("generation", "student"),
    ("rounds",),
    ("views", "report", "cards", "tracking", "diff", "monitor", "check"),
    ("stages", "commands", "cli"),
)
"""The rooms from below; a room imports from its own layer and from those below it. Other modules are plumbing or stand beside."""
RUN_BY_OTHERS = {
    "gemquad.rounds.loop": "the loop that dvc.yaml unrolls, for notebooks and tests (docs/pipeline.md)",
    "gemquad.doctor.plan": "gemquad watch runs it in a process of its own",
    "gemquad.scoring.mlqa.mlqa": "evaluate.load runs it by its path",
    "gemquad.serving.pipeline": "users import it (docs/student.md)",
}
"""Entry points beside the stages and the commands of pyproject.toml."""


@cache
def imports(module: str) -> frozenset[str]:
    """Every module that `module` imports anywhere in its text, the package's own by their full names."""
    names = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(name for name in names if name in MODULES or not name.startswith("gemquad"))


def test_imports_have_no_circle() -> None:
    graph = {module: code_lock.imports(module) - {module} for module in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_every_module_is_used() -> None:
    scripts = tomllib.loads((SOURCE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    waiting = [module for module in MODULES if module.startswith("gemquad.stages.")]
    waiting += [*RUN_BY_OTHERS, *(place.split(":")[0] for place in scripts.values())]
    plugins = [ast.parse(path.read_text(encoding="utf-8")) for path in (SOURCE / "hydra_plugins").glob("*.py")]
    waiting += [node.module for tree in plugins for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    used: set[str] = set()
    while waiting:
        module = waiting.pop()
        if module in MODULES and module not in used:
            used.add(module)
            waiting += [*imports(module), module.rpartition(".")[0]]
    assert set(MODULES) - used == set()


def layer(module: str) -> int | None:
    """The place in `LAYERS` of the longest room that holds the module."""
    held = [
        (len(room), number)
        for number, rooms in enumerate(LAYERS)
        for room in rooms
        if f"{module}.".startswith(f"gemquad.{room}.")
    ]
    return max(held)[1] if held else None


def test_imports_run_one_way() -> None:
    for module in MODULES:
        for name in imports(module) & set(MODULES):
            above, below = layer(module), layer(name)
            assert above is None or below is None or below <= above, f"{module} imports {name}"


def test_nothing_imports_stages_and_stages_do_not_import_one_another() -> None:
    for module in MODULES:
        assert not any(name.startswith("gemquad.stages.") for name in imports(module)), module


def test_schema_imports_nothing_of_the_package() -> None:
    for module in (name for name in MODULES if name.startswith("gemquad.schema")):
        assert all(name.startswith("gemquad.schema") for name in imports(module) if name in MODULES), module


def test_only_tracking_imports_mlflow() -> None:
    users = {module for module in MODULES if any(name.split(".")[0] == "mlflow" for name in imports(module))}
    assert users and all(module.startswith("gemquad.tracking.") for module in users)


def test_method_rooms_know_neither_the_command_line_nor_tracking() -> None:
    """Stages and commands do, and what serves a command alone; tracking knows itself."""
    programs = ("gemquad.stages", "gemquad.commands", "gemquad.cli", "gemquad.commandline")
    knowing = (*programs, "gemquad.tracking", "gemquad.doctor")
    for module in MODULES:
        if not module.startswith(knowing):
            assert not [name for name in imports(module) if name.startswith(knowing)], module


@pytest.mark.parametrize("room", LIGHT)
def test_light_rooms_load_neither_torch_nor_transformers_nor_mlflow(room: str) -> None:
    modules = [m for m in MODULES if m == f"gemquad.{room}" or m.startswith(f"gemquad.{room}.")]
    modules = [m for m in modules if not m.endswith(".mlqa.mlqa")]  # a plug-in of `evaluate`, which no room imports
    program = (
        f"import sys, {', '.join(modules)}; print(sorted({{'torch', 'transformers', 'mlflow'}} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nothing_outside_the_tasks_knows_one() -> None:
    """Engine, rounds, stopping, tracking and report are written once, against the protocols of `tasks` and `views.task_view`.

    Of the views one file for each kind knows it, and the loader that chooses among them.
    """
    knowing = ("gemquad.tasks", "gemquad.views.loading", "gemquad.views.extractive_qa", "gemquad.views.labelled")
    configured = {path.stem for path in (SOURCE.parent / "conf/task").glob("[!_]*.yaml")}
    kinds = {"extractive_qa", "text_classification", "pair_classification", "pair_similarity"}
    names = "|".join(sorted(map(re.escape, configured | kinds)))
    decides_by_task = re.compile(rf"\b({names})\b|\btask(\.name|\[.name.\]|\.kind)? ==")
    for module, path in MODULES.items():
        if not module.startswith(knowing):
            found = decides_by_task.search(path.read_text(encoding="utf-8"))
            assert not found, f"{module}: {found}"


def test_no_two_classes_share_a_name() -> None:
    places: dict[str, list[str]] = {}
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(module)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_nothing_is_unpickled_and_no_remote_code_is_trusted() -> None:
    for path in MODULES.values():
        text = path.read_text(encoding="utf-8")
        trusting = text.replace("trust_remote_code=False", "")
        assert "pickle" not in text and "torch.load" not in text and "trust_remote_code" not in trusting, path
