"""What identifies a pipeline state, all of it known before the first training: settings, code, and the hashes of its data."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gemquad.params import BESIDE_THE_ROUNDS, flat_settings
from gemquad.repository.dvc_lock import Recorded, read_lock
from gemquad.tracking.values import mlflow_name
from gemquad.workspace import Workspace
from gemquad.yaml_files import read_yaml

_BEFORE_TRACKING = ("prepare", "prompt", "generate", "finetune@0", "evaluate@0", "decide@0")
"""What has run before a round is logged, so that dvc.lock has its code, whatever became of the code since."""

_LOCK, _COMPOSE = "Run `gemquad lock` to write it.", "Run `gemquad compose` to write it."


@dataclass(frozen=True)
class PipelineState:
    """Settings the rounds depend on by dotted name, outputs in dvc.lock by path, digests of code by stage."""

    settings: Mapping[str, Any]
    outputs: Mapping[str, Recorded]
    code: Mapping[str, str]

    @staticmethod
    def read(files: Workspace, is_training: bool = False) -> "PipelineState":
        """The state that `params.yaml` and `dvc.lock` describe; the code of one in training stands in `code.lock.yaml` alone."""
        lock = read_lock(files.lock)
        digests = read_yaml(files.code_lock, _LOCK, _LOCK) if is_training else {}
        code = {name: digests.get(name.split("@")[0]) or lock.code.get(name, "") for name in _BEFORE_TRACKING}
        named = flat_settings(read_yaml(files.params, _COMPOSE, _COMPOSE))
        settings = {
            name: value
            for name, value in named.items()
            if value is not None and name.split(".")[0] not in BESIDE_THE_ROUNDS
        }
        return PipelineState(settings, lock.written, code)

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits over settings, code and prepared data."""
        data = [(path, output.md5) for path, output in self.outputs.items() if path.startswith("data/prepared/")]
        identity = (sorted(self.settings.items()), sorted(self.code.items()), sorted(data))
        return hashlib.sha256(repr(identity).encode()).hexdigest()[:16]

    @property
    def model_name(self) -> str:
        """What students of this task and these languages are called in a registry: "gemquad-TASK-es-hi"."""
        languages = self.settings["lang"]
        named = [languages] if isinstance(languages, str) else languages
        return mlflow_name("-".join(["gemquad", self.settings["task.name"], *named]))
