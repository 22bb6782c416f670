"""Every command in README and docs works, or a comment above its block says why it was not run.

Without a comment a block is run, in order, in a finished checkout; its experiments get the tests' tiny models and limits.
`composed, not run` is for experiments that would train for minutes: each combination of a sweep is composed and checked as a stage
would, and DVC expands the pipeline for the last.
"""

import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from dvc.parsing import DataResolver
from dvc.repo import Repo
from dvc.utils.hydra import get_hydra_sweeps

from checkout import Checkout
from documentation import DOCUMENTS, MARK, ROOT, Block, blocks
from gemquad.cli import app
from gemquad.params import load_params
from gemquad.settings.compose import compose
from test_pipeline import copy, finished  # noqa: F401, fixtures

BLOCKS = [block for document in DOCUMENTS for block in blocks(document)]
PIPELINE = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands
COMPOSED = [(block, sets) for block in BLOCKS if block.fate == "composed, not run" for sets in block.experiments()]


def run_blocks() -> dict[str, list[Block]]:
    by_document: dict[str, list[Block]] = {}
    for block in BLOCKS:
        if not block.fate:
            by_document.setdefault(block.document, []).append(block)
    return by_document


@pytest.mark.parametrize("document", run_blocks())
def test_the_commands_of_a_document_run(document: str, copy: Checkout) -> None:  # noqa: F811
    tiny = [part for key, value in copy.settings.items() for part in ("-S", f"{key}={value}")]
    (copy.root / ".venv").symlink_to(sys.prefix)
    for block in run_blocks()[document]:
        shell = ("bash", "-euo", "pipefail", "-c") if block.language == "bash" else ("python", "-c")
        copy.run(*shell, block.text.replace("dvc exp run", f"dvc exp run {shlex.join(tiny)}"))


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repo]:
    with chdir(tmp_path_factory.mktemp("repository")), Repo.init(no_scm=True) as repo:
        yield repo


@pytest.mark.parametrize(("block", "overrides"), COMPOSED, ids=lambda value: getattr(value, "document", None))
def test_a_documented_experiment_composes(block: Block, overrides: list[str], repository: Repo) -> None:
    sweeps = get_hydra_sweeps({"params.yaml": overrides}) if overrides else [{"params.yaml": []}]
    path = Path(repository.root_dir) / "params.yaml"
    settings = {str(load_params(compose(ROOT, sweep["params.yaml"], path))) for sweep in sweeps}
    assert len(settings) == len(sweeps), "combinations do not differ"
    stages = DataResolver(repository, repository.root_dir, PIPELINE).resolve()["stages"]
    assert {"prepare", "generate", "decide@1", "report"} <= set(stages)


def test_a_composed_block_holds_experiments_alone() -> None:
    for block in BLOCKS:
        if block.fate == "composed, not run":
            others = [c for c in block.commands() if "dvc exp run" not in " ".join(c) and c[:2] != ["dvc", "queue"]]
            assert not others and "…" not in block.text, f"{block.document}: {others}"


def test_every_mark_is_above_a_block_and_has_a_reason() -> None:
    for document in DOCUMENTS:
        marked = [block for block in blocks(document) if block.fate]
        assert len(marked) == len(MARK.findall(document.read_text(encoding="utf-8"))), f"{document}: an unused mark"
        for block in marked:
            assert block.reason, f"{document}: no reason above {block.text}"
            if block.fate.startswith("run by "):
                assert (ROOT / "tests" / block.fate.removeprefix("run by ")).exists(), block.fate


def test_no_command_hides_in_a_block_of_another_kind() -> None:
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        assert not re.findall(r"^[ \t]+```|^```(?:sh|shell|console|zsh|py)\b", text, re.MULTILINE), document


@pytest.mark.parametrize("document", [path.relative_to(ROOT).as_posix() for path in DOCUMENTS])
def test_gemquad_knows_every_documented_command(document: str) -> None:
    for block in BLOCKS:
        if block.document == document:
            for command in block.commands():
                if "gemquad" in command:
                    name, *words = command[command.index("gemquad") + 1 :]
                    if not name.startswith("--"):
                        COMMANDS[name].make_context(name, words)


def test_a_guide_shows_every_command_of_gemquad() -> None:
    guides = [block for block in BLOCKS if not block.document.startswith("docs/reference/")]
    shown = {after for block in guides for after in re.findall(r"\bgemquad (\w+)", block.text)}
    assert set(COMMANDS) <= shown


def test_there_are_sweeps_over_the_stop_rule_the_sampling_the_generator_and_a_third_language() -> None:
    swept = [" ".join(overrides) for block, overrides in COMPOSED if block.document == "docs/experiments.md"]
    for setting in (
        "stopping.patience=1,2",
        "sampling.temperature=[",
        "generator=gemma-270m,",
        "lang=[hi,es],[hi,es,de]",
    ):
        assert any(setting in overrides for overrides in swept), setting
