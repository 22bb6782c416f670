from dataclasses import replace

from gemquad.report.verdict import Verdict, verdict
from test_page import bare, content, delta, score, system

ROUND_1 = "+2.4 F1 in Spanish (95% interval −1.0 to +5.8, which holds 0)."


def test_a_gain_is_named_with_its_interval() -> None:
    clear = content(deltas=[delta("round-1", "baseline", "f1", 3.8, 0.6, 7.0)])
    said = verdict(clear)
    assert said.selection == "Round 1 was selected on dev."
    assert said.gain == "On test it gains +3.8 F1 in Spanish (95% interval +0.6 to +7.0)."


def test_no_gain_is_shown_where_every_interval_holds_0() -> None:
    assert verdict(content()).gain == f"On test it gains {ROUND_1} A gain in F1 is not shown."


def test_a_loss_is_a_change_and_not_a_gain() -> None:
    lost = content(deltas=[delta("round-1", "baseline", "f1", -1.5, -3.0, -0.1)])
    assert verdict(lost).gain == "On test it changes by −1.5 F1 in Spanish (95% interval −3.0 to −0.1)."


def test_a_selected_baseline_gains_nothing_and_the_best_round_is_named() -> None:
    said = verdict(content(best="baseline"))
    assert said.selection == "No round beat the baseline on dev, so the baseline was selected."
    assert said.gain.startswith(f"Round 1 did best of the rounds. On test it gains {ROUND_1}")


def test_more_seeds_of_the_method_speak_beside_the_selected_round() -> None:
    several = replace(delta("sequential", "baseline", "f1", 4.0, 1.0, 7.0), seeds=[13, 14, 15])
    said = verdict(replace(content(), deltas=[*content().deltas, several]))
    assert said.gain.endswith(
        " Trained with 3 seeds on the silver of that round, it changes F1 by +4.0 in Spanish (+1.0 to +7.0)."
    )


def test_without_differences_there_are_scores() -> None:
    stands = Verdict(
        "No round was trained, so the baseline stands alone.",
        "On test it scores 58.5 F1 in Spanish and 59.5 F1 in German.",
    )
    assert verdict(bare()) == stands
    untested = replace(system("baseline", 58.5), scores={"dev": {"es": score(1.0)}})
    assert verdict(replace(bare(), systems=[untested])).gain == "It has not been scored on test."
