"""Real trainings of a tiny classifier: who may judge which pair, and what each labeler has learnt."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import ROOT
from gemquad.errors import UserError
from gemquad.params import ModelSource, Student, load_params
from gemquad.schema import LabelledText, SilverText
from gemquad.student.crossfit import cross_fit, fold
from gemquad.student.evaluation import label_candidates
from gemquad.student.labelers import Labelers
from gemquad.student.training import fine_tune, sequence
from gemquad.tasks.loading import load_saved_task
from task_sections import PLACES

DEFAULT: Student = load_params(ROOT / "params.yaml").student
HEAD = load_saved_task(PLACES).head()


def texts(kind: str, count: int) -> list[LabelledText]:
    labels = ["Lima", "Cusco"]
    return [LabelledText(f"{kind}{i}", "es", f"Ana vive en {labels[i % 2]}.", "", labels[i % 2]) for i in range(count)]


GOLD, POOL = texts("g", 24), texts("p", 30)
SILVER = [SilverText(one.id, one.language, one.text, one.second, one.label, 1.0) for one in POOL[:18]]


@pytest.fixture
def settings(tiny_gemma: Path) -> Student:
    source = ModelSource(str(tiny_gemma))
    small = replace(DEFAULT, model=source, dtype="float32", layers=None, trainable_layers=None)
    return replace(small, epochs=1.0, silver_epochs=1.0, head_learning_rate=1e-2)


@pytest.fixture
def student(settings: Student, tmp_path: Path) -> Path:
    fine_tune(sequence({"gold": GOLD}, HEAD, settings), HEAD, settings, 1, tmp_path / "student")
    return tmp_path / "student"


def test_one_labeler_is_the_student_and_judges_its_own_silver_too(settings: Student, student: Path) -> None:
    found = Labelers(student, GOLD, SILVER, 1, HEAD, settings, 1).label(POOL)
    assert found == [{0: said} for said in label_candidates(student, POOL, settings, HEAD)]


def test_no_labeler_judges_what_it_was_trained_on_and_none_is_left_behind(
    settings: Student, student: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    found = Labelers(student, GOLD, SILVER, 3, HEAD, settings, 1).label(POOL)
    for number, (pair, jury) in enumerate(zip(POOL, found, strict=True)):
        seen = {0, fold(pair.id, 3)} if number < len(SILVER) else set()
        assert set(jury) == {0, 1, 2} - seen, pair.id
        assert all([one.text for one in said] in (["Lima", "Cusco"], ["Cusco", "Lima"]) for said in jury.values())
    assert not any((tmp_path / "scratch").iterdir())


def test_labeler_k_has_not_learnt_fold_k_of_gold_and_has_a_seed_of_its_own(settings: Student, student: Path) -> None:
    """What each was trained on is read off its answers: other gold in the own fold changes nothing."""
    changed = [replace(one, text="Luis lee.") if fold(one.id, 3) == 1 else one for one in GOLD]
    before = Labelers(student, GOLD, [], 3, HEAD, settings, 1).label(POOL[:4])
    after = Labelers(student, changed, [], 3, HEAD, settings, 1).label(POOL[:4])
    assert [jury[0] for jury in before] == [jury[0] for jury in after]
    assert [jury[1] for jury in before] == [jury[1] for jury in after]
    assert [jury[2] for jury in before] != [jury[2] for jury in after]
    other = Labelers(student, GOLD, [], 3, HEAD, settings, 2).label(POOL[:4])
    assert [jury[1] for jury in before] != [jury[1] for jury in other]


def test_without_gold_cross_fitted_judges_have_a_vote_on_every_pair(settings: Student, tmp_path: Path) -> None:
    cross_fit(POOL, HEAD, settings, 1, tmp_path)
    found = Labelers(tmp_path, [], POOL, 3, HEAD, settings, 1).label(POOL)
    assert [set(jury) for jury in found] == [{0, 1, 2} - ({fold(pair.id, 3)} - {0}) for pair in POOL]


def test_a_part_of_one_label_is_a_user_error(settings: Student, student: Path) -> None:
    alike = [one for one in GOLD if one.label == "Lima"]
    with pytest.raises(UserError, match="have the label 'Lima'"):
        Labelers(student, alike, [], 3, HEAD, settings, 1).label(POOL)
