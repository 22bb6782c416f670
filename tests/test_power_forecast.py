from dataclasses import replace

import pytest

from gemquad.scoring import power_forecast
from gemquad.scoring.components import Components
from gemquad.scoring.metrics import ACCURACY
from gemquad.scoring.power_forecast import power_lines
from gemquad.scoring.sheets import sheets
from test_intervals import SENTENCES, TASK, Acceptability, SystemAnswers, answers, predictions

BOTH = sheets({"dev": SENTENCES, "test": SENTENCES}, TASK)


class Accurate(Acceptability):
    metrics = (ACCURACY,)


def student(name: str, wrong_of_first_half: int) -> SystemAnswers:
    given = predictions(wrong_of_first_half, split="dev")
    return SystemAnswers(name, "", {}, {13: answers([*given[:8], *predictions(0, split="dev")[8:]])})


def said(line: str) -> float:
    """The half width that a line names."""
    return float(line.partition("±")[2].split()[0])


def test_answers_to_dev_at_hand_are_the_basis() -> None:
    """A source's difference is 0 or 25, and the mean of four has the standard error 12.5 / sqrt(3); t with 3 degrees is 3.182."""
    first, metric = power_lines([student("a", 0), student("b", 1)], BOTH, 1, Accurate())
    assert first == "power on test in ja: 16 examples in 4 groups, 1 seed, so of these students alone"
    assert metric.startswith("accuracy: a difference of two systems has ±") and metric.endswith(
        "(answers to dev at hand)"
    )
    assert said(metric) == pytest.approx(3.182 * 12.5 / 3**0.5, rel=0.02)


def test_without_answers_the_default_is_taken_and_where_there_is_none_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unknown = power_lines([student("a", 0)], BOTH, 3, Accurate())[1]
    assert unknown == "accuracy: unknown until two students of a run have answered dev"
    monkeypatch.setattr(power_forecast, "DEFAULTS", {"accuracy": Components(100.0, 0.0, 0.0)})
    known = power_lines([], BOTH, 3, Accurate())[1]
    assert said(known) == pytest.approx(3.182 * 10 / 4**0.5, rel=0.02)
    assert known.endswith("(the default variance, docs/experiments.md)")


def test_answers_to_other_examples_are_no_basis() -> None:
    shorter = [replace(one, id=f"other {one.id}") for one in SENTENCES]
    other = sheets({"dev": shorter, "test": SENTENCES}, TASK)
    assert "unknown" in power_lines([student("a", 0), student("b", 1)], other, 1, Accurate())[1]


def test_a_run_without_test_says_so() -> None:
    assert power_lines([], sheets({"dev": SENTENCES}, TASK), 1, TASK) == ["power: there is no test set"]
