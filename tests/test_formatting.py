import pytest

from gemquad.report.formatting import (
    change,
    counted,
    counted_examples,
    fact,
    interval,
    listed,
    money,
    score,
    signed,
    system_label,
)
from gemquad.schema.results import Interval
from gemquad.views.task_view import Terms


@pytest.mark.parametrize(
    ("value", "written"), [(2.44, "+2.4"), (-1.05, "−1.1"), (0.04, "±0.0"), (-0.04, "±0.0"), (0.0, "±0.0")]
)
def test_a_difference_has_a_sign(value: float, written: str) -> None:
    assert signed(value) == written


def test_the_paper_has_two_digits() -> None:
    assert signed(5.05, digits=2) == "+5.05"


def test_a_difference_stands_with_its_interval() -> None:
    assert change(Interval(1.6, -4.3, 7.6)) == "+1.6 (−4.3 to +7.6) n.s."
    assert change(Interval(1.6, 0.3, 2.6), "; new", "F1") == "+1.6 F1 (+0.3 to +2.6; new)"


def test_numbers_of_things() -> None:
    assert [counted(1, "seed"), counted(1200, "pair")] == ["1 seed", "1,200 pairs"]


def test_examples_are_counted_with_their_groups_where_they_have_any() -> None:
    assert counted_examples(153, 51, Terms("question", "passage")) == "153 questions on 51 passages"
    assert counted_examples(1200, 1200, Terms("pair", "pair")) == "1,200 pairs"


def test_scores_may_be_negative() -> None:
    assert [score(58.46), score(-3.2)] == ["58.5", "−3.2"]
    assert [interval(0.0, 9.5), interval(-3.2, 9.5)] == ["0.0–9.5", "−3.2 to 9.5"]


def test_facts_are_shares_or_counts() -> None:
    assert fact("extractive_share", 0.985) == ("extractive", "98.5%")
    assert fact("label_not_ok", 1200) == ("label not ok", "1,200")
    assert fact("mean_length", 12.3456) == ("mean length", "12.3")


def test_small_amounts_keep_their_digits() -> None:
    assert [money(0), money(0.00014), money(12.3456), money(1234.5)] == ["0", "0.00014", "12.35", "1,234.50"]


def test_lists_in_a_sentence() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_systems_have_names_that_people_write() -> None:
    assert [system_label(name) for name in ("round-1", "longer_baseline", "weakdap", "silver_alone")] == [
        "round 1",
        "baseline, longer",
        "WeakDAP",
        "silver alone",
    ]
    assert system_label("zero_shot_llm") == "LLM prompted, zero-shot"
    assert system_label("few_shot_llm") == "LLM prompted, few-shot"
