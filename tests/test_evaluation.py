"""Two workers of a real local Ray answer what one process answers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import ray

from conftest import ROOT, pair
from gemquad.errors import UserError
from gemquad.params import Student, load_params
from gemquad.student import inference
from gemquad.student.evaluation import label_candidates, predict
from gemquad.tasks.loading import load_saved_task
from tiny_students import TASKS, examples

pytest_plugins = ["tiny_students"]
HEAD, TASK = load_saved_task(TASKS["questions"]).head(), load_saved_task(TASKS["questions"])
SETTINGS: Student = replace(load_params(ROOT / "params.yaml").student, dtype="float32", trainable_layers=1)
SPLITS = {"dev": examples("questions", 7), "test": examples("questions", 3)}


def test_two_ray_workers_predict_as_one_process(
    student: Callable[[str, str], Path],
    two_workers: None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """In pieces of four: two of dev and one of test. Confidences may differ by rounding, with the number of threads."""
    monkeypatch.setattr(inference, "_PIECE", 4)
    folder = student("questions", "gemma")
    over_ray = predict(folder, SPLITS, SETTINGS, TASK, HEAD)
    assert "answering dev, answering test: 100% 10/10 [" in capfd.readouterr().err
    monkeypatch.delenv("GEMQUAD_RAY_WORKERS")
    alone = predict(folder, SPLITS, SETTINGS, TASK, HEAD)
    assert [one.answer for one in alone[:4]] == ["Lima", "Cusco", "Quito", "Bogotá"]
    assert over_ray == [replace(one, confidence=pytest.approx(one.confidence, abs=1e-6)) for one in alone]


def test_a_student_that_is_not_there_is_missed_before_ray_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMQUAD_RAY_WORKERS", "2")
    with pytest.raises(UserError, match="holds no student"):
        label_candidates(tmp_path, [pair()], SETTINGS, HEAD)
    assert not ray.is_initialized()
