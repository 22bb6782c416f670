"""Imports run one way, and what must start at once stays light."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
MODULES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (SOURCE / "gemquad").rglob("*.py")
}
LIGHT = [
    "schema",
    "files",
    "parquet",
    "spans",
    "scoring",
    "rounds",
    "sources",
    "report",
    "params",
    "cli",
    "commands",
    "cards",
    "diff",
    "sharing",
    "monitor",
]


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
    """Engine, rounds, stopping, tracking and report are written once, against the protocols of `tasks`."""
    configured = {path.stem for path in (SOURCE.parent / "conf/task").glob("[!_]*.yaml")}
    kinds = {"extractive_qa", "text_classification", "pair_classification", "pair_similarity"}
    names = "|".join(sorted(map(re.escape, configured | kinds)))
    decides_by_task = re.compile(rf"\b({names})\b|\btask(\.name|\[.name.\]|\.kind)? ==")
    for module, path in MODULES.items():
        if not module.startswith("gemquad.tasks"):
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
        assert "pickle" not in text and "torch.load" not in text and "trust_remote_code" not in text, path
