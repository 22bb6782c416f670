"""A training in two processes, as on two GPUs, but on the CPU."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from conftest import ROOT, question
from gemquad.errors import UserError
from gemquad.files import read_json
from gemquad.parquet import write_records
from gemquad.schema import Question, SyntheticPair
from gemquad.student.processes import PROCESSES, agreed, is_main, on_every_gpu
from gemquad.workspace import RoundFolder, Workspace

NAMES = ["Lima", "Cusco", "Quito"]


def baseline(workspace: Path, processes: str) -> RoundFolder:
    """Run round 0 in a folder of its own, and return its files."""
    made = workspace / processes
    shutil.copytree(workspace / "given", made)
    command = [sys.executable, "-m", "gemquad.stages.finetune", "--round", "0"]
    path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, PROCESSES: processes, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=made, env=environment, check=True, capture_output=True)
    return Workspace(made).round(0)


def test_two_processes_train_as_one(tiny_gemma: Path, tmp_path: Path) -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["student"] |= {
        "model": {"name": str(tiny_gemma)},
        "layers": None,
        "trainable_layers": 1,
        "dtype": "float32",
        "epochs": 2,
    }
    files = Workspace(tmp_path / "given")
    files.root.mkdir()
    shutil.copy(ROOT / "code.lock.yaml", files.code_lock)
    files.params.write_text(yaml.safe_dump(params, allow_unicode=True), encoding="utf-8")
    passages = [f"{'Hoy llueve. ' * (n % 4)}Ana vive en {NAMES[n % 3]}." for n in range(24)]
    gold = [question(passage, NAMES[n % 3], id=f"q{n}") for n, passage in enumerate(passages)]
    write_records(files.gold, Question, gold)
    write_records(files.round(0).silver, SilverPair, [])
    one, two = (baseline(tmp_path, processes) for processes in ("1", "2"))
    losses = [[entry["loss"] for entry in read_json(made.curve)] for made in (one, two)]
    assert len(losses[0]) == 6 and losses[1] == pytest.approx(losses[0], abs=1e-4)
    assert sorted(p.name for p in one.student.iterdir()) == sorted(p.name for p in two.student.iterdir())
    assert not any((tmp_path / "1/.gemquad/checkpoints").iterdir())


def test_a_batch_that_cannot_be_shared_is_a_user_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROCESSES, "3")
    with pytest.raises(UserError, match=r"student\.batch_size is 8, which 3 processes cannot share evenly"):
        on_every_gpu(8)
    monkeypatch.setenv(PROCESSES, "two")
    with pytest.raises(UserError, match="GEMQUAD_PROCESSES is 'two', not a number of processes"):
        on_every_gpu(8)


def test_one_process_agrees_with_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    on_every_gpu(7)
    assert agreed(lambda: 5) == 5 and is_main()
