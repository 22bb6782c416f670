from dataclasses import replace
from typing import Any

from gemquad.report.verdict import LanguageVerdict, shown_system, verdict
from gemquad.schema.results import SilverCounts
from test_page import bare, content, delta, score, system

GAINED = delta("round-1", "baseline", "f1", 3.8, 0.6, 7.0)
LOST = delta("round-1", "baseline", "f1", -1.5, -3.0, -0.1)
OPEN = delta("round-1", "baseline", "f1", 2.0, -2.0, 6.0)
ALSO_GAINED = delta("round-1", "baseline", "exact_match", 6.5, 1.2, 11.8)
PLENTY = {0: {}, 1: {"es": SilverCounts(900, 300, 300)}}


def spanish(*deltas: Any, **changes: Any) -> LanguageVerdict:
    """Of a run with silver and dev enough, unless `changes` say otherwise."""
    return verdict(content(deltas=list(deltas), **{"rounds": PLENTY, **changes})).languages[0]


def test_a_clear_gain_ships_with_its_interval_and_number_of_examples_and_needs_no_advice() -> None:
    evidence = "Round 1 minus baseline on 153 test questions: +3.8 F1 (+0.6 to +7.0)."
    assert spanish(GAINED) == LanguageVerdict("es", "clear gain", "Yes: clear gain in F1", evidence, [])


def test_a_clear_gain_in_any_metric_counts_and_the_other_bears_the_mark() -> None:
    found = spanish(OPEN, ALSO_GAINED)
    assert found.answer == "Yes: clear gain in EM"
    assert found.evidence.endswith(": +2.0 F1 (−2.0 to +6.0) n.s. and +6.5 EM (+1.2 to +11.8).")


def test_where_every_interval_contains_0_nothing_is_called_a_gain_and_a_number_of_test_examples_is_asked_for() -> None:
    found = spanish(OPEN)
    assert (found.outcome, found.answer) == ("no clear gain", "Not enough evidence")
    assert found.steps[0].command == "dvc exp run -S ++data.languages.es.test=FILE"


def test_a_clear_loss_ships_the_baseline_and_sends_the_reader_to_the_pairs() -> None:
    found = spanish(LOST)
    assert found.answer == "No: clear loss in F1"
    assert [step.next[:34] for step in found.steps] == ["read what the filter keeps of wrong"[:34]]


def test_a_gain_beside_a_loss_is_not_enough() -> None:
    found = spanish(LOST, ALSO_GAINED)
    assert found.answer == "Not enough evidence: clear gain in EM, clear loss in F1"


def test_the_headline_is_one_answer_over_all() -> None:
    scores = {"test": {language: score(60.0) for language in ("es", "hi", "all")}}
    systems = [replace(system(name, 60.0), scores=scores) for name in ("baseline", "round-1")]
    both = content(trained=["es", "hi"], systems=systems, rounds=PLENTY)

    def headline(*deltas: Any) -> str:
        return verdict(replace(both, deltas=list(deltas))).headline

    every, hindi = replace(GAINED, language="all"), replace(LOST, language="hi")
    assert headline(every, GAINED) == "Yes, ship round 1"
    assert headline(every, GAINED, hindi) == "Yes, ship round 1, but not for Hindi"
    assert headline(replace(OPEN, language="all"), GAINED) == "Not enough evidence to ship round 1"
    assert headline(replace(LOST, language="all")) == "No, ship the baseline"
    assert [one.language for one in verdict(both).languages] == ["all", "es", "hi"]


def test_the_text_is_the_answer_its_evidence_and_each_step_with_its_command() -> None:
    lines = verdict(content(deltas=[OPEN], rounds=PLENTY)).text.splitlines()
    assert lines[0] == (
        "**Should you ship this student? Not enough evidence to ship round 1.** Round 1 was selected on dev."
    )
    assert lines[2] == (
        "* **Spanish: Not enough evidence.** Round 1 minus baseline on 153 test questions: +2.0 F1 (−2.0 to +6.0) n.s."
    )
    assert lines[3].startswith(
        "  * +2.0 F1 (−2.0 to +6.0) n.s. on 153 test questions; a gain of that size is found in 4 of 5 runs"
    )
    assert lines[3].endswith(
        "Next: score 1,047 more test questions; no student is trained again: "
        "`dvc exp run -S ++data.languages.es.test=FILE`"
    )
    assert lines[-1] == "An experiment starts from the defaults: add the `-S` that this run was given."
    assert "`-S`" not in verdict(content(deltas=[GAINED], rounds=PLENTY)).text


def test_a_selected_baseline_ships_and_the_best_round_is_named() -> None:
    baseline = content(best="baseline", deltas=[OPEN], rounds=PLENTY)
    found = verdict(baseline)
    assert found.headline == "No, ship the baseline"
    assert found.selection == "No round beat the baseline on dev, so the baseline was selected."
    assert found.languages[0].answer == "No"
    assert "Round 1 minus baseline" in found.text and shown_system(baseline) == "round-1"


def test_more_seeds_of_the_method_speak_beside_the_selected_round() -> None:
    several = replace(delta("sequential", "baseline", "f1", 4.0, 1.0, 7.0), seeds=[13, 14, 15])
    assert spanish(OPEN, several).evidence.endswith(" Trained with 3 seeds on the same silver: +4.0 F1 (+1.0 to +7.0).")


def test_without_differences_there_are_scores() -> None:
    found = verdict(bare())
    assert found.selection == "No round was trained, so the baseline stands alone."
    assert found.languages[0].evidence == "Baseline scores 58.5 F1 and 48.5 EM on 153 test questions."
    untested = replace(system("baseline", 58.5), scores={"dev": {"es": score(1.0)}})
    (spanish,) = verdict(replace(bare(), systems=[untested])).languages
    assert spanish.evidence == "Baseline has not been scored on test."
