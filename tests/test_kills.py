"""Killed at random moments, a run loses nothing, doubles nothing, and goes on to the same bytes by the same command.

`make kills` does it a hundred times, and with whole runs: KILLS and SEED in the environment say how often, and which moments.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from checkout import Checkout
from conftest import ROOT, clone_project
from kills import WATCH
from test_pipeline import copy, finished, tiny_settings  # noqa: F401, fixtures

KILLS = int(os.environ.get("KILLS", 0))
SEED = os.environ.get("SEED", str(time.time_ns() % 10**6))
SMALL = {"lang": "[es]", "stopping.max_rounds": 1, "stopping.patience": 1}


def run(folder: Path, *command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder / "src"), str(ROOT / "tests")])}
    environment |= {"DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(folder.parent / "site"), "HF_HUB_OFFLINE": "1"}
    del environment["MLFLOW_TRACKING_URI"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def kill(folder: Path, kills: int, *what: str) -> None:
    said = run(folder, sys.executable, str(ROOT / "tests/kills.py"), str(kills), SEED, *what)
    print(f"seed {SEED}\n{said}")
    for count in map(json.loads, said.splitlines()):
        assert count["kills"] >= kills
        assert (count["lost"], count["doubled"], count["differing"], count["by_hand"]) == (0, 0, 0, 0), said


def test_a_killed_stage_goes_on_to_the_same_bytes(copy: Checkout) -> None:  # noqa: F811, fixtures
    kill(copy.root, KILLS // 3 or 2, "generate", "finetune")


@pytest.mark.skipif(not KILLS, reason="a whole run takes minutes: make kills")
def test_a_killed_run_goes_on_to_the_same_bytes(tiny_gemma: Path, tmp_path: Path) -> None:
    settings = {**tiny_settings(tiny_gemma), **SMALL}
    pristine = clone_project(tmp_path / "pristine")
    run(
        pristine, sys.executable, "-m", "gemquad.cli", "compose", *(f"{key}={value}" for key, value in settings.items())
    )
    shutil.copytree(pristine, tmp_path / "run", symlinks=True)
    run(tmp_path / "run", *WATCH)
    kill(tmp_path / "run", KILLS - 2 * (KILLS // 3), str(pristine))
