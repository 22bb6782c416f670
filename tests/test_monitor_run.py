"""The run as its stages tell of it, over the plan that real DVC makes."""

import json
from pathlib import Path

import pytest

from gemquad.monitor.ending import ending
from gemquad.monitor.run import Run
from gemquad.monitor.watch import _news
from gemquad.report.verdict import verdict
from test_page import content
from test_verdict import OPEN, PLENTY

pytestmark = pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")  # within DVC
ROOT = Path(__file__).parents[1]
PIPELINE = """
stages:
  first: {cmd: x, outs: [a]}
  decide:
    foreach: ${rounds}
    do: {cmd: x, deps: ["${item}"], outs: ["b-${key}"]}
  beside: {cmd: x, deps: [a], outs: [c]}
  last: {cmd: x, deps: [b-1, b-2]}
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("[core]\n    no_scm = True\n")
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    (tmp_path / "params.yaml").write_text("rounds: {'1': a, '2': b-1}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(run: Run, *events: str, experiment: str = "") -> None:
    """Events such as `first began`, ten seconds apart."""
    for at, event in enumerate(events, start=1):
        stage, what = event.split()
        run.take(stage, what, 10.0 * at, str(Path.cwd()), experiment)


def states(run: Run) -> dict[str, str]:
    return {stage: run.status(stage).name for stage in run.stages}


def test_the_plan_of_this_project_is_that_of_dvc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    run = Run("dvc repro")
    addresses = list(run.stages)
    assert addresses.index("read@gold") < addresses.index("prepare") < addresses.index("finetune@0")
    assert not any(address.startswith("compare") for address in addresses), "no other systems by default"
    assert {"filter@1", "decide@0", "track@0", "prepare", "read@gold"} <= run.stages["finetune@1"]
    assert "filter@2" not in run.stages["finetune@1"]


def test_what_comes_before_a_stage_that_begins_was_passed_over(checkout: Path) -> None:
    run = Run("dvc repro")
    told(run, "decide@1 began")
    assert states(run) == {
        "first": "PASSED_OVER",
        "decide@1": "RUNNING",
        "decide@2": "WAITING",
        "beside": "WAITING",
        "last": "WAITING",
    }
    assert run.position() == "stage 2 of 5"


def test_scores_are_told_before_the_stage_after_them_also_where_both_are_seen_at_once(checkout: Path) -> None:
    (checkout / "metrics/rounds/1").mkdir(parents=True)
    decision = {"stop": False, "reason": "baseline", "history": [{"round": 0, "dev_score": 40.0}]}
    (checkout / "metrics/rounds/1/decision.json").write_text(json.dumps(decision))
    run = Run("dvc repro")
    told(run, "decide@1 began")
    for number, (stage, what) in enumerate([("decide@1", "ended"), ("decide@2", "began")]):
        event = {"stage": stage, "what": what, "at": 20.0 + number, "folder": str(checkout), "experiment": ""}
        (checkout / f"{number}.event").write_text(json.dumps(event))
    assert _news(run, checkout) == ["dev: baseline 40.0", "stage 3 of 5: decide@2"]
    assert not list(checkout.glob("*.event"))


def test_a_stage_ends_or_fails_or_is_killed(checkout: Path) -> None:
    run = Run("dvc repro --keep-going")
    told(run, "first began", "first ended", "decide@1 began", "decide@1 failed", "beside began", "last began")
    found = states(run)
    assert found == {
        "first": "RAN",
        "decide@1": "FAILED",
        "decide@2": "PASSED_OVER",
        "beside": "FAILED",
        "last": "RUNNING",
    }
    rows = ending(run, ["dvc", "repro", "--keep-going"], 1, False, 80).splitlines()
    assert rows[:2] == ["first     ran      00:10", "decide@1  failed   00:10"]
    assert rows[2].startswith("beside    failed   ") and rows[3].startswith("last      failed   ")
    assert rows[4].startswith("5 stages in 00:0") and rows[4].endswith(": 1 ran, 3 failed, 1 not run")
    assert rows[5:] == ["", "next: mend what failed, then go on with: gemquad watch dvc repro --keep-going"]


def test_an_interrupted_run_names_the_command_that_goes_on_and_what_stands_in_the_settings(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gemquad.monitor.ending.other_than_defaults", lambda: "lang=[es, hi]")
    run = Run("dvc exp run")
    told(run, "first began", "first ended", "decide@1 began", "decide@1 stopped", "decide@2 began")
    assert states(run)["decide@1"] == "STOPPED"
    rows = ending(run, ["dvc", "exp", "run", "-S", "lang=[es, hi]"], 255, True, 80).splitlines()
    assert rows[1].startswith("decide@1  stopped  ") and rows[2].startswith("decide@2  stopped  "), (
        "killed before it told"
    )
    assert rows[5:] == [
        "interrupted; everything finished is kept, completions and checkpoints too",
        "go on with: gemquad watch dvc exp run -S 'lang=[es, hi]'",
        "params.yaml keeps this run's settings: lang=[es, hi]. `dvc repro` would take them; defaults: gemquad compose",
    ]


def test_an_experiment_that_fails_elsewhere_has_left_no_settings_here(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gemquad.monitor.ending.other_than_defaults", lambda: "seed=3")
    assert "seed=3" not in ending(Run("x"), ["dvc", "exp", "run", "--temp", "-S", "seed=4"], 1, False, 80)
    assert "settings: seed=3." in ending(Run("x"), ["dvc", "exp", "run", "-S", "seed=3"], 1, False, 80)


@pytest.mark.parametrize(
    "command",
    [
        "dvc exp run --queue -S seed=3",
        "dvc exp run --temp",
        "dvc repro --dry",
        "dvc push",
        "dvc status",
        "dvc repro -h",
    ],
)
def test_a_command_that_ran_nothing_here_has_no_result_and_nothing_to_commit(
    checkout: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gemquad.monitor.ending.to_commit", lambda: "Commit this run")
    monkeypatch.setattr(Run, "read_verdict", lambda _: ["Ship it."])
    assert ending(Run("x"), command.split(), 0, False, 80) == "5 stages in 00:00: 5 not run"
    for found_made in ("dvc repro", "dvc exp run"):
        said = ending(Run("x"), found_made.split(), 0, False, 80)
        assert "Ship it." in said and said.endswith("in MLflow\nCommit this run")


def test_a_run_that_ends_before_the_report_says_how_to_go_on(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gemquad.monitor.ending.to_commit", lambda: "Commit this run")
    run = Run("dvc repro first")
    told(run, "first began", "first ended")
    said = ending(run, ["dvc", "repro", "first"], 0, False, 80)
    assert said.endswith("\n\nnext: gemquad watch, which runs the stages that are left")


def test_the_ending_says_whether_to_ship_in_each_language(checkout: Path) -> None:
    run = Run("dvc repro")
    told(run, "last began", "last ended")
    run.verdict = ["Round 2 was selected on dev.", "Spanish: Not shown yet. " + "Against the baseline, " * 4]
    run.stages["report"], run.ended["report"] = set(), run.ended["last"]
    rows = ending(run, ["dvc", "repro"], 0, False, 80).splitlines()
    at = rows.index("Round 2 was selected on dev.")
    assert rows[at + 1 : at + 4] == [
        "",
        "Spanish: Not shown yet. Against the baseline, Against the baseline, Against the",
        "  baseline, Against the baseline,",
    ]
    assert "next:" in rows and rows[-1].endswith(" in MLflow") and all(len(row) <= 80 for row in rows)


def test_the_answer_is_that_of_the_report_without_its_steps(checkout: Path) -> None:
    run = Run("dvc repro")
    assert run.read_verdict() == []
    made = verdict(content(deltas=[OPEN], rounds=PLENTY))
    (checkout / "reports").mkdir()
    (checkout / "reports/verdict.txt").write_text(f"{made.text}\n", encoding="utf-8")
    assert run.read_verdict() == [
        f"Should you ship this student? {made.headline}. {made.selection}",
        f"Spanish: {made.languages[0].answer}. {made.languages[0].evidence}",
    ]
    (checkout / "reports/verdict.txt").write_text("", encoding="utf-8")
    assert run.read_verdict() == []


def test_torchrun_starts_a_stage_anew(checkout: Path) -> None:
    run = Run("dvc repro")
    told(run, "first began", "first began", "first ended")
    assert run.began == {"first": 10.0} and states(run)["first"] == "RAN"


def test_an_experiment_has_a_name_parameters_and_perhaps_a_workspace_of_its_own(checkout: Path) -> None:
    run = Run("dvc exp run --temp -S rounds=3")
    assert len(run.stages) == 5
    other = checkout / "workspace"
    (other / ".dvc").mkdir(parents=True)
    for file in (".dvc/config", "dvc.yaml"):
        (other / file).write_bytes((checkout / file).read_bytes())
    (other / "params.yaml").write_text("rounds: {'1': a, '2': b-1, '3': b-2}\n")
    run.take("first", "began", 1.0, str(other), "lyric-jota")
    assert (run.position(), run.experiment) == ("stage 1 of 6", "lyric-jota")
    assert list(run.stages)[:2] == ["first", "decide@1"], "as DVC names them in that workspace"
    assert Path.cwd() == checkout
    run.take("first", "ended", 2.0, str(other), "lyric-jota")
    said = ending(run, ["dvc", "exp", "run", "--temp"], 0, False, 80)
    assert said.endswith("next: dvc exp apply lyric-jota")


def test_a_plan_that_cannot_be_read_is_learnt_from_the_stages(checkout: Path) -> None:
    (checkout / "dvc.yaml").write_text("stages: [")
    run = Run("dvc repro")
    assert run.stages == {}
    told(run, "decide@1 began", "decide@1 ended", "last began")
    assert states(run) == {"decide@1": "RAN", "last": "RUNNING"}


def decide(checkout: Path, number: int, stop: bool, *dev: float) -> None:
    file = checkout / f"metrics/rounds/{number}/decision.json"
    file.parent.mkdir(parents=True)
    history = [{"round": i, "dev_score": score} for i, score in enumerate(dev)]
    file.write_text(json.dumps({"stop": stop, "reason": f"round {number}: it fell", "history": history}))


def test_a_change_of_nothing_has_no_sign(checkout: Path) -> None:
    decide(checkout, 2, False, 50.0, 49.99)
    run = Run("dvc repro")
    told(run, "decide@2 began", "decide@2 ended")
    assert run.scores == ["dev: baseline 50.0, round 1 50.0 (±0.0)"]


def test_scores_count_as_soon_as_their_stage_is_over_and_not_before(checkout: Path) -> None:
    decide(checkout, 1, False, 50.0, 52.5)
    decide(checkout, 2, True, 50.0, 52.5, 51.0)
    run = Run("dvc repro")
    told(run, "first began", "first ended")
    assert run.scores == []
    told(run, "decide@2 began")
    assert run.scores == ["dev: baseline 50.0, round 1 52.5 (+2.5)"], "of a stage that DVC passed over"
    told(run, "decide@2 ended")
    assert run.scores == [
        "dev: baseline 50.0, round 1 52.5 (+2.5), round 2 51.0 (+1.0)",
        "stopped after round 2: it fell",
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"stop": true, "reason": "", "history": [{}]}'])
def test_a_file_that_is_no_decision_is_passed_over(checkout: Path, text: str) -> None:
    decide(checkout, 1, False, 50.0)
    (checkout / "metrics/rounds/1/decision.json").write_text(text)
    run = Run("dvc repro")
    told(run, "decide@1 began", "decide@1 ended")
    assert run.scores == []
