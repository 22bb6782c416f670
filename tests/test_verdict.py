from dataclasses import replace
from typing import Any

from gemquad.report.content import PageContent
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


def few_dev(found: PageContent, examples: int) -> PageContent:
    """The same with so many dev examples."""
    dev = {"es": replace(score(60.0), examples=examples)}
    return replace(found, systems=[replace(one, scores={**one.scores, "dev": dev}) for one in found.systems])


def test_a_clear_gain_ships_with_its_interval_and_number_of_examples_and_needs_no_advice() -> None:
    evidence = "Against the baseline, on 153 questions, round 1 gains 3.8 F1 (95% interval +0.6 to +7.0)."
    assert spanish(GAINED) == LanguageVerdict("es", "clear gain", "Yes, ship it.", evidence, "")


def test_a_clear_gain_in_any_metric_counts_and_the_other_may_be_chance() -> None:
    found = spanish(OPEN, ALSO_GAINED)
    assert found.answer == "Yes, ship it."
    assert found.evidence.endswith(
        "gains 6.5 EM (95% interval +1.2 to +11.8) and differs by +2.0 F1 (95% interval −2.0 to +6.0), which may be chance."
    )


def test_where_every_interval_holds_0_nothing_is_called_a_gain_and_more_test_examples_are_asked_for() -> None:
    found = spanish(OPEN)
    assert (found.outcome, found.answer) == ("no clear gain", "Not shown yet.")
    assert " gains " not in found.evidence
    assert found.next == "Score about 640 test questions: a gain of this size would then be clear"


def test_no_number_of_test_examples_is_named_for_what_is_no_gain_or_next_to_none() -> None:
    for value in (-1.0, 0.01):
        found = spanish(delta("round-1", "baseline", "f1", value, value - 4, value + 4))
        assert found.next == "Score more than 153 test questions, which are too few to tell"


def test_a_clear_loss_ships_the_baseline_and_sends_the_reader_to_the_pairs() -> None:
    found = spanish(LOST)
    assert found.answer == "No, ship the baseline."
    assert "round 1 loses 1.5 F1 (95% interval −3.0 to −0.1)." in found.evidence
    assert found.next.startswith("Read what the filter keeps")


def test_a_gain_beside_a_loss_leaves_the_choice() -> None:
    assert spanish(LOST, ALSO_GAINED).outcome == "clear gain and clear loss"


def test_few_silver_pairs_ask_for_more_prompts() -> None:
    for silver, asked in ((29, True), (30, False)):
        found = spanish(LOST, rounds={0: {}, 1: {"es": SilverCounts(900, silver, silver)}})
        assert ("take a larger generator: 29 silver pairs teach little" in found.next) == asked


def test_few_dev_examples_ask_for_more() -> None:
    for examples, asked in ((99, True), (100, False)):
        found = verdict(few_dev(content(deltas=[LOST], rounds=PLENTY), examples)).languages[0]
        assert ("Label more dev questions: 99 choose a round mostly by chance" in found.next) == asked


def test_the_headline_is_the_outcome_by_language() -> None:
    hindi = replace(ALSO_GAINED, language="hi")
    both = verdict(content(trained=["es", "hi"], deltas=[OPEN, hindi]))
    assert both.selection == "Round 1 was selected on dev."
    assert both.headline == "Round 1: no clear gain in Spanish, clear gain in Hindi"
    assert verdict(content(trained=["es", "hi"], deltas=[])).headline == "Round 1: no clear gain in Spanish and Hindi"


def test_all_languages_together_stand_in_the_headline_and_come_first() -> None:
    every = replace(GAINED, language="all")
    scores = {"test": {language: score(60.0) for language in ("es", "hi", "all")}}
    systems = [replace(system(name, 60.0), scores=scores) for name in ("baseline", "round-1")]
    found = verdict(content(trained=["es", "hi"], systems=systems, deltas=[OPEN, every]))
    assert found.headline.endswith("; over both languages: +3.8 F1 (+0.6 to +7.0)")
    evidence = "Against the baseline, on 153 questions, round 1 gains 3.8 F1 (95% interval +0.6 to +7.0)."
    assert found.gain.startswith(f"All languages: {evidence} Spanish: ")
    assert verdict(content(deltas=[OPEN])).pooled == ""


def test_a_selected_baseline_ships_and_the_best_round_is_named() -> None:
    baseline = content(best="baseline", deltas=[OPEN], rounds=PLENTY)
    found = verdict(baseline)
    assert found.headline == found.selection == "No round beat the baseline on dev, so the baseline was selected."
    assert found.languages[0].answer == "Ship the baseline."
    assert "round 1 differs by +2.0 F1" in found.gain and shown_system(baseline) == "round-1"


def test_more_seeds_of_the_method_speak_beside_the_selected_round() -> None:
    several = replace(delta("sequential", "baseline", "f1", 4.0, 1.0, 7.0), seeds=[13, 14, 15])
    assert spanish(OPEN, several).evidence.endswith(
        " Trained with 3 seeds on the same silver, it gains 4.0 F1 (95% interval +1.0 to +7.0)."
    )


def test_without_differences_there_are_scores() -> None:
    found = verdict(bare())
    assert found.selection == "No round was trained, so the baseline stands alone."
    assert found.gain == "Spanish: Baseline scores 58.5 F1 and 48.5 EM on 153 questions."
    untested = replace(system("baseline", 58.5), scores={"dev": {"es": score(1.0)}})
    assert verdict(replace(bare(), systems=[untested])).gain == "Spanish: Baseline has not been scored on test."
