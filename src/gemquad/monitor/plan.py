"""The stages of `dvc.yaml` in its order, every item of a `foreach` its own; read without DVC, which takes a second to import."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gemquad.workspace import Workspace


@dataclass(frozen=True)
class Step:
    """A stage, or an item of one with its key."""

    name: str
    key: str | None = None

    @property
    def address(self) -> str:
        """The name that DVC gives the step."""
        return self.name if self.key is None else f"{self.name}@{self.key}"

    @property
    def round(self) -> int | None:
        """The number of the round that the step belongs to, which is its numeric key; None for other steps."""
        return int(self.key) if self.key is not None and self.key.isdigit() else None

    @property
    def decision(self) -> Path | None:
        """The file that the step writes the state of the loop to; None unless it is the stage `decide`."""
        return Workspace().round(self.round).decision if self.name == "decide" and self.round is not None else None


@dataclass(frozen=True)
class PipelinePlan:
    """The steps in the order of `dvc.yaml`, and the metric on dev that decides between rounds."""

    steps: tuple[Step, ...] = ()
    metric: str = ""

    def including(self, address: str) -> "PipelinePlan":
        """A plan that also has the step `address`: behind the steps of the same stage, else at the end."""
        if any(step.address == address for step in self.steps):
            return self
        name, _, key = address.partition("@")
        at = max((i for i, step in enumerate(self.steps, start=1) if step.name == name), default=len(self.steps))
        return PipelinePlan((*self.steps[:at], Step(name, key or None), *self.steps[at:]), self.metric)


def read_plan(folder: Path) -> PipelinePlan:
    """The plan of the checkout in `folder`. Unreadable parts are left out: reporting them is left to DVC."""
    files = Workspace(folder)
    stages, params = _read(files.pipeline).get("stages"), _read(files.params)
    steps = [step for name, stage in _mapping(stages).items() for step in _steps(name, _mapping(stage), params)]
    return PipelinePlan(tuple(steps), str(_mapping(params.get("stopping")).get("metric", "")))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return _mapping(yaml.safe_load(path.read_bytes()))
    except (OSError, yaml.YAMLError):
        return {}


def _steps(name: str, stage: Mapping[str, Any], params: Mapping[str, Any]) -> Iterator[Step]:
    """The items of a `foreach` over a table or a list; a `matrix` and what else only DVC expands is learnt as DVC names it."""
    if "foreach" in stage:
        yield from (Step(name, str(key)) for key in _keys(stage["foreach"], params))
    elif "matrix" not in stage:
        yield Step(name)


def _keys(foreach: Any, params: Mapping[str, Any]) -> Iterable[Any]:
    """The keys of what `foreach` names, a table or a list itself, or `${a.b}` of params.yaml."""
    found: Any = foreach
    if isinstance(foreach, str):
        found = params
        for part in foreach.removeprefix("${").removesuffix("}").split("."):
            found = _mapping(found).get(part)
    return found if isinstance(found, list) else _mapping(found)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
