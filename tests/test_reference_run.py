"""`gemquad reference`, and the run that this repository carries."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.parsing import DataResolver
from dvc.repo import Repo
from dvc.utils.serialize import load_yaml

from conftest import REFERENCE_RUN
from gemquad.commands.reference import reference
from gemquad.diff.reference import Apart, compare, told
from gemquad.errors import UserError

ROOT = Path(__file__).parents[1]
SCORES: dict[str, Any] = {"test": {"es": {"f1": 60.0, "exact_match": 50.0, "examples": 6}}, "dev": {}}


def write(root: Path, hashes: dict[str, str], **metrics: object) -> None:
    """dvc.lock with an MD5 by path, and the JSON metrics that it names."""
    outs = [{"path": path, "md5": md5} for path, md5 in hashes.items()]
    (root / "dvc.lock").write_text(yaml.safe_dump({"stages": {"a": {"outs": outs[:1]}, "b": {"outs": outs[1:]}}}))
    for path in hashes:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(json.dumps(metrics.get(Path(path).stem, {})), encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Path]:
    """HEAD carries a run, HEAD~1 none; the workspace has the same run."""

    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments], cwd=tmp_path, check=True
        )

    (tmp_path / ".gitignore").write_text("/models/\n")
    git("init", "-q")
    for _ in range(2):
        git("add", "-A")
        git("commit", "-qm", "a commit")
        write(
            tmp_path,
            {"models/best": "1", "metrics/scores.json": "2", "metrics/silver.json": "3"},
            scores=SCORES,
            silver={"n": 4},
        )
    with chdir(tmp_path):
        yield tmp_path


def test_the_same_run_is_byte_identical(repository: Path) -> None:
    found = compare("HEAD")
    assert found.same == ["metrics/scores.json", "metrics/silver.json", "models/best"]
    assert told(found, "HEAD") == "3 outputs are byte-identical to those of HEAD."


def test_numbers_that_differ_are_measured_and_what_differs_otherwise_is_named(repository: Path) -> None:
    hashes = {"models/best": "9", "metrics/scores.json": "9", "metrics/silver.json": "9", "metrics/new.json": "9"}
    scores = {**SCORES, "test": {"es": {"f1": 60.4, "exact_match": 49.9, "examples": 6}}}
    write(repository, hashes, scores=scores, silver={"n": 7})
    found = compare("HEAD")
    assert found.numbers["metrics/scores.json"] == Apart("test.es.f1", 60.0, 60.4, counts=False)
    assert found.numbers["metrics/silver.json"] == Apart("n", 4, 7, counts=True)
    assert (found.same, found.otherwise, found.only_here) == ([], ["models/best"], ["metrics/new.json"])
    lines = told(found, "HEAD").splitlines()
    assert lines[1:3] == [
        "Differ by floating point:",
        "  metrics/scores.json, by up to 0.4 (test.es.f1: 60 there, 60.4 here)",
    ]
    assert lines[3:5] == [
        "Differ in numbers, counts among them:",
        "  metrics/silver.json, by up to 3 (n: 4 there, 7 here)",
    ]


@pytest.mark.parametrize(
    "scores",
    [{}, {**SCORES, "dev": {"es": 1.0}}, {**SCORES, "dev": []}, {**SCORES, "test": {"es": "n/a"}}],
    ids=["nothing", "a place more", "a list for a section", "a word"],
)
def test_another_shape_is_no_floating_point(repository: Path, scores: object) -> None:
    write(repository, {"metrics/scores.json": "9"}, scores=scores)
    found = compare("HEAD")
    assert found.otherwise == ["metrics/scores.json"] and found.only_there == ["metrics/silver.json", "models/best"]


def test_what_is_no_run_is_said(repository: Path) -> None:
    for revision, message in (
        ("HEAD~1", r"HEAD~1 has no finished run: dvc\.lock is not there"),
        ("nothing", "'nothing' is no Git revision"),
    ):
        with pytest.raises(UserError, match=message):
            compare(revision)
    (repository / "models/best").unlink()
    with pytest.raises(UserError, match=r"no run has ended here: models/best.*make repro"):
        compare("HEAD")
    (repository / "dvc.lock").write_text("<<<<<<< ours")
    with pytest.raises(UserError, match=r"dvc\.lock of workspace cannot be read"):
        compare("HEAD")


def test_the_command_takes_head_unless_told_otherwise(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reference()
    assert capsys.readouterr().out == "3 outputs are byte-identical to those of HEAD.\n"


REMEDY = (
    "the committed run is of other code or parameters: `make repro`, then commit dvc.lock, metrics, reports/summary.md"
)


def test_the_committed_run_belongs_to_the_committed_code_and_parameters() -> None:
    pipeline, params = (yaml.safe_load((ROOT / f"{name}.yaml").read_text("utf-8")) for name in ("dvc", "params"))
    code = yaml.safe_load((ROOT / "code.lock.yaml").read_text("utf-8"))
    assert (ROOT / "dvc.lock").exists(), REMEDY
    locked = load_yaml(ROOT / "dvc.lock")["stages"]  # DVC's own: 3e-05, as it writes it, is no number to PyYAML
    with Repo(str(ROOT)) as repo:
        stages = DataResolver(repo, str(ROOT), pipeline).resolve()["stages"]
    assert stages.keys() <= locked.keys(), REMEDY
    for address, stage in stages.items():
        recorded = locked[address].get("params", {})
        assert recorded["code.lock.yaml"] == {key: code[key] for key in recorded["code.lock.yaml"]}, (
            f"{address}: {REMEDY}"
        )
        named = {entry for entry in stage["params"] if isinstance(entry, str)}
        assert recorded.get("params.yaml", {}) == {key: value_at(params, key) for key in named}, f"{address}: {REMEDY}"
    outs = [
        out["path"]
        for stage in locked.values()
        for out in stage.get("outs", [])
        if REFERENCE_RUN.fullmatch(out["path"])
    ]
    assert all((ROOT / path).exists() for path in outs), REMEDY


def value_at(params: dict[str, Any], key: str) -> object:
    value: Any = params
    for part in key.split("."):
        value = value[part]
    return value
