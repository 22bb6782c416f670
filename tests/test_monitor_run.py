"""What is understood of DVC's output: recorded from DVC 3.67."""

import json
from pathlib import Path

import pytest

from gemquad.monitor.lines import Kind, StageEvent, is_ordinary, parse
from gemquad.monitor.plan import PipelinePlan, Step, read_plan
from gemquad.monitor.rows import Cell, StageRow, rows
from gemquad.monitor.run import Run, Status
from gemquad.monitor.summary import announcement, duration, summary

ROOT = Path(__file__).parents[1]

FAILING = """\
Stage 'first' didn't change, skipping
Running stage 'decide@1':
> echo 1 > each-1.txt
one
Updating lock file 'dvc.lock'

Stage 'decide@2' is cached - skipping run, checking out outputs
Updating lock file 'dvc.lock'

Running stage 'last':
> python -c "import sys; print('about to fail'); sys.exit(3)" && echo x > last.txt
about to fail
ERROR: failed to reproduce 'last': failed to run: python -c "import sys; print('about to fail'); sys.exit(3)", exited with 3
"""

KEPT_GOING = """\
Running stage 'decide@1':
> exit 3
WARNING: failed to run: exit 3, exited with 3
WARNING: Stage 'last' will be skipped due to this failure
Running stage 'decide@2':
> exit 4
WARNING: failed to run: exit 4, exited with 4
ERROR: failed to reproduce stages: 'decide@1' and 'decide@2'
"""

EXPERIMENT = """\
Reproducing experiment 'lyric-jota'
Running stage 'first':
> echo one; echo 1 > first.txt
one

Running stage 'decide@1':
> echo 1 > each-1.txt

Ran experiment(s): lyric-jota
Experiment results have been applied to your workspace.
"""

PIPELINE = """
stages:
  first: {cmd: x, outs: [first.txt]}
  decide:
    foreach: ${rounds}
    do: {cmd: x}
  last: {cmd: x}
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    (tmp_path / "params.yaml").write_text("rounds: {'1': {}, '2': {}}\nstopping: {metric: accuracy}\n")
    return tmp_path


def run_of(transcript: str, checkout: Path) -> Run:
    """A run in which a second passes with every line."""
    run = Run(lambda: checkout, 0.0)
    for now, line in enumerate(transcript.splitlines(), start=1):
        run.read(line, float(now))
    return run


def statuses(run: Run) -> dict[str, str]:
    return {step.address: run.status(step).value for step in run.plan.steps}


def test_the_plan_of_this_project_has_every_stage_in_order() -> None:
    plan = read_plan(ROOT)
    addresses = [step.address for step in plan.steps]
    assert plan.metric == "f1"
    assert addresses.index("read@gold") < addresses.index("prepare") < addresses.index("finetune@0")
    assert addresses.index("filter@2") < addresses.index("decide@1") < addresses.index("report")
    assert not any(address.startswith("compare") for address in addresses), "no other systems by default"
    decisions = {step.address: str(step.decision) for step in plan.steps if step.decision}
    assert decisions == {
        "decide@0": "metrics/rounds/0/decision.json",
        "decide@1": "metrics/rounds/1/decision.json",
        "decide@2": "metrics/rounds/2/decision.json",
    }


def test_items_of_a_table_and_of_a_list_are_steps(tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").write_text("stages: {a: {foreach: '${t.x}', do: {}}, b: {foreach: '${list}', do: {}}}")
    (tmp_path / "params.yaml").write_text("t: {x: {de: 1}}\nlist: [random-13, random-14]")
    addresses = [step.address for step in read_plan(tmp_path).steps]
    assert addresses == ["a@de", "b@random-13", "b@random-14"]


def test_a_plan_that_cannot_be_read_is_learnt_from_dvc(tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").write_text("stages: [")
    run = run_of(FAILING, tmp_path)
    assert list(statuses(run)) == ["first", "decide@1", "decide@2", "last"]


def test_an_unforeseen_item_goes_after_the_others_of_its_name() -> None:
    plan = PipelinePlan((Step("a"), Step("b", "x"), Step("c")))
    learnt = plan.including("b@y").including("b@x").including("sub/dvc.yaml:d")
    assert [step.address for step in learnt.steps] == ["a", "b@x", "b@y", "c", "sub/dvc.yaml:d"]


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("Running stage 'filter@1':", StageEvent(Kind.RUNNING, ("filter@1",))),
        ("'data/raw.dvc' didn't change, skipping", StageEvent(Kind.UNCHANGED, ("data/raw.dvc",))),
        ("Generating lock file 'dvc.lock'", StageEvent(Kind.SAVED)),
        ("ERROR: failed to reproduce 'last'", StageEvent(Kind.FAILED, ("last",))),
        ("ERROR: failed to reproduce stages: 'a', 'b' and 'c'", StageEvent(Kind.FAILED, ("a", "b", "c"))),
        ("ERROR: failed to reproduce 'a': output 'b' does not exist", StageEvent(Kind.FAILED, ("a",))),
        ("  Running stage 'filter@1':", None),
        ("Running stage", None),
    ],
)
def test_lines_of_dvc(line: str, event: StageEvent | None) -> None:
    assert parse(line) == event


def test_ordinary_lines_are_what_neither_dvc_nor_progress_says_anyway() -> None:
    assert is_ordinary("WARNING: file x is odd") and is_ordinary(
        "Use `dvc push` to send your updates to remote storage."
    )
    plain = "training on silver: 120/400 steps, 2.1/s, 133 s left"
    assert not any(is_ordinary(line) for line in ("", "> echo 1", "Updating lock file 'dvc.lock'", plain))


def test_a_run_that_fails(checkout: Path) -> None:
    run = run_of(FAILING, checkout)
    run.end(255, 99.0)
    assert statuses(run) == {"first": "unchanged", "decide@1": "ran", "decide@2": "from cache", "last": "failed"}
    assert list(run.tail) == ["one", "about to fail"]
    assert summary(run, 99.0).splitlines() == [
        "decide@1  ran             0:03",
        "decide@2  from cache      0:01",
        "last      failed          0:03",
        "4 stages in 1:39: 1 ran, 1 unchanged, 1 from cache, 1 failed",
    ]


def test_a_run_that_keeps_going(checkout: Path) -> None:
    run = run_of(KEPT_GOING, checkout)
    assert statuses(run) == {"first": "waiting", "decide@1": "failed", "decide@2": "failed", "last": "waiting"}


def test_a_stage_that_could_not_begin_fails_not_the_one_before(checkout: Path) -> None:
    run = run_of("Running stage 'first':\n> x\n\nERROR: failed to reproduce 'last': missing data 'x'", checkout)
    assert statuses(run) == {"first": "ran", "decide@1": "waiting", "decide@2": "waiting", "last": "failed"}


def test_an_experiment_has_a_name_and_parameters_of_its_own(checkout: Path) -> None:
    run = Run(lambda: checkout, 0.0)
    (checkout / "params.yaml").write_text("rounds: {'1': {}, '2': {}, '3': {}}\n")
    lines = EXPERIMENT.splitlines()
    run.read(lines[0], 1.0)
    assert (len(run.plan.steps), run.experiment) == (4, "lyric-jota")
    run.read(lines[1], 2.0)
    assert announcement(run) == "stage 1 of 5"
    for line in lines[2:]:
        run.read(line, 3.0)
    assert run.current is None
    assert statuses(run)["decide@1"] == "ran"


def decide(checkout: Path, number: int, stop: bool, *dev: float) -> None:
    file = checkout / f"metrics/rounds/{number}/decision.json"
    file.parent.mkdir(parents=True)
    history = [{"round": i, "dev_score": score} for i, score in enumerate(dev)]
    file.write_text(json.dumps({"stop": stop, "reason": f"round {number}: it fell", "history": history}))


def test_scores_count_as_soon_as_their_stage_is_over_and_not_before(checkout: Path) -> None:
    decide(checkout, 1, False, 50.0, 52.5)
    decide(checkout, 2, True, 50.0, 52.5, 51.0)
    run = Run(lambda: checkout, 0.0)
    run.read("Running stage 'decide@1':", 1.0)
    assert run.decision is None
    run.read("Stage 'decide@2' didn't change, skipping", 2.0)
    assert summary(run, 2.0).splitlines()[-2:] == [
        "dev accuracy: baseline 50.0, round 1 52.5 (+2.5), round 2 51.0 (+1.0)",
        "stopped after round 2: it fell",
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"stop": true, "reason": "", "history": [{}]}'])
def test_a_file_that_is_no_decision_is_passed_over(checkout: Path, text: str) -> None:
    decide(checkout, 1, False, 50.0)
    (checkout / "metrics/rounds/1/decision.json").write_text(text)
    run = run_of("Running stage 'decide@1':\nRunning stage 'last':", checkout)
    assert run.decision is None


def test_a_command_that_reaches_no_stage_has_a_short_summary(checkout: Path) -> None:
    assert summary(run_of("Everything is up to date.", checkout), 61.0) == "no stage was reached in 1:01"


def test_rounds_in_the_same_state_share_a_row(checkout: Path) -> None:
    (checkout / "params.yaml").write_text("rounds: {'1': {}, '2': {}, '3': {}, '4': {}}\n")
    run = run_of("Running stage 'first':\nRunning stage 'decide@1':", checkout)
    ran, waiting = Status.RAN, Status.WAITING
    assert rows(run) == [
        StageRow("", (Cell("first", ran, 1, 1),)),
        StageRow("round 1", (Cell("decide", Status.RUNNING, 0, 1),)),
        StageRow("rounds 2–4", (Cell("decide", waiting, 0, 1),)),
        StageRow("", (Cell("last", waiting, 0, 1),)),
    ]


def test_items_beside_the_rounds_are_counted(checkout: Path) -> None:
    (checkout / "params.yaml").write_text("rounds: {en: {}, es: {}, hi: {}}\n")
    run = run_of("Stage 'decide@en' didn't change, skipping\nRunning stage 'decide@es':", checkout)
    assert rows(run)[0].cells[1] == Cell("decide", Status.RUNNING, 1, 3)
    run.end(0, 9.0)
    assert rows(run)[0].cells[1] == Cell("decide", Status.WAITING, 2, 3)


@pytest.mark.parametrize(("seconds", "text"), [(0.9, "0:00"), (67, "1:07"), (3723, "1:02:03"), (90000, "25:00:00")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
