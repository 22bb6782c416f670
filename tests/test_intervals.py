from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pytest

from gemquad.errors import UserError
from gemquad.schema import Example, Prediction
from gemquad.schema.results import Interval
from gemquad.scoring.intervals import deltas, gains, intervals, score_table
from gemquad.scoring.metrics import ACCURACY, MCC, Array, Metric
from gemquad.scoring.sheets import SystemAnswers, answers, sheets


@dataclass(frozen=True)
class Sentence(Example):
    """An example that belongs with others of its source."""

    source: str
    label: int


@dataclass(frozen=True)
class Judged(Prediction):
    """A class beside the one expected."""

    expected: int


class Acceptability:
    """A task of two classes, written as the tests need it."""

    metrics: tuple[Metric, ...] = (MCC, ACCURACY)

    def columns(self, predictions: Sequence[Judged]) -> Array:
        return np.array([[p.expected, int(p.answer)] for p in predictions], dtype=np.float64)

    def group(self, example: Sentence) -> str:
        return example.source


TASK = Acceptability()
SENTENCES = [Sentence(f"{source}-{i}", "ja", source, i % 2) for source in ("甲", "乙", "丙", "丁") for i in range(4)]
SHEETS = sheets({"test": SENTENCES}, TASK)


def predictions(wrong: int, sentences: Sequence[Sentence] = SENTENCES, split: str = "test") -> list[Judged]:
    """The first `wrong` sentences of every source are taken for the other class."""
    flip = [int(s.id.split("-")[1]) < wrong for s in sentences]
    answered = [s.label ^ f for s, f in zip(sentences, flip, strict=True)]
    return [Judged(s.id, "ja", split, str(a), 0.5, s.label) for s, a in zip(sentences, answered, strict=True)]


def system(name: str, updates: dict[str, int] | None = None, **wrong: int) -> SystemAnswers:
    """`system("a", s13=2)`: two of four are wrong in every source with seed 13. Each wrong one costs 25 points of accuracy."""
    runs = {int(seed[1:]): answers(predictions(count)) for seed, count in wrong.items()}
    return SystemAnswers(name, "", {"gold": 1} if updates is None else updates, runs)


def prompted(name: str, **wrong: int) -> SystemAnswers:
    return system(name, updates={}, **wrong)


def pairs(rounds: list[SystemAnswers], beside: list[SystemAnswers], chosen: str = "round-1") -> list[tuple[str, str]]:
    found = intervals(rounds, beside, chosen, SHEETS, TASK).deltas
    return [(delta.system, delta.against) for delta in found if delta.metric == "mcc"]


def test_examples_of_one_group_have_its_number() -> None:
    (sheet,) = SHEETS
    assert (sheet.split, sheet.language, sheet.ids[4]) == ("test", "ja", "乙-0")
    assert sheet.groups.tolist() == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4


def test_languages_have_sheets_of_their_own() -> None:
    mixed = [Sentence("a", "ja", "s", 0), Sentence("b", "en", "s", 0), Sentence("c", "ja", "t", 1)]
    found = {
        (s.split, s.language): (s.ids, s.groups.tolist()) for s in sheets({"dev": mixed, "test": mixed[1:2]}, TASK)
    }
    assert found == {
        ("dev", "ja"): (["a", "c"], [0, 1]),
        ("dev", "en"): (["b"], [0]),
        ("test", "en"): (["b"], [0]),
    }


def test_all_trained_languages_are_one_more_where_all_have_examples() -> None:
    mixed = [Sentence("a", "ja", "s", 0), Sentence("b", "en", "s", 0), Sentence("c", "ja", "t", 1)]
    found = sheets({"dev": mixed, "test": mixed[1:2]}, TASK, ["ja", "en"])
    assert [(s.split, s.language) for s in found] == [("dev", "ja"), ("dev", "en"), ("dev", "all"), ("test", "en")]
    pooled = found[2]
    assert (pooled.ids, pooled.languages, pooled.groups.tolist()) == (["a", "c", "b"], ["ja", "ja", "en"], [0, 1, 2])
    assert "all" not in {s.language for s in sheets({"dev": mixed}, TASK, ["ja"])}


def test_all_languages_together_are_scored_by_their_mean() -> None:
    """Four sources of four in Japanese, one of four wrong: 75. Two of them in English, none wrong: 100. The mean is 87.5."""
    english = [Sentence(s.id, "en", s.source, s.label) for s in SENTENCES[:8]]
    asked = sheets({"test": [*SENTENCES, *english]}, TASK, ["ja", "en"])
    given = [
        *predictions(1),
        *(Judged(p.id, "en", "test", str(p.expected), 0.5, p.expected) for p in predictions(0)[:8]),
    ]
    table = score_table(SystemAnswers("a", "", {"gold": 1}, {13: answers(given)}), asked, TASK)
    pooled = table.scores["test"]["all"]
    assert (pooled.examples, pooled.groups, pooled.metrics["accuracy"].value) == (24, 6, 87.5)
    both = SystemAnswers("a", "", {}, {13: answers(given)})
    assert deltas(both, system("b", s13=1), asked[2:], TASK) == [], "the other answered in Japanese alone"
    (_, gained) = deltas(both, both, asked[2:], TASK)
    assert (gained.language, gained.value, gained.holds_zero) == ("all", 0.0, True)


def test_a_system_has_every_metric_of_the_task_as_the_mean_over_seeds() -> None:
    """All right, and one of four wrong: accuracy 100 and 75; MCC 100 and (1 * 2 - 0 * 1) / sqrt(1 * 3 * 2 * 2) = 57.7."""
    table = score_table(system("a", s13=0, s14=1), SHEETS, TASK)
    scores = table.scores["test"]["ja"]
    assert (scores.examples, scores.groups, table.seeds) == (16, 4, [13, 14])
    assert list(scores.metrics) == ["mcc", "accuracy"]
    assert scores.metrics["accuracy"].value == 87.5
    assert scores.metrics["mcc"].value == pytest.approx((100 + 57.735) / 2, abs=1e-3)


def test_answers_may_come_in_another_order_than_the_examples() -> None:
    turned = SystemAnswers("a", "", {"gold": 1}, {13: answers(reversed(predictions(1)))})
    assert score_table(turned, SHEETS, TASK) == score_table(system("a", s13=1), SHEETS, TASK)


def test_a_delta_is_taken_over_the_seeds_both_have() -> None:
    (_, accuracy) = deltas(system("a", s13=1, s14=4), system("b", s13=2), SHEETS, TASK)
    assert asdict(accuracy) == {
        "system": "a",
        "against": "b",
        "split": "test",
        "language": "ja",
        "metric": "accuracy",
        "value": 25.0,
        "low": 25.0,
        "high": 25.0,
        "seeds": [13],
        "holds_zero": False,
        "predicted": None,
    }


def test_systems_without_a_seed_in_common_are_not_compared() -> None:
    assert deltas(system("a", s13=1), system("b", s14=2), SHEETS, TASK) == []


def test_no_difference_holds_zero() -> None:
    assert all(delta.holds_zero for delta in deltas(system("a", s13=1), system("b", s13=1), SHEETS, TASK))


def test_rounds_keep_their_seed_and_what_stands_beside_them_has_all() -> None:
    rounds = [system("baseline", s13=3), system("round-1", s13=1)]
    beside = [system("baseline", s14=2), system("random", s13=2), system("sequential", s14=1)]
    found = intervals(rounds, beside, "round-1", SHEETS, TASK)
    seeds = {one.system: one.seeds for one in found.systems}
    assert seeds == {
        "baseline": [13],
        "round-1": [13],
        "random": [13],
        "sequential": [13, 14],
        "baseline_over_seeds": [13, 14],
    }
    gained = [d for d in found.deltas if d.against == "baseline" and d.metric == "accuracy"]
    assert {d.system: (d.value, d.seeds) for d in gained} == {
        "round-1": (50.0, [13]),
        "random": (25.0, [13]),
        "sequential": (37.5, [13, 14]),
    }


def test_the_method_is_also_measured_against_its_rivals() -> None:
    rounds = [system("baseline", s13=3), system("round-1", s13=2), system("round-2", s13=1)]
    assert pairs(rounds, [system("random", s13=1)]) == [
        ("round-1", "baseline"),
        ("round-2", "baseline"),
        ("random", "baseline"),
        ("round-1", "random"),
    ]


def test_method_and_all_beside_it_are_measured_against_prompting() -> None:
    rounds = [system("baseline", s13=3), system("round-1", s13=2), system("round-2", s13=1)]
    beside = [prompted("zero_shot", s13=2), system("random", s13=1), prompted("few_shot", s13=1)]
    assert pairs(rounds, beside, chosen="round-2") == [
        ("round-1", "baseline"),
        ("round-2", "baseline"),
        ("zero_shot", "baseline"),
        ("random", "baseline"),
        ("few_shot", "baseline"),
        ("round-2", "zero_shot"),
        ("round-2", "random"),
        ("round-2", "few_shot"),
        ("random", "zero_shot"),
        ("few_shot", "zero_shot"),
        ("random", "few_shot"),
    ]


def test_a_prompted_system_is_scored_like_others() -> None:
    found = intervals([system("baseline", s13=3)], [prompted("zero_shot", s13=2)], "baseline", SHEETS, TASK)
    (table,) = [one for one in found.systems if one.system == "zero_shot"]
    assert (table.updates, table.scores["test"]["ja"].metrics["accuracy"].value) == ({}, 50.0)
    assert [(d.system, d.against) for d in found.deltas] == [("zero_shot", "baseline")] * 2


def test_gains_are_the_deltas_against_the_baseline_on_test() -> None:
    both = sheets({"dev": SENTENCES, "test": SENTENCES}, TASK)
    rounds = [system("baseline", s13=2), system("round-1", s13=1)]
    found = gains(intervals(rounds, [system("random", s13=2)], "round-1", both, TASK).deltas)
    assert set(found) == {"round-1", "random"}
    assert found["round-1"]["ja"]["accuracy"] == Interval(25.0, 25.0, 25.0)
    assert list(found["round-1"]["ja"]) == ["mcc", "accuracy"]


def test_a_split_that_a_system_did_not_answer_is_left_out() -> None:
    both = sheets({"dev": SENTENCES, "test": SENTENCES}, TASK)
    assert list(score_table(system("a", s13=1), both, TASK).scores) == ["test"]


def test_test_is_predicted_from_dev() -> None:
    """The difference of a source is 0 or 25 points on dev: half of it is the standard deviation, of the mean 12.5 / sqrt(3)."""
    right, wrong = predictions(0, split="dev"), predictions(1, split="dev")
    mixed = [*wrong[:8], *right[8:]]
    one = SystemAnswers("a", "", {"gold": 1}, {13: answers([*right, *predictions(0)])})
    other = SystemAnswers("b", "", {"gold": 1}, {13: answers([*mixed, *predictions(1)])})
    found = {
        (d.split, d.metric): d for d in deltas(one, other, sheets({"dev": SENTENCES, "test": SENTENCES}, TASK), TASK)
    }
    assert found["dev", "accuracy"].predicted is None
    assert found["test", "accuracy"].predicted == pytest.approx(3.182 * 12.5 / np.sqrt(3), rel=0.03)  # t with 3 degrees
    assert found["test", "accuracy"].found == 0.0


def test_a_test_set_of_one_group_predicts_nothing() -> None:
    dev, one = SENTENCES, [replace(s, source="甲") for s in SENTENCES]
    asked = sheets({"dev": dev, "test": one}, TASK)
    first, second = (
        SystemAnswers(name, "", {"gold": 1}, {13: answers([*predictions(wrong, dev, "dev"), *predictions(wrong, one)])})
        for name, wrong in (("baseline", 2), ("round-1", 1))
    )
    found = intervals([first, second], [], "round-1", asked, TASK).deltas
    assert {delta.predicted for delta in found if delta.split == "test"} == {None}


def test_predictions_of_other_examples_are_refused() -> None:
    short = SystemAnswers("a", "", {"gold": 1}, {13: answers(predictions(1, SENTENCES[:-1]))})
    with pytest.raises(UserError, match=r"'a', seed 13: 1 test example\(s\) in 'ja' have no answer, e\.g\. '丁-3'"):
        score_table(short, SHEETS, TASK)
