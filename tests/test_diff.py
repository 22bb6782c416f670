"""Two runs that really ran, the second one with other answers, another selected round and another setting."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import pytest

from checkout import Checkout
from conftest import made_once
from gemquad.diff.answers import Difference, Flip, difference, read_run, show
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
    selection, answer = root / "metrics/selection.json", root / "metrics/summary.json"
    write_json(selection, {**read_json(selection), "round": number, "system": f"round-{number}"})
    write_json(answer, {**read_json(answer), "selected": f"round-{number}"})


def _commit(checkout: Checkout, tag: str) -> None:
    checkout.run("git", "add", "-A")
    checkout.run("git", "commit", "-qm", tag)
    checkout.run("git", "tag", tag)


@pytest.fixture
def compared(two_runs: Checkout) -> Callable[[str, str], Difference]:
    def compare(a: str, b: str) -> Difference:
        with chdir(two_runs.root):
            return difference(read_run(a), read_run(b))

    return compare


def test_the_difference_is_paired_and_points_from_a_to_b(compared: Callable[[str, str], Difference]) -> None:
    found = compared("first", "second")
    assert found.names == ("first (round 1)", "second (round 2)")
    assert found.examples == {"es": 6, "hi": 6}
    by_language = {(delta.language, delta.metric): delta for delta in found.deltas}
    es, hi = by_language["es", "EM"], by_language["hi", "EM"]
    assert es.value == pytest.approx(100 * (2 - 1) / 6)
    assert es.low <= es.value <= es.high
    assert (hi.value, hi.holds_zero) == (0.0, True)
    (back,) = [one for one in compared("second", "first").deltas if (one.language, one.metric) == ("es", "EM")]
    assert back.value == -es.value


def test_examples_that_flipped_are_shown_with_both_answers(
    compared: Callable[[str, str], Difference], capsys: pytest.CaptureFixture[str]
) -> None:
    found = compared("first", "second")
    assert [flip.answer_a for flip in found.lost] == ["round 1 says 0"]
    assert [flip.answer_b for flip in found.won] == ["round 2 says 1", "round 2 says 2"]
    show(found, most=1)
    text = capsys.readouterr().out
    assert "| es | EM | +16.7 (" in text and ") n.s. | 6 |" in text
    assert "n.s. (not significant): the interval contains 0." in text
    assert "Right in first (round 1), wrong in second (round 2): 1 example." in text
    assert "Right in second (round 2), wrong in first (round 1): 2 examples, 1 shown." in text
    (shown,) = [line for line in text.splitlines() if "| round 1 says 1 | round 2 says 1 |" in line]
    assert shown.startswith("| es | es-test-") and "¿" in shown
    assert "says 2" not in text


def test_the_workspace_is_a_run_and_equals_what_was_committed(compared: Callable[[str, str], Difference]) -> None:
    found = compared("second", "workspace")
    assert not found.lost and not found.won and {delta.value for delta in found.deltas} == {0.0}


def test_a_run_is_found_by_the_name_of_an_experiment(two_runs: Checkout) -> None:
    (name,) = two_runs.run("dvc", "exp", "list", "--all-commits", "--name-only").split()
    with chdir(two_runs.root):
        assert read_run(name).system.startswith(("round-", "baseline"))


def test_the_command_prints_json_or_the_commands_for_the_rest(two_runs: Checkout) -> None:
    said = json.loads(two_runs.run("gemquad", "diff", "first", "second", "--json"))
    assert len(said["won"]) == 2 and said["examples"] == {"es": 6, "hi": 6}
    last = two_runs.run("gemquad", "diff", "first", "second").splitlines()[-1]
    assert last.endswith("dvc params diff first second; dvc metrics diff first second")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "unknown Git revision 'nowhere'. `dvc exp list --all-commits` names"),
        ("first~1", r"first~1 has no metrics/selection\.json\. No run has finished there \(`dvc repro`\)"),
        ("--all", "unknown Git revision '--all'"),
    ],
)
def test_what_is_no_finished_run_is_said(two_runs: Checkout, name: str, message: str) -> None:
    with chdir(two_runs.root), pytest.raises(UserError, match=message):
        read_run(name)


@pytest.fixture
def copied(two_runs: Checkout, tmp_path: Path) -> Iterator[Path]:
    """A copy of the checkout without DVC's cache, as the current folder."""
    ignore = shutil.ignore_patterns("models", "cache")
    shutil.copytree(two_runs.root, tmp_path / "copy", symlinks=True, ignore=ignore)
    with chdir(tmp_path / "copy"):
        yield tmp_path / "copy"


def test_what_is_not_in_the_cache_is_named_with_its_remedy(copied: Path) -> None:
    with pytest.raises(UserError, match=r"first has no data/prepared/test\.parquet.*`dvc fetch --all-commits`"):
        read_run("first")
    assert read_run("workspace").answers, "whose files lie in the workspace"
    (copied / "data/prepared/test.parquet").unlink()
    with pytest.raises(UserError, match=r"workspace has no data/prepared/test\.parquet.*`dvc pull`"):
        read_run("workspace")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("metrics/selection.json", "{"),
        ("metrics/selection.json", '{"round": 1}'),
        ("params.yaml", "a: ["),
        ("params.yaml", ""),
        ("data/prepared/test.parquet", "no Parquet"),
    ],
)
def test_files_of_another_version_are_refused(copied: Path, file: str, text: str) -> None:
    (copied / file).unlink()
    (copied / file).write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"workspace cannot be read .*`dvc repro`"):
        read_run("workspace")


def test_runs_that_share_no_example_or_task_are_not_compared(two_runs: Checkout) -> None:
    with chdir(two_runs.root):
        run = read_run("first")
    with pytest.raises(UserError, match="no test example in common"):
        difference(run, replace(run, name="other", examples={}))
    with pytest.raises(UserError, match="are of different tasks"):
        difference(run, replace(run, params={**run.params, "task": {}}))


def test_texts_with_pipes_and_lines_make_no_broken_table(capsys: pytest.CaptureFixture[str]) -> None:
    flip = Flip("es", "1", "a|b\nc\x1b[31m", "x" * 99, "–", "")
    show(Difference(("a|b", "c"), {"es": 1}, [], [flip], [], "it is equal"), 5)
    lines = capsys.readouterr().out.splitlines()
    assert "| language | id | asked | expected | a\\|b | c |" in lines
    assert f"| es | 1 | a\\|b c [31m | {'x' * 59}… | – |  |" in lines


def test_outside_a_repository_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with chdir(tmp_path), pytest.raises(UserError, match=r"not .*repository"):
        read_run("HEAD")
