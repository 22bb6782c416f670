from dataclasses import replace

from gemquad.report.answer import answer
from gemquad.schema.results import ALL, AVERAGED, Score, SystemScores
from test_page import CLASSES, content, delta, labelled, system


def test_the_answer_is_the_selected_systems_on_test() -> None:
    said = answer(content(deltas=[delta("round-1", "baseline", "f1", 2.44, -1.0, 5.8)]))
    assert said == {"selected": "round-1", "silver": 5, "es": {"F1": 60.9, "EM": 50.9, "gain": "+2.4 ±3.4"}}
    assert list(said) == ["selected", "silver", "es"], "DVC shows the columns in this order"


def test_all_languages_together_come_first() -> None:
    first, second = (_pooled(system(name, value)) for name, value in (("baseline", 58.5), ("round-1", 60.94999)))
    pooled = delta("round-1", "baseline", "f1", -0.04, -4.0, 4.0, ALL)
    said = answer(content(systems=[first, second], deltas=[pooled]))
    assert list(said) == ["selected", "silver", "all", "es"]
    assert said["all"] == {"F1": 60.9, "EM": 50.9, "gain": "±0.0 ±4.0"}


def test_the_baseline_gains_nothing_and_has_no_silver() -> None:
    assert answer(content(best="baseline")) == {"selected": "baseline", "silver": 0, "es": {"F1": 58.5, "EM": 48.5}}


def test_the_mean_of_all_rounds_has_the_silver_of_the_last() -> None:
    found = content()
    said = answer(replace(found, best=AVERAGED, systems=[*found.systems, system(AVERAGED, 59.0)]))
    assert (said["selected"], said["silver"]) == (AVERAGED, 5)


def test_the_metrics_are_those_of_the_task() -> None:
    assert answer(labelled(CLASSES, -0.04, best="baseline"))["ja"] == {"accuracy": 0.0}


def _pooled(found: SystemScores) -> SystemScores:
    scores: dict[str, dict[str, Score]] = {split: {**own, ALL: own["es"]} for split, own in found.scores.items()}
    return replace(found, scores=scores)
