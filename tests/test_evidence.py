import pytest

from conftest import question
from gemquad.errors import UserError
from gemquad.schema import Prediction, Question
from gemquad.scoring.evidence import System, answers, deltas, evidence, score_table, sheets

QUESTIONS = [
    question(f"{name} vive en Lima.", id=f"q{i}-{name}") for name in ("Ana", "Eva", "Luz", "Pía") for i in range(3)
]
SHEETS = sheets({"test": QUESTIONS})


def predictions(f1: float, questions: list[Question] = QUESTIONS, split: str = "test") -> list[Prediction]:
    return [Prediction(q.id, q.language, split, "Lima", 12, 0.5, f1, float(f1 == 1.0)) for q in questions]


def system(name: str, updates: dict[str, int] | None = None, **runs: float) -> System:
    """`system("a", s13=0.5)`: every question has F1 0.5 with seed 13."""
    return System(
        name, "", updates or {"gold": 1}, {int(seed[1:]): answers(predictions(f1)) for seed, f1 in runs.items()}
    )


def test_questions_of_one_passage_have_its_number() -> None:
    (sheet,) = SHEETS
    assert sheet.passages.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]


def test_scores_are_means_over_seeds_and_questions_in_percent() -> None:
    table = score_table(system("a", s13=0.5, s14=1.0), SHEETS)
    scores = table["scores"]["test"]["es"]
    assert (scores["questions"], scores["passages"], table["seeds"]) == (12, 4, [13, 14])
    assert (scores["f1"]["value"], scores["exact_match"]["value"]) == (75.0, 50.0)


def test_a_delta_is_taken_over_the_seeds_both_have() -> None:
    (f1, _) = deltas(system("a", s13=0.75, s14=0.0), system("b", s13=0.5), SHEETS)
    assert (f1["value"], f1["seeds"], f1["against"]) == (25.0, [13], "b")
    assert not f1["holds_zero"]


def test_no_difference_holds_zero() -> None:
    (f1, exact) = deltas(system("a", s13=0.5), system("b", s13=0.5), SHEETS)
    assert f1["holds_zero"] and exact["holds_zero"]


def test_rounds_keep_their_seed_and_what_stands_beside_them_has_all() -> None:
    rounds = [system("baseline", s13=0.2), system("round-1", s13=0.5)]
    beside = [system("baseline", s14=0.4), system("random", s13=0.3), system("sequential", s14=0.5)]
    found = evidence(rounds, beside, "round-1", SHEETS)
    seeds = {one["system"]: one["seeds"] for one in found["systems"]}
    assert seeds == {
        "baseline": [13],
        "round-1": [13],
        "random": [13],
        "sequential": [13, 14],
        "baseline_over_seeds": [13, 14],
    }
    gained = {d["system"]: (round(d["value"], 6), d["seeds"]) for d in found["deltas"] if d["against"] == "baseline"}
    f1 = {
        d["system"]: round(d["value"], 6) for d in found["deltas"] if d["against"] == "baseline" and d["metric"] == "f1"
    }
    assert f1 == {"round-1": 30.0, "random": 10.0, "sequential": 20.0}
    assert gained["sequential"][1] == [13, 14] and gained["round-1"][1] == [13]


def test_the_method_is_also_measured_against_its_rivals() -> None:
    rounds = [system("baseline", s13=0.1), system("round-1", s13=0.2), system("round-2", s13=0.3)]
    found = evidence(rounds, [system("random", s13=0.3)], "round-1", SHEETS)
    assert [(d["system"], d["against"]) for d in found["deltas"] if d["metric"] == "f1"] == [
        ("round-1", "baseline"),
        ("round-2", "baseline"),
        ("random", "baseline"),
        ("round-1", "random"),
    ]


def test_a_split_that_a_system_did_not_answer_is_left_out() -> None:
    both = sheets({"dev": QUESTIONS, "test": QUESTIONS})
    assert list(score_table(system("a", s13=0.5), both)["scores"]) == ["test"]


def test_predictions_of_other_questions_are_refused() -> None:
    short = System("a", "", {"gold": 1}, {13: answers(predictions(0.5, QUESTIONS[:-1]))})
    with pytest.raises(UserError, match=r"'a', seed 13: 1 test question\(s\) in 'es' have no answer, e\.g\. 'q2-Pía'"):
        score_table(short, SHEETS)
