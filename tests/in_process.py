"""All stages of dvc.yaml in one process, one after the other: what `dvc repro` does, without a new Python for every stage.

The commands are read from dvc.yaml itself. MLflow is left out; one round is run. As a program it does so in a process of its own:
python in_process.py FOLDER OVERRIDES…
"""

import importlib
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, chdir, nullcontext
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import yaml

from gemquad.compose import compose

ROOT = Path(__file__).parents[1]
LOGGING = ("track", "register")


class Call(NamedTuple):
    """A stage, or an item of one: its arguments, and `dvc.yaml`'s entry with the item filled in."""

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
        for call in calls(folder):
            if call.stage not in without:
                with watched(call):
                    run_call(call)


def run_call(call: Call) -> None:
    """Run a stage in the current folder."""
    importlib.import_module(f"gemquad.stages.{call.stage}").main(**call.arguments)


def calls(folder: Path) -> Iterator[Call]:
    """Every stage and every item of a `foreach`, in an order in which one finds what it reads: the loop round by round."""
    params = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    every = [call for name, stage in stages.items() for call in _items(name, stage, params)]
    of_rounds = [at for at, call in enumerate(every) if "round" in call.arguments]
    rounds = sorted((every[at] for at in of_rounds), key=lambda call: call.arguments["round"])
    yield from [*every[: of_rounds[0]], *rounds, *every[of_rounds[-1] + 1 :]]


def _items(name: str, stage: Mapping[str, Any], params: Mapping[str, Any]) -> Iterator[Call]:
    if "foreach" not in stage:
        yield Call(name, {}, _filled(stage, params))
        return
    table = _at(stage["foreach"][2:-1], params)
    for key, item in table.items() if isinstance(table, Mapping) else zip(table, table, strict=True):
        arguments = {"round": int(key)} if "--round" in stage["do"]["cmd"] else {"key": key}
        yield Call(name, arguments, _filled(stage["do"], {**params, "key": key, "item": item}))


def _filled(entry: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(entry, str):
        return re.sub(r"\$\{([\w.]+)\}", lambda match: str(_at(match[1], values)), entry)
    if isinstance(entry, Mapping):
        return {_filled(key, values): _filled(value, values) for key, value in entry.items()}
    return [_filled(one, values) for one in entry] if isinstance(entry, list) else entry


def _at(dotted: str, values: Mapping[str, Any]) -> Any:
    for part in dotted.split("."):
        values = values[part]
    return values


if __name__ == "__main__":
    run_pipeline(Path(sys.argv[1]), sys.argv[2:])
