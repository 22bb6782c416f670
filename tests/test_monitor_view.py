"""The frame as a terminal shows it."""

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from gemquad.monitor.run import Run
from gemquad.monitor.view import view
from gemquad.progress import JobState

PIPELINE = """
stages:
  read:
    foreach: ${sources}
    do: {cmd: x}
  prepare: {cmd: x}
  filter: {foreach: "${rounds}", do: {cmd: x}}
  finetune: {foreach: "${rounds}", do: {cmd: x}}
  decide: {foreach: "${scored}", do: {cmd: x}}
  report: {cmd: x}
"""
PARAMS = "sources: {en: 1, es: 2}\nrounds: {'1': 1, '2': 2, '3': 3}\nscored: {'0': 1}\nstopping: {metric: f1}\n"

LINES = """\
Reproducing experiment 'lyric-jota'
Stage 'read@en' didn't change, skipping
Stage 'read@es' didn't change, skipping
Stage 'prepare' is cached - skipping run, checking out outputs
Running stage 'decide@0':
Running stage 'filter@1':
WARNING: row 17 of a file has a very long text that no terminal of any ordinary width would show in a single line
Running stage 'finetune@1':
\x1b[31mloading\x1b[0m
50%\r100% [bold]
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    (tmp_path / "params.yaml").write_text(PARAMS)
    decision = {"stop": False, "reason": "baseline", "history": [{"round": 0, "dev_score": 48.9}]}
    (tmp_path / "metrics/rounds/0").mkdir(parents=True)
    (tmp_path / "metrics/rounds/0/decision.json").write_text(json.dumps(decision))
    run = Run(lambda: tmp_path, 0.0)
    for line in LINES.split("\n"):
        run.read(line, 10.0)
    return run


def frame(run: Run, width: int, *jobs: JobState) -> list[str]:
    console = Console(file=StringIO(), force_terminal=True, width=width, record=True)
    console.print(view(run, jobs, "dvc exp run -S lang=hi", 400.0))
    return [line.rstrip() for line in console.export_text().splitlines()]


TRAINING = JobState("training on silver", 120, 400, "steps", 2.13, 1)
LOADING = JobState("loading", 0, 4, "files", 0.0, 1)


@pytest.mark.parametrize("width", [80, 120])
def test_a_frame(run: Run, width: int) -> None:
    lines = frame(run, width, TRAINING, LOADING)
    assert all(len(line) <= width for line in lines)
    warning = LINES.splitlines()[6]
    assert lines == [
        "dvc exp run -S lang=hi · lyric-jota · stage 6 of 11 · 6:40",
        "",
        "▶ finetune@1  6:30",
        "  training on silver ━━━━━━╺━━━━━━━━━━━━━ 120/400 steps 2.1/s 2:11 left",
        "  loading            ━━━━━━━━━━━━━━━━━━━━ 0/4 files",
        "",
        "           read 2/2 =  prepare ↺",
        "round 0    decide ✓",
        "round 1    filter ✓  finetune ▶",
        "rounds 2–3 filter ·  finetune ·",
        "           report ·",
        "",
        "dev f1: baseline 48.9",
        "",
        warning if len(warning) <= width else f"{warning[: width - 1]}…",
        "loading",
        "100% [bold]",
    ]


def test_a_narrow_frame_breaks_between_stages(run: Run) -> None:
    lines = frame(run, 28, TRAINING)
    assert all(len(line) <= 28 for line in lines)
    at = lines.index("           read 2/2 =")
    assert lines[at + 1] == "           prepare ↺"


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (60, "  training… ━━━╺━━━━━━━ 12000/40000 steps 2.0/s 3:53:20 left"),
        (40, "… ━ 12000/40000 steps 2.0/s 3:53:20 left"),
    ],
)
def test_where_there_is_little_room_label_and_bar_give_way_to_numbers(run: Run, width: int, line: str) -> None:
    job = JobState("training on silver of the twelfth round", 12000, 40000, "steps", 2.0, 1)
    assert line in frame(run, width, job)


@pytest.mark.parametrize("label", ["[bold]", "all [/b]", "[red]x[/red]"])
def test_a_label_is_text_not_markup(run: Run, label: str) -> None:
    assert frame(run, 80, JobState(label, 1, 4, "steps", 0.0, 1))[3].startswith(f"  {label} ━")


def test_a_job_that_does_more_than_it_announced_has_no_time_left(run: Run) -> None:
    assert frame(run, 80, JobState("training", 5, 4, "steps", 1.0, 1))[3].endswith("5/4 steps 1.0/s 0:00 left")


def test_a_job_of_nothing_has_a_bar(run: Run) -> None:
    assert frame(run, 80, JobState("training", 0, 0, "steps", 0.0, 1))[3].endswith("0/0 steps")


def test_before_the_first_stage_there_is_only_the_plan(run: Run, tmp_path: Path) -> None:
    lines = frame(Run(lambda: tmp_path, 390.0), 80)
    assert lines[:3] == ["dvc exp run -S lang=hi · 0:10", "", "           read 0/2 ·  prepare ·"]
    assert lines[3:5] == ["round 0    decide ·", "rounds 1–3 filter ·  finetune ·"]
