"""The frame as a terminal shows it."""

import json
import os
import time
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from gemquad.monitor.run import Run, Status
from gemquad.monitor.view import view

NAMES = ["read@en", "read@es", "prepare", *(f"{name}@{n}" for name in ("filter", "finetune") for n in (1, 2, 3))]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(Run, "_ask_dvc", lambda run: None)
    monkeypatch.setattr(time, "time", lambda: 1000.0)
    run = Run("dvc exp run -S lang=hi")
    run.start, run.experiment = 600.0, "lyric-jota"
    run.stages = {name: set() for name in [*NAMES, "decide@0", "report"]}
    run.stages["decide@0"] = {"read@en", "read@es"}
    run.began = {"prepare": 700.0, "decide@0": 800.0, "filter@1": 900.0, "finetune@1": 910.0}
    run.ended = {"prepare": (Status.FAILED, 750.0), "decide@0": (Status.RAN, 850.0), "filter@1": (Status.RAN, 910.0)}
    run.scores = ["dev: baseline 48.9"]
    return run


def job(folder: Path, label: str, n: int, total: int, elapsed: float, age: float = 0.0) -> None:
    path = folder / f"{label.replace('/', '')}.json"
    state = {"n": n, "total": total, "elapsed": elapsed, "prefix": label, "unit": "steps"}
    path.write_text(json.dumps(state), encoding="utf-8")
    os.utime(path, (1000.0 - age, 1000.0 - age))


def frame(run: Run, folder: Path, width: int) -> list[str]:
    console = Console(file=StringIO(), force_terminal=True, width=width, record=True)
    console.print(view(run, folder, width))
    lines = [line.rstrip() for line in console.export_text().splitlines()]
    assert all(len(line) <= width for line in lines)
    return lines


@pytest.mark.parametrize(("width", "bar"), [(80, "████▊" + " " * 11), (120, "█" * 16 + "▊" + " " * 39)])
def test_a_frame(run: Run, tmp_path: Path, width: int, bar: str) -> None:
    job(tmp_path, "training on silver", 120, 400, 56.3)
    job(tmp_path, "killed", 1, 4, 2.0, age=60.0)
    assert frame(run, tmp_path, width) == [
        "",
        "dvc exp run -S lang=hi · lyric-jota · stage 6 of 11 · 06:40",
        "",
        "▶ finetune@1  01:30",
        f"  training on silver:  30%|{bar}| 120/400 [00:56<02:11,  2.13steps/s]",
        "",
        "           read 2/2 =  prepare ✗",
        "round 0    decide ✓",
        "round 1    filter ✓  finetune ▶",
        "rounds 2–3 filter ·  finetune ·",
        "           report ·",
        "",
        "dev: baseline 48.9",
    ]


def test_a_narrow_frame_breaks_between_stages(run: Run, tmp_path: Path) -> None:
    lines = frame(run, tmp_path, 28)
    at = lines.index("           read 2/2 =")
    assert lines[at + 1] == "           prepare ✗"


def test_a_job_that_is_slow_shows_seconds_for_each(run: Run, tmp_path: Path) -> None:
    job(tmp_path, "training", 2, 4, 28.6)
    assert frame(run, tmp_path, 80)[4].endswith("| 2/4 [00:28<00:28, 14.30s/steps]")


@pytest.mark.parametrize("label", ["[bold]", "all [/b]", "[red]x[/red]"])
def test_a_label_is_text_not_markup(run: Run, tmp_path: Path, label: str) -> None:
    job(tmp_path, label, 1, 4, 1.0)
    assert frame(run, tmp_path, 80)[4].startswith(f"  {label}:  25%|")


@pytest.mark.parametrize(("n", "total", "text"), [(5, 4, "training: 5steps ["), (0, 0, "training: 0steps [")])
def test_a_job_that_does_more_than_it_announced_or_nothing_has_no_bar(
    run: Run, tmp_path: Path, n: int, total: int, text: str
) -> None:
    job(tmp_path, "training", n, total, 1.0)
    assert frame(run, tmp_path, 80)[4].startswith(f"  {text}")


def test_before_the_first_stage_there_is_only_the_plan(run: Run, tmp_path: Path) -> None:
    run.began, run.ended, run.scores, run.experiment = {}, {}, [], ""
    lines = frame(run, tmp_path, 80)
    assert lines[1:5] == ["dvc exp run -S lang=hi · 06:40", "", "", "           read 0/2 ·  prepare ·"]
    assert lines[5:7] == ["round 0    decide ·", "rounds 1–3 filter ·  finetune ·"]
