from pathlib import Path

from gemquad.workspace import Workspace


def test_round_0_follows_the_opening_of_the_loop_and_every_other_round_the_decision_before_it() -> None:
    files = Workspace(Path("run"))
    assert files.round(0).decision_before == Path("run/data/rounds/0/opening.json")
    assert files.round(2).decision_before == files.round(1).decision == Path("run/metrics/rounds/1/decision.json")


def test_before_round_0_there_is_a_path_and_no_file() -> None:
    """`filter --round 0`, called by hand, finds no such file and says so."""
    assert Workspace().round(-1).decision == Path("metrics/rounds/-1/decision.json")
