"""What identifies a pipeline state: its parameters, and the hashes DVC has of what the rounds start from."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from gemquad.params import BESIDE_THE_ROUNDS, flat_settings
from gemquad.workspace import Workspace

_START_STAGES = ("prepare", "prompt", "generate", "finetune@0")


@dataclass(frozen=True)
class PipelineState:
    """`settings` are the parameters the rounds depend on, by dotted name; `hashes` the MD5 of every output in dvc.lock, by path."""

    settings: Mapping[str, Any]
    hashes: Mapping[str, str]
    start: tuple[tuple[str, str], ...]
    """Path and hash of what the rounds start from."""

    @staticmethod
    def read(files: Workspace) -> "PipelineState":
        """The state that `params.yaml` and `dvc.lock` describe."""
        stages: dict[str, Any] = _load(files.lock).get("stages", {})
        outputs = {name: [(out["path"], out.get("md5", "")) for out in stages[name].get("outs", [])] for name in stages}
        named = flat_settings(_load(files.params))
        return PipelineState(
            settings={
                name: value
                for name, value in named.items()
                if value is not None and name.split(".")[0] not in BESIDE_THE_ROUNDS
            },
            hashes=dict(output for outs in outputs.values() for output in outs),
            start=tuple(sorted(output for name in _START_STAGES for output in outputs.get(name, []))),
        )

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits over the parameters and the outputs the rounds start from."""
        return hashlib.sha256(repr((sorted(self.settings.items()), list(self.start))).encode()).hexdigest()[:16]

    @property
    def title(self) -> str:
        """The languages and the task as a title: "es+hi TASK"."""
        return f"{'+'.join(self.settings.get('lang', []))} {self.settings.get('task.name', '')}".strip()

    @property
    def model_name(self) -> str:
        """What students of this task and these languages are called in a registry: "gemquad-TASK-es-hi"."""
        return "-".join(["gemquad", str(self.settings.get("task.name", "")), *self.settings.get("lang", [])])


def _load(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}
    return loaded
