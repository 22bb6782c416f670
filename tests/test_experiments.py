import hashlib
import json
import subprocess
from collections.abc import Sequence
from contextlib import chdir
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from gemquad.errors import UserError
from gemquad.files import write_json
from gemquad.report.content import ExperimentRow
from gemquad.report.experiments import compared, finished, rows, show
from gemquad.schema.results import Intervals, Selection
from test_page import NUMBERS, delta, labelled_system, system

READING = {"name": "reading", "kind": "extractive_qa"}
REVIEWS = {
    "name": "reviews",
    "kind": "pair_similarity",
    "range": [0, 5],
    "columns": {"text": "text", "second": "second", "label": "label"},
    "metrics": ["pearson", "spearman"],
}
INTERVALS = Intervals(
    [system("baseline", 58.5), system("round-1", 60.9)], [delta("round-1", "baseline", "f1", 2.4, -1.0, 5.8)]
)


def write(
    root: Path, selected: int = 1, intervals: Intervals = INTERVALS, ended: bool = True, **params: Any
) -> list[str]:
    """The four files of a run, and their texts."""
    settings = yaml.safe_dump({"task": READING, "seed": 13, "lang": ["es", "hi"], "rounds": {"1": {}}, **params})
    md5 = hashlib.md5(settings.encode()).hexdigest() if ended else "of other parameters"
    write_json(
        root / "metrics/selection.json",
        Selection(
            selected,
            60.0,
            silver=35 * bool(selected),
            stopped="round 1: enough",
            system=f"round-{selected}" if selected else "baseline",
        ),
    )
    write_json(root / "metrics/intervals.json", intervals)
    (root / "params.yaml").write_text(settings, encoding="utf-8")
    (root / "dvc.lock").write_text(
        f"stages: {{report: {{deps: [{{path: params.yaml, md5: {md5}}}]}}}}", encoding="utf-8"
    )
    names = ("metrics/selection.json", "metrics/intervals.json", "params.yaml", "dvc.lock")
    return [(root / name).read_text(encoding="utf-8") for name in names]


def run(root: Path, name: str, *args: Any, **params: Any) -> ExperimentRow:
    found = finished(name, write(root, *args, **params))
    assert found
    return found


def test_the_scores_are_those_of_the_selected_system(tmp_path: Path) -> None:
    row = run(tmp_path, "a")
    assert (row["name"], row["best"], row["stopped"]) == ("a", "round-1", "round 1: enough")
    assert row["scores"] == {
        "F1 es": 60.9, "gain F1 es": "+2.4 (−1.0 to +5.8) n.s.", "EM es": 50.9, "F1 de": 61.9, "EM de": 51.9,
    }  # fmt: skip
    baseline = run(tmp_path, "b", 0)
    assert (baseline["best"], baseline["scores"]["F1 es"]) == ("baseline", 58.5)
    assert not [name for name in baseline["scores"] if name.startswith("gain")]


def test_only_what_differs_is_shown_and_nothing_derived(tmp_path: Path) -> None:
    changed = {"lang": ["es"], "rounds": {"1": {}, "2": {}}, "data": {"gold": None}}
    found = compared([run(tmp_path, "a", data={"gold": "squad"}), run(tmp_path, "b", **changed)])
    assert [row["changed"] for row in found] == [
        {"lang": "es, hi", "data.gold": "squad"},
        {"lang": "es", "data.gold": "null"},
    ]


def test_settings_are_compared_within_a_task_and_long_ones_are_cut(tmp_path: Path) -> None:
    systems = [labelled_system("baseline", 50.0, NUMBERS), labelled_system("round-1", 51.0, NUMBERS)]
    other: dict[str, Any] = {"intervals": Intervals(systems, []), "task": REVIEWS}
    made = [
        run(tmp_path, name, prompting={"words": words}, **other) for name, words in (("b", ["x"]), ("c", ["y" * 99]))
    ]
    first, second, third = compared([run(tmp_path, "a"), *made])
    assert first["changed"] == {"task.name": "reading"}
    assert second["changed"] == {"task.name": "reviews", "prompting.words": "x"}
    assert len(third["changed"]["prompting.words"]) == 60 and third["changed"]["prompting.words"].endswith("…")


def test_the_table_begins_with_the_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show(compared([run(tmp_path, "a", seed=1), run(tmp_path, "b", 0, seed=2)]))
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "| experiment | selected | F1 es | F1 de | silver | differs in |",
        "| --- | --- | --- | --- | --- | --- |",
        "| a | round 1 | 60.9, +2.4 (−1.0 to +5.8) n.s. | 61.9 | 35 | seed=1 |",
        "| b | baseline | 58.5 | 59.5 | 0 | seed=2 |",
    ]


def test_the_table_fits_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    show(compared([run(tmp_path, "a" * 70, seed=1, stopping={"patience": 1}), run(tmp_path, "b", 0, seed=2)]))
    table = capsys.readouterr().out.split("\n\n")[0]
    assert "|" not in table and "60.9" in table and "seed=2" in table
    assert "…" not in table, "no value is cut"
    assert max(map(len, table.replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines())) <= 60


def test_what_did_not_end_is_no_experiment_and_another_version_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert finished("a", [None, *write(tmp_path)[1:]]) is None
    assert finished("a", write(tmp_path, ended=False)) is None, "results of the run before"
    assert capsys.readouterr().err == ""
    texts = write(tmp_path)
    assert finished("old", [json.dumps({"round": 1}), *texts[1:]]) is None
    assert finished("odd", write(tmp_path, task={"name": "reading"})) is None
    said = capsys.readouterr().err.splitlines()
    assert [line.split(" (")[0] for line in said] == ["left out: old", "left out: odd"]


def test_fifty_experiments_are_read_by_two_processes_of_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[str]] = []
    run_process = subprocess.run

    def counted(command: Sequence[str], **options: Any) -> Any:
        asked.append(command)
        return run_process(command, **options)

    git = partial(run_process, cwd=tmp_path, check=True, capture_output=True, text=True)
    git(["git", "init", "-q"])
    write(tmp_path)
    git(["git", "add", "-A"])
    git(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "a run"])
    base = git(["git", "rev-parse", "HEAD"]).stdout.strip()
    made = "".join(f"create refs/exps/{base[:2]}/{base[2:]}/run-{i:02} {base}\n" for i in range(50))
    git(["git", "update-ref", "--stdin"], input=made)
    monkeypatch.setattr(subprocess, "run", counted)
    with chdir(tmp_path):
        assert [row["name"] for row in rows()] == ["HEAD", *(f"run-{i:02}" for i in range(50))]
    assert [command[1] for command in asked] == ["for-each-ref", "cat-file"]


def test_experiments_are_read_out_of_git(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        who = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        return subprocess.run(
            ["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    def commit() -> str:
        git("add", "-A")
        git("commit", "-qm", "a run")
        return git("rev-parse", "HEAD").strip()

    git("init", "-q")
    write(tmp_path, seed=1)
    base = commit()
    namespace = f"refs/exps/{base[:2]}/{base[2:]}"
    for name, seed in (("a", 2), ("b", 3)):
        write(tmp_path, seed=seed)
        git("update-ref", f"{namespace}/{name}", commit())
    git("update-ref", "refs/exps/exec/EXEC_HEAD", "HEAD")
    git("reset", "-q", "--hard", base)
    with chdir(tmp_path):
        assert [(row["name"], row["changed"]["seed"]) for row in rows()] == [("HEAD", "1"), ("a", "2"), ("b", "3")]
        write(tmp_path, seed=3)
        assert [row["name"] for row in rows()] == ["HEAD", "a", "b"], "the workspace is an experiment"
        write(tmp_path, seed=4)
        assert rows()[0]["name"] == "workspace"
        write(tmp_path, seed=4, ended=False)
        assert [row["name"] for row in rows()] == ["HEAD", "a", "b"], "a run is at work"


def test_outside_a_repository_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with chdir(tmp_path), pytest.raises(UserError, match="no Git repository"):
        rows()
