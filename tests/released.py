"""A finished run over the bundled sample, made once for the tests of what is shared of it."""

from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, made_once
from in_process import run_pipeline

SMALL = [
    "backend=scripted",
    "data.limits.gold=24",
    "data.limits.exemplars=6",
    "data.limits.passages=6",
    "data.limits.dev=6",
    "data.limits.test=6",
    "prompting.shots=1",
    "filter.keep_fraction=1.0",
    "generation.require_question_mark=false",
    "filter.min_f1=0.1",
    "stopping.min_new_fraction=0",
    "student.model.wheel=null",
    "student.layers=null",
    "student.trainable_layers=1",
    "student.epochs=1",
    "student.silver_epochs=1",
    "student.dtype=float32",
]


def released_run(factory: pytest.TempPathFactory, student: Path) -> Path:
    """Two languages, one round."""
    return made_once(factory, "released", lambda folder: run_small(folder, student))


def run_small(folder: Path, student: Path, *overrides: str, **how: Any) -> None:
    """The same run in a folder of its own; `how` goes to `run_pipeline`."""
    (folder / "data").mkdir(parents=True)
    (folder / "data/sample").symlink_to(ROOT / "data/sample")
    run_pipeline(folder, [*SMALL, f"student.model.name={student}", *overrides], **how)
