from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml

from gemquad.errors import UserError
from gemquad.files import read_json
from gemquad.params import ModelSource, Student, load_params
from gemquad.parquet import write_records
from gemquad.schema import LabelledText, SilverText
from gemquad.stages import finetune
from gemquad.student.crossfit import cross_fit, fold, judges
from gemquad.student.evaluation import label_candidates
from gemquad.student.inference import answer
from gemquad.student.model import load_student
from gemquad.tasks.loading import load_saved_task
from gemquad.workspace import RoundFolder, Workspace
from task_sections import PLACES, wording_of

ROOT = Path(__file__).parents[1]
DEFAULT: Student = load_params(ROOT / "params.yaml").student
HEAD = load_saved_task(PLACES).head()


def pairs(count: int) -> list[LabelledText]:
    labels = ["Lima", "Cusco"]
    return [LabelledText(f"p{i}", "es", f"Ana vive en {labels[i % 2]}.", "", labels[i % 2]) for i in range(count)]


@pytest.fixture
def settings(tiny_gemma: Path) -> Student:
    return replace(
        DEFAULT,
        model=ModelSource(str(tiny_gemma)),
        dtype="float32",
        layers=None,
        trainable_layers=None,
        silver_epochs=1.0,
        head_learning_rate=1e-2,
    )


def test_the_fold_of_an_id_never_changes() -> None:
    assert [fold(f"p{i}") for i in range(8)] == [0, 0, 1, 1, 0, 1, 1, 0]
    assert {fold(f"p{i}", 3) for i in range(30)} == {0, 1, 2}


def test_each_student_judges_its_own_fold(tmp_path: Path) -> None:
    for name in ("fold-0", "fold-1"):
        (tmp_path / "folds" / name).mkdir(parents=True)
    named = [f"p{i}" for i in range(4)]
    assert list(judges(tmp_path, named)) == [(tmp_path / "folds/fold-0", [0, 1]), (tmp_path / "folds/fold-1", [2, 3])]


def test_a_student_alone_judges_all(tmp_path: Path) -> None:
    assert list(judges(tmp_path, ["a", "b"])) == [(tmp_path, [0, 1])]


def test_no_pair_is_judged_by_a_student_that_has_seen_it(settings: Student, tmp_path: Path) -> None:
    """What the students were trained on is read off their weights: other pairs in the own fold change nothing."""
    cross_fit(pairs(24), HEAD, settings, 1, tmp_path / "all")
    changed = [replace(pair, text="Luis lee.") if fold(pair.id) == 0 else pair for pair in pairs(24)]
    cross_fit(changed, HEAD, settings, 1, tmp_path / "changed")
    weights = {
        (run, name): (tmp_path / run / "folds" / name / "model.safetensors").read_bytes()
        for run in ("all", "changed")
        for name in ("fold-0", "fold-1")
    }
    assert weights["all", "fold-0"] == weights["changed", "fold-0"]
    assert weights["all", "fold-1"] != weights["changed", "fold-1"]


def test_labels_are_those_of_the_own_folds_student_in_order(settings: Student, tmp_path: Path) -> None:
    cross_fit(pairs(48), HEAD, settings, 1, tmp_path)
    asked = [*pairs(12), replace(pairs(1)[0], id="of no fold")]
    found = label_candidates(tmp_path, asked, settings, HEAD)
    by_student = {}
    for number in (0, 1):
        model, tokenizer = load_student(tmp_path / f"folds/fold-{number}", HEAD, torch.float32)
        by_student[number] = answer(model, tokenizer, [HEAD.input(pair) for pair in asked], HEAD, settings)
    for at, pair in enumerate(asked):
        own, other = by_student[fold(pair.id)][at], by_student[1 - fold(pair.id)][at]
        assert found[at][0].confidence == pytest.approx(own.confidence, abs=1e-6)
        assert abs(own.confidence - other.confidence) > 1e-5  # or the line above would prove nothing


def test_too_few_pairs_are_a_user_error(settings: Student, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Of 0 synthetic pairs none is left to train the judge of fold 0 on"):
        cross_fit([], HEAD, settings, 1, tmp_path)
    alike = [pair for pair in pairs(20) if pair.label == "Lima"]
    with pytest.raises(UserError, match="have the label 'Lima'"):
        cross_fit(alike, HEAD, settings, 1, tmp_path)
    assert not any(tmp_path.iterdir())


@pytest.fixture
def workspace(settings: Student, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with params.yaml of a classification, and no gold."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params |= {"task": PLACES, "prompting": wording_of(PLACES["labels"])}
    params["stopping"]["metric"] = "accuracy"
    params["student"] |= {
        "model": {"name": settings.model.name},
        "layers": None,
        "trainable_layers": None,
        "silver_epochs": 1.0,
    }
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params, allow_unicode=True), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def finetune_round_0(workspace: Path, gold: list[LabelledText], candidates: list[LabelledText]) -> RoundFolder:
    files = Workspace(workspace)
    write_records(files.gold, LabelledText, gold)
    write_records(files.candidates, LabelledText, candidates)
    write_records(files.round(0).silver, SilverText, [])
    finetune.main(round=0)
    return files.round(0)


def test_without_gold_round_0_trains_on_the_candidates_and_its_judges_on_parts_of_them(workspace: Path) -> None:
    own = finetune_round_0(workspace, [], pairs(24))
    assert {path.name for path in (own.student / "folds").iterdir()} == {"fold-0", "fold-1"}
    assert (own.student / "model.safetensors").exists()
    assert [entry["phase"] for entry in read_json(own.curve)] == ["synthetic"] * 3  # 24 pairs, 8 at a time, one epoch


def test_with_gold_round_0_trains_on_it_alone(workspace: Path) -> None:
    own = finetune_round_0(workspace, pairs(8), pairs(24))
    assert {entry["phase"] for entry in read_json(own.curve)} == {"gold"}
    assert not any(path.is_dir() for path in own.student.iterdir())


def test_a_baseline_of_one_class_is_a_user_error(workspace: Path) -> None:
    with pytest.raises(UserError, match="All 4 training examples have the label 'Cusco'"):
        finetune_round_0(workspace, [pair for pair in pairs(8) if pair.label == "Cusco"], [])
