"""dvc.yaml tells the truth: a stage names the files it asks the workspace for, the parameters it reads and the code it runs."""

import ast
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml

from gemquad.errors import UserError
from gemquad.params import BESIDE_THE_ROUNDS, TABLES, Params
from gemquad.repository.code_lock import closure, code, refuse_stale, stage_digest, stage_names, write_lock
from gemquad.workspace import RoundFolder, Workspace
from in_process import Call
from released import run_small

ROOT = Path(__file__).parents[1]
PIPELINE: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text())
STAGES: dict[str, dict[str, Any]] = {name: stage.get("do", stage) for name, stage in PIPELINE["stages"].items()}
UNVERSIONED = {"metrics/generation_time.json"}
"""Files that no two machines write alike, so that no stage owns them and no hash of them stands in dvc.lock."""
ORDERING = re.compile(r"data/rounds/\d+/tracked\.json")
"""A dependency of `label` that only fixes the order: a round is tracked before the next begins."""
NAMING = ("gemquad.workspace", "gemquad.params.tables")
"""Modules that put names of files together and open none."""
SETTINGS = {"params.yaml", "dvc.lock", "code.lock.yaml"}
LOGGED = {f"data/prepared/{role}.parquet" for role in ("gold", "exemplars", "passages", "dev", "test")}
"""Data that `track` logs by name and hash, from dvc.lock."""


@contextmanager
def recorded(found: set[str]) -> Iterator[None]:
    """Note every path that code outside of workspace.py asks a workspace or a folder of a round for."""

    def noted(value: Any) -> Any:
        if isinstance(value, Path):
            found.add(value.as_posix())
        return value

    def asked(self: object, name: str) -> Any:
        value = object.__getattribute__(self, name)
        if sys._getframe(1).f_globals["__name__"] in NAMING:
            return value
        return (lambda *arguments: noted(value(*arguments))) if callable(value) else noted(value)

    with patch.object(Workspace, "__getattribute__", asked), patch.object(RoundFolder, "__getattribute__", asked):
        yield


def paths(entries: list[Any]) -> set[str]:
    return {next(iter(entry)) if isinstance(entry, dict) else entry for entry in entries}


def test_dependencies_and_outputs_are_what_a_stage_asks_the_workspace_for(
    tmp_path: Path, tiny_gemma: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every stage runs once, with a tiny model. A path within a folder that is a dependency asks for the folder."""
    asked: dict[str, tuple[Call, set[str]]] = {}

    @contextmanager
    def watched(call: Call) -> Iterator[None]:
        address = "@".join([call.stage, *map(str, call.arguments.values())])
        _, found = asked[address] = call, set()
        with recorded(found):
            yield

    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    settings = ("comparison.systems=[random,zero_shot_llm]", "stopping.choose=average")
    run_small(tmp_path / "run", tiny_gemma, *settings, without=(), watched=watched)
    assert {call.stage for call, _ in asked.values()} == set(STAGES) - {"fetch"}
    wrong = {}
    for address, (call, found) in asked.items():
        entry = call.entry
        declared = paths([*entry.get("deps", []), *entry.get("outs", [])])
        if call.stage == "label":
            declared = {path for path in declared if not ORDERING.fullmatch(path)}
        if call.stage == "read":
            declared = declared - paths(entry["deps"])  # the user's own file
        if call.stage == "track":
            found -= LOGGED | {"data/synthetic.parquet", f"data/rounds/{call.arguments['round']}/silver.parquet"}
        folders = {folder for path in found for folder in map(str, Path(path).parents)} & declared
        whole = {path for path in found if not folders & set(map(str, Path(path).parents)) or path in declared}
        if difference := (whole | folders) - UNVERSIONED - (SETTINGS - declared) ^ declared:
            wrong[address] = difference
    assert wrong == {}


@pytest.mark.parametrize("name", STAGES)
def test_no_setting_is_part_of_a_command_and_a_stage_asks_for_a_round_or_a_key_or_nothing(name: str) -> None:
    assert STAGES[name]["cmd"] == f"python -m gemquad.stages.{name}"
    table = PIPELINE["stages"][name].get("foreach")
    arguments = {None: "main", "${rounds}": 'main, "round"', "${filtered}": 'main, "round"'}.get(table, 'main, "key"')
    started = (ROOT / f"src/gemquad/stages/{name}.py").read_text(encoding="utf-8").rpartition("run_stage(")[2]
    assert started.strip() == f"{arguments})"


def test_a_stage_has_the_name_of_its_file() -> None:
    assert set(stage_names()) == set(STAGES)


def test_a_stage_is_at_most_16_lines() -> None:
    text = (ROOT / "dvc.yaml").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=  \w+:)", text[text.index("stages:\n") : text.index("\nmetrics:\n")])
    lines = {block.split(":")[0].strip(): len(block.strip("\n").split("\n")) for block in blocks[1:]}
    assert lines.keys() == STAGES.keys()
    assert {stage: count for stage, count in lines.items() if count > 16} == {}


def parameters(name: str) -> set[str]:
    """Of params.yaml: of a table the item's entry alone."""
    named = [entry for entry in STAGES[name].get("params", []) if isinstance(entry, str)]
    return {key.split(".${")[0] for key in named}


TRACKING = ("track", "register")


@pytest.mark.parametrize("name", TRACKING)
def test_tracking_depends_on_every_parameter_of_the_rounds(name: str) -> None:
    sections = set(Params.__dataclass_fields__)
    assert parameters(name) == sections - set(TABLES) - set(BESIDE_THE_ROUNDS)


READ_AS_FILE = ("report",)
"""It shows all of params.yaml, which is among its dependencies."""
IN_THE_COMMAND = {"fetch": {"fetched"}}
"""A table whose entry is among the command's other parameters."""


@pytest.mark.parametrize("name", [name for name in STAGES if name not in (*TRACKING, *READ_AS_FILE)])
def test_the_parameters_a_stage_reads_are_those_it_names(name: str) -> None:
    text = (ROOT / f"src/gemquad/stages/{name}.py").read_text(encoding="utf-8")
    read = {
        ast.unparse(node).removeprefix("params.")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("params.")
    }
    read |= {"task"} if "load_task(params)" in text else set()
    read |= {"prompting", "generation"} if ".prompter" in text else set()
    sections = {key.split(".")[0] for key in parameters(name)}
    assert {key.split(".")[0] for key in read} - IN_THE_COMMAND.get(name, set()) == sections
    assert {key for key in parameters(name) if "." in key} <= read


@pytest.mark.parametrize("name", STAGES)
def test_the_code_of_a_stage_is_among_its_parameters(name: str) -> None:
    assert {"code.lock.yaml": [name]} in STAGES[name]["params"]
    assert yaml.safe_load((ROOT / "code.lock.yaml").read_text())[name] == stage_digest(name), "run `gemquad lock`"


def test_docstrings_comments_and_blank_lines_are_no_code(tmp_path: Path) -> None:
    bare = 'def f(x):\n    return "#" + x\n\n\nNAME = "a"\n'
    said = '"""Of the module."""\n\n\ndef f(x):\n    """Of f,\n    in two lines."""\n    return "#" + x  # why\n'
    said += '\n\nNAME = "a"\n"""Of NAME."""\n'
    for name, text in (("bare", bare), ("said", said), ("other", bare.replace('"a"', '"b"'))):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert code(tmp_path / "bare") == code(tmp_path / "said") != code(tmp_path / "other")
    assert 'return "#" + x' in code(tmp_path / "said")


def test_mending_an_interval_trains_nothing() -> None:
    users = {name for name in stage_names() if "gemquad.scoring.bootstrap" in closure(name)}
    assert users == {"audit", "intervals"}


def test_a_stage_depends_on_the_parts_of_a_task_that_it_asks_for() -> None:
    prompts, heads = "gemquad.tasks.extractive_qa.prompt", "gemquad.tasks.labelled.class_head"
    assert prompts in closure("generate") and prompts not in closure("finetune") | closure("prepare")
    assert heads in closure("finetune") and heads not in closure("generate") | closure("decide")
    assert not any(module.startswith("gemquad.views") for module in closure("finetune") | closure("filter"))


def test_a_stage_refuses_code_that_its_lock_does_not_know(tmp_path: Path) -> None:
    lock = tmp_path / "code.lock.yaml"
    with pytest.raises(UserError, match=r"code\.lock\.yaml does not exist.*gemquad lock"):
        refuse_stale("decide", lock)
    assert write_lock(lock) == stage_names() and write_lock(lock) == []
    refuse_stale("decide", lock)
    lock.write_text(lock.read_text().replace(stage_digest("decide"), "0" * 16))
    with pytest.raises(UserError, match=r"the code of stage 'decide' has changed.*Run `gemquad lock`"):
        refuse_stale("decide", lock)
    assert write_lock(lock) == ["decide"]
    lock.write_text(f"<<<<<<< ours\n{lock.read_text()}")
    with pytest.raises(UserError, match=r"has changed.*Run `gemquad lock`"):
        refuse_stale("decide", lock)
    assert write_lock(lock) == stage_names()


def test_the_template_of_a_card_counts_for_the_stage_that_fills_it_in_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: stage_digest(name) for name in stage_names()}
    read = Path.read_text

    def other(path: Path, **options: str) -> str:
        return read(path, **options) + ("\nmore" if path.name == "model.md.jinja" else "")

    monkeypatch.setattr(Path, "read_text", other)
    assert [name for name in stage_names() if stage_digest(name) != before[name]] == ["report"]
