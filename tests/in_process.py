"""All stages of dvc.yaml in one process, one after the other: what `dvc repro` does, without a new Python for every stage.

DVC resolves dvc.yaml. MLflow is left out; one round is run. As a program it does so in a process of its own:
python in_process.py FOLDER OVERRIDES…
"""

import importlib
import inspect
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, chdir, nullcontext
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import yaml
from dvc.parsing import DataResolver
from dvc.repo import Repo

from gemquad.settings.compose import compose

ROOT = Path(__file__).parents[1]
LOGGING = ("track", "register")


class Call(NamedTuple):
    """A stage, or an item of one: its arguments, and its entry in `dvc.yaml` as DVC resolves it."""

    stage: str
    arguments: dict[str, Any]
    entry: dict[str, Any]


def run_pipeline(
    folder: Path,
    overrides: list[str],
    without: tuple[str, ...] = LOGGING,
    watched: Callable[[Call], AbstractContextManager[object]] = lambda call: nullcontext(),
) -> None:
    """Compose `overrides` for `folder` and run every stage in it, each within what `watched` gives."""
    (folder / "conf").mkdir(exist_ok=True)
    shutil.copy(ROOT / "conf/catalogue.yaml", folder / "conf")
    compose(ROOT, [*overrides, "stopping.max_rounds=1"], folder / "params.yaml")
    environment = {"GEMQUAD_COMPLETIONS": str(folder / "completions.db"), "GEMQUAD_LIVE": "off"}
    with chdir(folder), patch.dict("os.environ", environment):
        for call in calls():
            if call.stage not in without:
                with watched(call):
                    run_call(call)


def run_call(call: Call) -> None:
    """Run a stage in the current folder."""
    importlib.import_module(f"gemquad.stages.{call.stage}").main(**call.arguments)


def calls() -> Iterator[Call]:
    """Every stage and every item of a `foreach`, in an order in which one finds what it reads: the loop round by round."""
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    resolved = DataResolver(Repo(uninitialized=True), ".", {"stages": stages}).resolve()["stages"]
    every = [_call(address, entry) for address, entry in resolved.items()]
    of_rounds = [at for at, call in enumerate(every) if "round" in call.arguments]
    rounds = sorted((every[at] for at in of_rounds), key=lambda call: call.arguments["round"])
    yield from [*every[: of_rounds[0]], *rounds, *every[of_rounds[-1] + 1 :]]


def _call(address: str, entry: dict[str, Any]) -> Call:
    name, _, key = address.partition("@")
    if "round" in inspect.signature(importlib.import_module(f"gemquad.stages.{name}").main).parameters:
        return Call(name, {"round": int(key)}, entry)
    return Call(name, {"key": key} if key else {}, entry)


if __name__ == "__main__":
    run_pipeline(Path(sys.argv[1]), sys.argv[2:])
