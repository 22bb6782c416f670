"""Each rule fires on its number and not one beyond, and names the number and a command."""

from dataclasses import replace
from typing import Any

from conftest import ROOT
from gemquad.params import load_params
from gemquad.report.advice import advice
from gemquad.report.content import Levers, Looser, PageContent
from gemquad.report.levers import levers
from gemquad.report.settle import Step
from gemquad.schema.results import Decision, GenerationCounts, Interval, RoundResult, SilverCounts
from test_page import TASK, content, generation, score

PLENTY = {0: {}, 1: {"es": SilverCounts(900, 300, 300)}}
SETTLED = Decision(True, "round 1: done", [RoundResult(0, 60.5), RoundResult(1, 60.5, 20, 5, 4)])


def run(**changes: Any) -> PageContent:
    """With silver enough, and no better on dev than the baseline."""
    return content(**{"rounds": PLENTY, "decision": SETTLED, **changes})


def steps(**changes: Any) -> list[Step]:
    return list(advice(run(**changes), "es"))


def silver(kept: int, candidates: int = 20, **levers: Any) -> list[Step]:
    rounds = {0: {}, 1: {"es": SilverCounts(candidates, kept, kept)}}
    return steps(rounds=rounds, levers=Levers("prompting.prompts_per_passage", 6, **levers))


def with_dev(found: PageContent, examples: int, f1: float = 60.0) -> PageContent:
    """The same with so many dev examples, and such a score on them."""
    dev = replace(score(f1), examples=examples)
    dev = replace(dev, metrics={**dev.metrics, "f1": Interval(f1, f1 - 9, f1 + 9)})
    return replace(found, systems=[replace(one, scores={**one.scores, "dev": {"es": dev}}) for one in found.systems])


def test_a_run_without_these_faults_gets_no_advice() -> None:
    assert steps() == []


def test_silver_under_30_asks_for_as_many_prompts_as_would_keep_30() -> None:
    (step,) = silver(15, candidates=90)
    assert step.why == "15 silver pairs of 90 candidates; under 30 teach little"
    assert step.command == "dvc exp run -S prompting.prompts_per_passage=12"
    assert silver(30) == []


def test_where_prompts_would_not_do_a_larger_generator_is_asked_for() -> None:
    for kept in (0, 1):
        assert silver(kept, larger_generator="generator=X")[-1].command == "dvc exp run -S generator=X"
        assert silver(kept)[-1] == Step(
            silver(kept)[-1].why, "take a larger generator: more prompts of this one would not do", ""
        )


def test_a_larger_generator_is_named_beside_the_embedded_one_alone() -> None:
    params = load_params(ROOT / "params.yaml")
    server = replace(params, backend=replace(params.backend, name="openai"))
    large = replace(params, generator=replace(params.generator, name="Qwen/Qwen3-14B"))
    named = [levers(one, [], TASK).larger_generator for one in (params, server, large)]
    assert named == ["generator=qwen-coder-1.5b", "", ""]


def test_pairs_that_were_held_back_from_the_filter_come_first() -> None:
    (step,) = silver(10, candidates=15, keep_fraction=0.3)  # of 20 synthetic pairs
    assert step.next == "put the other 5 synthetic pairs before the filter too"
    assert step.command == "dvc exp run -S filter.keep_fraction=1"


def test_a_filter_that_many_pairs_miss_by_little_is_too_strict() -> None:
    looser = Looser("filter.min_f1=0.5", {"es": 7})
    strict, _ = silver(15, looser=looser)
    assert strict.why == "the filter dropped 7 candidates that filter.min_f1=0.5 would keep"
    assert strict.command == "dvc exp run -S filter.min_f1=0.5"
    assert len(silver(15, looser=replace(looser, pairs={"es": 2}))) == 1


def test_dev_under_100_says_what_a_score_on_it_is_worth() -> None:
    (step,) = advice(with_dev(run(), 20), "es")
    assert step.why == "20 dev questions, on which a score has ±9.0 F1: they choose a round mostly by chance"
    assert step.next.startswith("label 80 more") and step.command == "dvc exp run -S stopping.choose=average"
    assert list(advice(with_dev(run(), 100), "es")) == []
    assert list(advice(with_dev(run(best="averaged"), 20), "es")) == []


def test_a_baseline_near_0_asks_for_another_student() -> None:
    (step,) = advice(with_dev(run(), 200, f1=9.9), "es")
    assert step.why.startswith("the baseline scores 9.9 F1 on dev")
    assert step.command == "dvc exp run -S student=xlm-roberta-base"
    settings = {"student": "FacebookAI/xlm-roberta-base"}
    (other,) = advice(with_dev(run(settings=settings), 200, f1=9.9), "es")
    assert other.command == "gemquad predict --model models/students/round-0 --file FILE"
    assert list(advice(with_dev(run(), 200, f1=10.0), "es")) == []


def test_a_generator_of_which_less_than_half_is_a_pair_says_what_became_of_the_rest() -> None:
    counts = GenerationCounts(40, {"ok": 19, "no question mark": 15, "empty": 6}, 19, 900, 400, 0, 0.5, 0.025)
    (step,) = steps(generation=generation("es", counts, {}, []))
    assert step.why == "19 of 40 completions became pairs (47.5%), 15 being “no question mark”"
    assert steps(generation=generation("es", replace(counts, synthetic_pairs=20), {}, [])) == []


def test_a_loop_that_its_length_ended_while_dev_rose_may_go_on() -> None:
    rising = Decision(True, "…", [RoundResult(0, 60.5), RoundResult(1, 62.9, 20, 5, 4)])
    (step,) = steps(decision=rising, levers=Levers(max_rounds=1, min_improvement=0.5))
    assert step.why == "dev still rose by +2.4 points in round 1, the last that stopping.max_rounds allows"
    assert step.command == "dvc exp run -S stopping.max_rounds=3"
    assert steps(decision=rising, levers=Levers(max_rounds=2)) == []
    assert steps(decision=rising, levers=Levers(max_rounds=1, min_improvement=2.5)) == []
