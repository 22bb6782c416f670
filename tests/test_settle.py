from dataclasses import replace
from typing import Any

from gemquad.report.content import Levers
from gemquad.report.settle import Step, round_up, to_settle
from test_page import content, delta, score, system

OPEN = delta("round-1", "baseline", "f1", 2.0, -2.0, 6.0)


def found(*deltas: Any, **changes: Any) -> list[Step]:
    return list(to_settle(content(levers=Levers(seed=13), **changes), "es", deltas))


def test_the_examples_are_those_with_which_the_gain_is_found_in_4_of_5_runs() -> None:
    """±4 points on 51 groups is a variance of 51 * (4 / 2.01)^2 = 202 a group; (1.96 + 0.84)^2 * 202 / 2^2 = 396 groups of 3."""
    more, _ = found(OPEN)
    assert more.why.startswith("+2.0 F1 (−2.0 to +6.0) n.s. on 153 test questions; a gain of that size")
    wanted = int(more.why.rpartition(" ")[2].replace(",", ""))
    assert 1150 <= wanted <= 1300
    assert more.next.startswith(f"score {wanted - 153:,} more test questions")
    assert more.command == "dvc exp run -S ++data.languages.es.test=FILE"


def test_seeds_are_those_that_let_the_test_set_speak_of_the_method() -> None:
    _, seeds = found(OPEN)
    assert seeds.next.startswith("train 10 seeds of each") and seeds.next.endswith("test questions")
    assert seeds.command.endswith("-S 'comparison.seeds=[13,14,15,16,17,18,19,20,21,22]'")
    enough = found(delta("round-1", "baseline", "f1", 5.0, -0.5, 10.5))[1]
    assert enough.next.startswith("train 5 seeds") and enough.next.endswith("on this test set")


def test_where_there_is_no_gain_the_test_set_says_what_it_can_show() -> None:
    (step,) = found(delta("round-1", "baseline", "f1", -1.0, -5.0, 3.0))
    assert "so many show a gain of 5.7 F1 or more in 4 of 5 runs" in step.why
    assert step.next.startswith("for a gain of 2 F1 have 1,") and step.command == "gemquad estimate"


def test_equal_students_and_several_seeds_and_single_groups_say_nothing() -> None:
    assert found(delta("round-1", "baseline", "f1", 0.0, 0.0, 0.0)) == []
    assert found(replace(OPEN, seeds=[13, 14])) == []
    alone = {"test": {"es": replace(score(60.0), groups=1)}}
    assert found(OPEN, systems=[replace(system("round-1", 60.0), scores=alone)]) == []
    assert found() == []


def test_numbers_go_up_to_two_digits() -> None:
    assert [round_up(one) for one in (0.5, 7.2, 12, 1234, 1200.0)] == [1, 8, 12, 1300, 1200]
