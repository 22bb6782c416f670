"""A clone of this project in which the tests run commands as a user would type them, with settings small enough to wait for."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Run

import warm_python


class Checkout:
    """A clone in which commands run as a user would type them; trainings are followed live where `environment` says so."""

    def __init__(
        self, root: Path, settings: Mapping[str, object], environment: Mapping[str, str] | None = None
    ) -> None:
        self.root, self.settings, self.environment = root, settings, environment or {}

    def run(self, *command: str, ok: bool = True) -> str:
        environment = {
            **os.environ,
            "GEMQUAD_LIVE": "off",
            **self.environment,
            "PATH": os.pathsep.join([str(warm_python.folder()), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str(self.root / "src"),
            "DVC_NO_ANALYTICS": "1",
        }
        environment.pop("MLFLOW_TRACKING_URI", None)
        environment["WARM_PYTHON_FOR"] = warm_python.imported(os.environ)
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)
        output = done.stdout + done.stderr
        assert (done.returncode == 0) == ok, output
        return output

    def experiment(self, *options: str, ok: bool = True, **changes: object) -> str:
        settings = {**self.settings, **{key.replace("__", "."): value for key, value in changes.items()}}
        sets = [part for key, value in settings.items() for part in ("-S", f"{key}={value}")]
        return self.run("dvc", "exp", "run", *options, *sets, ok=ok)

    def compose(self, *overrides: str) -> None:
        """Write params.yaml, as `dvc exp run -S` would."""
        replaced = {override.split("=")[0] for override in overrides}
        settings = [f"{key}={value}" for key, value in self.settings.items() if key not in replaced]
        self.run("gemquad", "compose", *settings, *overrides)

    def stages_run(self, output: str) -> set[str]:
        return {line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage")}

    def runs(self) -> list[Run]:
        client = MlflowClient(tracking_uri=f"sqlite:///{self.root / 'mlflow.db'}")
        experiment = client.get_experiment_by_name("gemquad")
        assert experiment
        return list(client.search_runs([experiment.experiment_id]))

    def parents(self) -> list[Run]:
        return [run for run in self.runs() if run.data.tags["gemquad.round"] == "parent"]

    def children(self, parent: Run) -> dict[str, Run]:
        own = [r for r in self.runs() if r.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
        by_round = {run.data.tags["gemquad.round"]: run for run in own}
        assert len(by_round) == len(own), "a round is logged twice"
        return by_round

    def json(self, path: str) -> dict[str, object]:
        return json.loads((self.root / path).read_text(encoding="utf-8"))
