from gemquad.report.summary import score_rows, silver_rows, summary
from gemquad.rounds.stopping import Decision, RoundResult


def scores(f1: float) -> dict[str, dict[str, dict[str, float]]]:
    values = {"f1": f1, "exact_match": f1 / 2, "questions": 7}
    return {"dev": {"hi": values}, "test": {"hi": values, "de": values}}


SCORES = {0: scores(40.0), 1: scores(43.5)}
SILVER = {0: {}, 1: {"hi": {"synthetic": 20, "silver": 5, "new": 5}}}
DECISION = Decision(True, "round 1: enough", [RoundResult(0, 40.0), RoundResult(1, 43.5, 20, 5, 5)])
GENERATION = {"languages": {"hi": {"prompts": 60, "synthetic_pairs": 20, "extractive_share": 1.0}}}


def test_the_table_has_a_row_per_language_and_system() -> None:
    lines = summary(SCORES, SILVER, DECISION, GENERATION).splitlines()
    assert lines[2] == "| hi | baseline | 40.0 | 20.0 | 40.0 | 20.0 | 7 | – |"
    assert lines[3] == "| hi | **round-1** | 43.5 | 21.8 | 43.5 | 21.8 | 7 | 5 of 20 |"
    assert lines[4] == "| de | baseline | – | – | 40.0 | 20.0 | 7 | – |"


def test_the_text_says_what_was_generated_gained_and_decided() -> None:
    text = summary(SCORES, SILVER, DECISION, GENERATION)
    assert "Generated hi: 20 synthetic pairs from 60 prompts, 100.0% extractive." in text
    assert "Test de: round-1 against baseline +3.5 F1 and +1.8 exact match on 7 questions." in text
    assert "Stopped after round 1: enough." in text
    assert "Best on dev: round-1" in text


def test_rows_for_plots() -> None:
    assert {"round": 1, "series": "hi test", "f1": 43.5, "exact_match": 21.75, "questions": 7} in score_rows(SCORES)
    assert silver_rows(SILVER) == [{"round": 1, "language": "hi", "synthetic": 20, "silver": 5, "new": 5}]
