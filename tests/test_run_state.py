"""What is said of a checkout whose params.yaml is of other settings than the defaults, or than the table at hand."""

import hashlib
import subprocess
from pathlib import Path

import pytest
import yaml
from filelock import FileLock
from typer import Exit

from conftest import ROOT
from gemquad.commands.results import summary
from gemquad.commands.ui import ui
from gemquad.commands.watch import watch
from gemquad.errors import UserError
from gemquad.repository.run_state import of_other_settings, other_than_defaults, to_commit
from gemquad.settings.compose import compose
from gemquad.tracking.state import PipelineState
from gemquad.workspace import Workspace


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Settings alone, and what DVC records of a run with the defaults."""
    (tmp_path / "conf").symlink_to(ROOT / "conf")
    (tmp_path / "src").symlink_to(ROOT / "src")
    params = compose(tmp_path, [])
    read = [{"path": "params.yaml", "hash": "md5", "md5": hashlib.md5(params.read_bytes()).hexdigest()}]
    settings = yaml.safe_load(params.read_text(encoding="utf-8"))
    recorded = {key: settings[key] for key in ("lang", "seed", "student", "tuning")}
    lock = {"stages": {"report": {"deps": read}, "register": {"params": {"params.yaml": recorded}}}}
    text = yaml.safe_dump(lock).replace("3.0e-05", "3e-05")  # as DVC writes it
    (tmp_path / "dvc.lock").write_text(text, encoding="utf-8")
    return tmp_path


def test_defaults_are_not_mentioned(checkout: Path) -> None:
    assert (other_than_defaults(checkout), of_other_settings(checkout)) == ("", "")


def test_settings_that_a_run_left_behind_are_named(checkout: Path) -> None:
    compose(checkout, ["lang=hi", "student.epochs=3"])
    assert other_than_defaults(checkout) == "student.epochs=3, lang=hi"
    assert of_other_settings(checkout) == "lang=hi, student.epochs=3"


def test_settings_that_no_stage_of_the_rounds_heeds_are_other_settings(checkout: Path) -> None:
    compose(checkout, ["report.pairs=3"])
    assert of_other_settings(checkout) == "other settings"


def test_of_many_settings_five_are_shown_and_files_come_last(checkout: Path) -> None:
    compose(checkout, ["experiment=paper"])
    said = other_than_defaults(checkout)
    assert said.startswith("generator.name=Qwen/Qwen3-14B-Base, ") and "data." not in said
    assert said.count("=") == 5 and said.endswith(" more")


def test_before_a_run_and_without_settings_nothing_is_known(tmp_path: Path) -> None:
    assert (other_than_defaults(tmp_path), of_other_settings(tmp_path)) == ("", "")


def test_a_run_that_git_lacks_is_committed_with_its_settings(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words], cwd=tmp_path, check=True)

    git("init", "-q")
    (tmp_path / "conf").mkdir()
    for name in ("params.yaml", "dvc.lock", "conf/config.yaml"):
        (tmp_path / name).write_text("a", encoding="utf-8")
    git("add", "-A")
    git("commit", "-qm", "a run")
    assert to_commit(tmp_path) == ""
    (tmp_path / "dvc.lock").write_text("b", encoding="utf-8")
    assert to_commit(tmp_path).startswith(
        "Commit this run: git add params.yaml dvc.lock metrics reports/summary.md && git commit. Or go back"
    )
    (tmp_path / "conf/fr.yaml").write_text("c", encoding="utf-8")
    assert "git add conf params.yaml" in to_commit(tmp_path)


def test_watch_says_what_it_is_about_to_run(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "dvc.yaml").touch()
    (checkout / "data").symlink_to(ROOT / "data")
    compose(checkout, ["seed=3"])
    monkeypatch.chdir(checkout)
    monkeypatch.setattr("gemquad.monitor.watch.watch", lambda words: 3)
    with pytest.raises(Exit) as ended:
        watch(["dvc", "repro"])
    assert ended.value.exit_code == 3
    said = (
        "settings other than the defaults: comparison.seeds=[3], seed=3. `gemquad compose` brings the defaults back\n"
    )
    assert capsys.readouterr().out == said


@pytest.mark.parametrize("text", ["<<<<<<< HEAD\nstages: {}\n", "stages: [a]\n", "stages:\n  a: {deps: [{md5: b}]}\n"])
def test_a_record_that_cannot_be_read_is_named_with_its_remedy(checkout: Path, text: str) -> None:
    (checkout / "dvc.lock").write_text(text, encoding="utf-8")
    for read in (of_other_settings, lambda root: PipelineState.read(Workspace(root))):
        with pytest.raises(
            UserError, match=r"dvc.lock cannot be read. gemquad watch mends it, or: git checkout -- .*dvc"
        ):
            read(checkout)


def test_the_page_does_not_wait_without_end_for_a_stage_that_holds_the_store(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr("gemquad.commands.ui._PATIENCE", 0.1)
    monkeypatch.setattr("gemquad.tracking.store.main_checkout", lambda: checkout)
    (checkout / "mlflow.db").touch()
    with (
        FileLock(checkout / "mlflow.db.lock"),
        pytest.raises(UserError, match="a stage writes to the MLflow store; try"),
    ):
        ui(5000)


def test_the_summary_says_that_its_table_is_of_other_settings(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "reports").mkdir()
    (checkout / "reports/summary.md").write_text("the table", encoding="utf-8")
    monkeypatch.chdir(checkout)
    summary()
    assert capsys.readouterr().out.startswith("the table")
    compose(checkout, ["lang=hi"])
    summary()
    assert "This table is of an earlier run: params.yaml has other settings since (lang=hi)." in capsys.readouterr().out
