"""All stages of dvc.yaml in one process, one after the other: what `dvc repro` does, without a new Python for every stage.

The commands are read from dvc.yaml itself. MLflow is left out; one round is run. As a program it does so in a process of its own:
python in_process.py FOLDER OVERRIDES…
"""

import importlib
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml

from gemquad.compose import compose

ROOT = Path(__file__).parents[1]
WITHOUT = ("track", "register")


def run_pipeline(folder: Path, overrides: list[str]) -> None:
    """Compose `overrides` for `folder` and run every stage in it."""
    compose(ROOT, [*overrides, "stopping.max_rounds=1"], folder / "params.yaml")
    environment = {"GEMQUAD_COMPLETIONS": str(folder / "completions.db"), "GEMQUAD_LIVE": "off"}
    with chdir(folder), patch.dict("os.environ", environment):
        for command in commands(folder):
            _, _, module, *arguments = shlex.split(command)
            with patch.object(sys, "argv", [module, *arguments]):
                importlib.import_module(module).main()


def commands(folder: Path) -> Iterator[str]:
    """The command of every stage and of every item of a `foreach`, in the order of dvc.yaml."""
    params = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    for name, stage in stages.items():
        if name in WITHOUT:
            continue
        if "foreach" not in stage:
            yield _filled(stage["cmd"], params)
            continue
        table = _at(stage["foreach"][2:-1], params)
        for key, item in table.items() if isinstance(table, dict) else enumerate(table):
            yield _filled(stage["do"]["cmd"], {**params, "key": key, "item": item})


def _filled(command: str, values: Mapping[str, Any]) -> str:
    return re.sub(r"\$\{([\w.]+)\}", lambda match: str(_at(match[1], values)), command)


def _at(dotted: str, values: Mapping[str, Any]) -> Any:
    for part in dotted.split("."):
        values = values[part]
    return values


if __name__ == "__main__":
    run_pipeline(Path(sys.argv[1]), sys.argv[2:])
