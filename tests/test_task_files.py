"""Every file of conf/task composes to a task with everything a task needs; and a new task is such a file and nothing else."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from checkout import Checkout
from conftest import ROOT, clone_project
from gemquad.params import load_params
from gemquad.settings.compose import compose
from gemquad.tasks.loading import load_task

NAMES = sorted(path.stem for path in (ROOT / "conf/task").glob("[!_]*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_task_of_the_project_has_prompts_head_format_and_metrics(name: str, tmp_path: Path) -> None:
    data = [] if name == "extractive_qa" else ["data=files", "data.gold=null", "+data.languages.ja={dev: d, test: t}"]
    params = load_params(compose(ROOT, [f"task={name}", *data], tmp_path / "params.yaml"))
    task = load_task(params)
    assert task.name == name
    assert load_task(params).prompter
    assert load_task(params).format.record is task.records.example
    assert load_task(params).head()
    assert params.stopping.metric in {metric.name for metric in task.metrics}


@pytest.mark.parametrize("name", ["marc-ja", "jnli"])
def test_a_task_with_a_bundled_sample_names_files_that_are_there(name: str, tmp_path: Path) -> None:
    params = load_params(compose(ROOT, [f"task={name}"], tmp_path / "params.yaml"))
    read = load_task(params).format.read
    for key, path in params.data.sources.items():
        role, language = params.data.role_of(key)
        assert read(ROOT / path, language, role)


PAGE = (ROOT / "docs/new-task.md").read_text(encoding="utf-8")


def test_the_new_task_of_the_documentation_works_as_it_stands_there(tiny_gemma: Path, tmp_path: Path) -> None:
    """Files and commands in their order; only the model is a tiny one and the rounds are short."""
    tiny = {
        "generator.name": tiny_gemma,
        "generator.wheel": "null",
        "student.model.name": tiny_gemma,
        "student.model.wheel": "null",
        "student.layers": "null",
        "student.trainable_layers": 1,
        "student.epochs": 1,
        "student.silver_epochs": 1,
        "student.dtype": "float32",
        "generation.dtype": "float32",
        "generation.max_text_tokens": 8,
        "prompting.prompts": 32,
        "stopping.max_rounds": 1,
        "stopping.min_new_fraction": 0,
    }
    copy = Checkout(clone_project(tmp_path / "project"), {})
    source_before = {path: path.read_bytes() for path in (copy.root / "src").rglob("*.py")}
    for name, content in re.findall(r"```\w+ title=\"(\S+)\"\n(.*?)```", PAGE, re.DOTALL):
        (copy.root / name).parent.mkdir(parents=True, exist_ok=True)
        (copy.root / name).write_text(content, encoding="utf-8")
    said = ""
    for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL):
        for line in block.strip().split("\n"):
            sets = [part for key, value in tiny.items() for part in ("-S", f"{key}={value}")]
            said += copy.run(*shlex.split(line), *(sets if line.startswith("dvc exp run") else []))
    assert "| pt | " in said and "test macro F1" in said, "gemquad summary"
    assert "macro_f1" in copy.run("dvc", "exp", "show", "--csv")
    assert {path: path.read_bytes() for path in (copy.root / "src").rglob("*.py")} == source_before
    (parent,) = copy.parents()
    assert {"test_accuracy_pt", "dev_accuracy_pt", "rounds/silver_pt"} <= set(parent.data.metrics)
    assert {"test_accuracy_pt", "scores/test_macro_f1_pt", "silver_pt"} <= set(copy.children(parent)["1"].data.metrics)
    intervals = copy.json("metrics/intervals.json")
    assert {"baseline", "zero_shot_llm", "few_shot_llm", "silver_alone"} <= {s["system"] for s in intervals["systems"]}
    assert "macro F1" in (copy.root / "reports/index.html").read_text(encoding="utf-8")


def test_the_documentation_names_every_setting_of_a_task() -> None:
    task = yaml.safe_load((ROOT / "conf/task/jnli.yaml").read_text(encoding="utf-8"))
    for key in [*task["task"], *task["prompting"]]:
        assert f"{key}" in PAGE, key
