from dataclasses import replace

from gemquad.report.summary import summary
from test_page import CLASSES, content, delta, labelled


def table(text: str) -> list[str]:
    """The lines from the table on."""
    lines = text.splitlines()
    return lines[next(i for i, line in enumerate(lines) if line.startswith("|")) :]


def test_the_answer_comes_first() -> None:
    text = summary(content())
    assert text.startswith(
        "**Should you ship this student? Yes, ship round 1.** Round 1 was selected on dev.\n\n* **Spanish: Yes"
    )


def test_the_table_has_a_row_per_language_and_system() -> None:
    lines = table(summary(content()))
    assert lines[0] == "| language | system | dev F1 | dev EM | test F1 | test EM | test questions | silver |"
    assert lines[1] == "|---|---|--:|--:|--:|--:|--:|--:|"
    assert lines[2] == "| es | baseline | 60.5 | 50.5 | 58.5 | 48.5 | 153 | – |"
    assert lines[3] == "| es | **round-1** | 62.9 | 52.9 | 60.9 | 50.9 | 153 | 5 of 20 |"
    assert lines[5] == "| de | baseline | – | – | 59.5 | 49.5 | 153 | – |"


def test_the_columns_are_those_of_the_task() -> None:
    lines = table(summary(labelled(CLASSES, 61.0)))
    assert lines[:2] == [
        "| language | system | dev accuracy | test accuracy | test examples | silver |",
        "|---|---|--:|--:|--:|--:|",
    ]
    assert lines[3] == "| ja | **round-1** | 63.4 | 63.4 | 153 | 2 of 6 |"
    assert "Generated ja: 6 synthetic pairs from 9 prompts, label neutral 6." in lines


def test_the_text_says_what_was_generated_gained_and_decided() -> None:
    text = summary(content())
    assert "Generated es: 20 synthetic pairs from 40 prompts, extractive 100.0%." in text
    assert "Warning es: nothing is asked about Cusco" in text
    assert "Test es: round-1 against baseline +2.4 F1 (−1.0 to +5.8) n.s. and +6.5 EM (+1.2 to +11.8)." in text
    assert "Test es: round-1 against unfiltered +5.9 F1 (+0.4 to +11.0)." in text
    assert "Stopped after round 1: the only round (stopping.max_rounds)." in text
    assert "Selected: round-1" in text


def test_what_was_predicted_of_an_interval_stands_beside_what_was_found() -> None:
    gained = replace(delta("round-1", "baseline", "f1", 2.4, -1.0, 5.8), predicted=3.14)
    text = summary(content(deltas=[gained]))
    assert "against baseline +2.4 F1 (−1.0 to +5.8; predicted ±3.1, found ±3.4) n.s.\n" in text
