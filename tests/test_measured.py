"""What was measured is kept for the same models, settings and lengths, and measured anew where it is asked for."""

from dataclasses import replace
from pathlib import Path

import pytest

from gemquad.doctor import measured
from gemquad.doctor.measured import Tokenizer, kept, measure_learning
from gemquad.params import ModelSource, load_params

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(measured, "cache_root", lambda: tmp_path)
    monkeypatch.setattr(measured, "busy", lambda: False)
    monkeypatch.setattr(measured, "_seen", {})
    return tmp_path


def test_what_is_known_is_not_asked_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept(["a", 1], lambda: [1.5]) == [1.5]
    monkeypatch.setattr(measured, "_seen", {})  # another process
    assert kept(["a", 1], lambda: [2.5]) == [1.5]
    assert kept(["a", 2], lambda: [2.5]) == [2.5]
    assert kept(["a", 1], lambda: [3.5], again=True) == [3.5]
    monkeypatch.setattr(measured, "_seen", {})
    assert kept(["a", 1], lambda: [4.5]) == [3.5]
    next(folder.rglob("*.json")).write_text("[")
    monkeypatch.setattr(measured, "_seen", {})
    assert {kept(["a", number], lambda: [9.0])[0] for number in (1, 2)} & {9.0}, "a cut file is made anew"


def test_the_speed_of_a_student_is_measured_once_for_lengths_that_are_alike(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[float] = []
    speed = (5, 0.25, 0.5)
    monkeypatch.setattr("gemquad.doctor.models.measure_learning", lambda _, tokens: asked.append(tokens) or speed)
    student = load_params(ROOT / "params.yaml").student
    assert measure_learning(student, 100.0) == measure_learning(student, 128.0) == speed
    measure_learning(student, 129.0)
    measure_learning(replace(student, batch_size=3), 100.0)
    assert asked == [128, 192, 128]
    assert capsys.readouterr().err.count("measuring how fast this machine ") == 3
    monkeypatch.setattr(measured, "busy", lambda: True)
    measure_learning(student, 500.0)
    monkeypatch.setattr(measured, "_seen", {})
    measure_learning(student, 500.0)
    assert asked[3:] == [512, 512], "what other programs slow down is not kept"


def test_another_gpu_is_another_machine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "_GPUS", folder)
    without = measured._machine()
    (folder / "0000:01:00.0").mkdir()
    (folder / "0000:01:00.0/information").write_text("Model: NVIDIA H200", encoding="utf-8")
    assert measured._machine() == (*without, "Model: NVIDIA H200")


def test_texts_that_were_counted_need_no_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[ModelSource] = []

    def characters(source: ModelSource) -> object:
        loaded.append(source)
        return lambda texts: {"input_ids": [list(text) for text in texts]}

    monkeypatch.setattr(measured, "_loaded", characters)
    counts = [len(ids) for _ in range(2) for ids in Tokenizer(ModelSource("m"))(["ab", "abc"])["input_ids"]]
    assert (counts, loaded) == ([2, 3, 2, 3], [ModelSource("m")])
