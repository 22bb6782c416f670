"""Two runs that really ran, the second one with other answers, another selected round and another setting."""

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import pytest

from checkout import Checkout
from conftest import made_once
from gemquad.diff.cache import Cache
from gemquad.diff.difference import Difference, difference
from gemquad.diff.markdown import markdown
from gemquad.diff.run import experiments, read_run
from gemquad.errors import UserError
from gemquad.files import read_json, write_json
from gemquad.parquet import read_records, write_records
from gemquad.schema import SpanPrediction
from test_pipeline import finished  # noqa: F401, a fixture


@pytest.fixture(scope="session")
def two_runs(finished: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Checkout:  # noqa: F811
    """Commits `first` (round 1 selected, its first test answer right) and `second` (round 2, the next two; other settings)."""

    def make(folder: Path) -> None:
        shutil.copytree(finished.root, folder, symlinks=True)
        checkout = Checkout(folder, finished.settings)
        _answer_rightly(folder, 1, range(0, 1))
        _answer_rightly(folder, 2, range(1, 3))
        checkout.run("dvc", "commit", "--force", "evaluate@1", "evaluate@2")
        _select(folder, 1)
        _commit(checkout, "first")
        _select(folder, 2)
        params = folder / "params.yaml"
        params.write_text(params.read_text(encoding="utf-8").replace("pairs: 2000", "pairs: 7"), encoding="utf-8")
        _commit(checkout, "second")

    return Checkout(made_once(tmp_path_factory, "two-runs", make), finished.settings)


def _answer_rightly(root: Path, number: int, places: Sequence[int]) -> None:
    """All test answers of a round are wrong but those at `places`."""
    path = root / f"data/rounds/{number}/predictions.parquet"
    predictions = read_records(path, SpanPrediction)
    dev, test = ([p for p in predictions if p.split == split] for split in ("dev", "test"))
    marked = [
        replace(p, answer=f"round {number} says {i}", f1=float(i in places), exact_match=float(i in places))
        for i, p in enumerate(test)
    ]
    path.unlink()
    write_records(path, SpanPrediction, [*dev, *marked])


def _select(root: Path, number: int) -> None:
    selection = root / "metrics/selection.json"
    write_json(selection, {**read_json(selection), "round": number})


def _commit(checkout: Checkout, tag: str) -> None:
    checkout.run("git", "add", "-A")
    checkout.run("git", "commit", "-qm", tag)
    checkout.run("git", "tag", tag)


@pytest.fixture
def compared(two_runs: Checkout) -> Callable[[str, str], Difference]:
    def compare(a: str, b: str) -> Difference:
        with chdir(two_runs.root):
            return difference(read_run(a), read_run(b), Cache())

    return compare


def test_settings_and_students_that_differ_are_named(compared: Callable[[str, str], Difference]) -> None:
    found = compared("first", "second")
    assert found.settings == {"report.pairs": (2000, 7)}
    assert found.systems == ("round-1", "round-2")
    assert (dict(found.data), found.code) == ({}, [])


def test_the_difference_is_paired_and_points_from_a_to_b(compared: Callable[[str, str], Difference]) -> None:
    by_language = {(s.language, s.metric): s for s in compared("first", "second").scores}
    es, hi = by_language["es", "EM"], by_language["hi", "EM"]
    assert es.delta and hi.delta
    assert (es.common, hi.common) == (6, 6)
    assert es.delta.value == pytest.approx(100 * (2 - 1) / 6)
    assert es.delta.low <= es.delta.value <= es.delta.high
    assert (hi.delta.value, hi.delta.holds_zero) == (0.0, True)
    (back,) = [s for s in compared("second", "first").scores if (s.language, s.metric) == ("es", "EM")]
    assert back.delta and back.delta.value == -es.delta.value


def test_examples_that_flipped_are_shown_with_both_answers(compared: Callable[[str, str], Difference]) -> None:
    found = compared("first", "second")
    assert found.answers
    assert [flip.answer_a for flip in found.answers.lost] == ["round 1 says 0"]
    assert [flip.answer_b for flip in found.answers.won] == ["round 2 says 1", "round 2 says 2"]
    text = markdown(found, most=1)
    assert "| `report.pairs` | 2000 | 7 |" in text
    assert "Right in first, wrong in second: 1 example." in text
    assert "Right in second, wrong in first: 2 examples, 1 shown." in text
    (shown,) = [line for line in text.splitlines() if "| round 1 says 1 | round 2 says 1 |" in line]
    assert shown.startswith("| es | es-test-") and "¿" in shown
    assert "says 2" not in text


def test_the_workspace_is_a_run_and_equals_what_was_committed(compared: Callable[[str, str], Difference]) -> None:
    found = compared("second", "workspace")
    assert (dict(found.settings), dict(found.data), found.code) == ({}, {}, [])
    assert found.answers and not found.answers.lost and not found.answers.won


def test_what_is_not_in_the_cache_is_named_with_its_remedy(two_runs: Checkout, tmp_path: Path) -> None:
    with chdir(two_runs.root):
        first, second = read_run("first"), read_run("second")
        empty = Cache()
        empty._files.path = str(tmp_path)
        found = difference(first, second, empty)
    assert found.answers is None
    assert "data/prepared/test.parquet of first is not in DVC's cache" in found.reason
    assert "`dvc fetch --all-commits`" in found.reason
    text = markdown(found, 5)
    assert found.reason in text and "| `report.pairs` | 2000 | 7 |" in text and "| es | F1 |" in text


def test_a_run_is_found_by_experiment_and_data_that_differ_have_counts(two_runs: Checkout) -> None:
    with chdir(two_runs.root):
        ((name, commit),) = experiments()
        run = read_run(name)
        assert run.fetch == f"dvc exp pull GIT_REMOTE {name}"
        recorded = {**run.recorded, "data/prepared/gold.parquet": run.recorded["data/prepared/dev.parquet"]}
        found = difference(run, replace(run, name="other", recorded=recorded), Cache())
    assert [*found.data] == ["data/prepared/gold.parquet"]
    assert [file and file.records for file in found.data["data/prepared/gold.parquet"]] == [24, 12]
    assert len(commit) == 40


def test_the_command_prints_json(two_runs: Checkout) -> None:
    said = json.loads(two_runs.run("gemquad", "diff", "first", "second", "--json"))
    assert said["settings"] == {"report.pairs": [2000, 7]}
    assert len(said["answers"]["won"]) == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "'nowhere' is neither a Git revision nor an experiment. Experiments: .+"),
        ("first~1", "first~1 has no finished run: metrics/selection.json is not there"),
        ("--all", "'--all' is neither a Git revision"),
    ],
)
def test_what_is_no_finished_run_is_said(two_runs: Checkout, name: str, message: str) -> None:
    with chdir(two_runs.root), pytest.raises(UserError, match=message):
        read_run(name)


SOUND = {
    "metrics/selection.json": '{"round": 1, "dev_score": 50.0, "stopped": "round 1: no silver"}',
    "metrics/intervals.json": '{"systems": [{"system": "round-1", "description": "", "seeds": [], "updates": {}, "scores": {}}],'
    '"deltas": []}',
    "dvc.lock": "stages: {a: {outs: [{path: x, md5: y}]}}",
    "params.yaml": "seed: 13",
}


def test_a_run_is_read_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with chdir(written(tmp_path)):
        run = read_run("workspace")
        assert (run.selected, run.recorded, run.params) == (1, {"x": "y"}, {"seed": 13})
        with pytest.raises(UserError, match="Git is not installed"):
            read_run("HEAD")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("metrics/selection.json", "{"),
        ("metrics/intervals.json", '{"systems": [], "deltas": []}'),
        ("dvc.lock", "schema: '2.0'"),
        ("dvc.lock", ""),
        ("params.yaml", "a: ["),
        ("params.yaml", ""),
    ],
)
def test_files_of_another_version_are_refused(tmp_path: Path, file: str, text: str) -> None:
    with chdir(written(tmp_path, **{file: text})), pytest.raises(UserError, match="workspace cannot be read"):
        read_run("workspace")


def test_metrics_of_another_shape_are_named(tmp_path: Path) -> None:
    shape = r"metrics/intervals\.json of workspace, deltas: Field required.* `dvc repro intervals`"
    with (
        chdir(written(tmp_path, **{"metrics/intervals.json": '{"systems": []}'})),
        pytest.raises(UserError, match=shape),
    ):
        read_run("workspace")


def written(root: Path, **changed: str) -> Path:
    """A folder with the files of a run, some of them changed."""
    for name, text in {**SOUND, **changed}.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def test_runs_that_were_not_scored_and_names_with_pipes_make_no_broken_table() -> None:
    settings = {"a.b": (None, "x|y\nz")}
    text = markdown(Difference(("a|b", "c"), ("baseline", "round-1"), settings, {}, [], [], None, "No reason."), 5)
    assert "| parameter | a\\|b | c |\n| --- | --- | --- |\n| `a.b` | – | x\\|y z |" in text
    assert "Neither run was scored on test." in text and "\n\n\n" not in text


def test_outside_a_repository_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with chdir(tmp_path), pytest.raises(UserError, match="no Git repository"):
        read_run("HEAD")
