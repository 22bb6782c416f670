"""Forecasts for a scripted generator, whose tokens are words: what they assume, and what they measure."""

from dataclasses import replace
from pathlib import Path

import pytest

from conftest import prompter_of, sample_prompts
from gemquad.generation.backends.scripted import ScriptedBackend
from gemquad.generation.engine import Engine
from gemquad.generation.estimate import GenerationEstimate, estimate, without_shared
from gemquad.generation.pairs import PairPlan, complete, generate_pairs
from gemquad.generation.store import CompletionStore, Spent
from gemquad.params import Prices, load_params

PARAMS = load_params(Path(__file__).parents[1] / "params.yaml")
GENERATION = replace(PARAMS.generation, max_question_tokens=40, max_answer_tokens=12, rank_by="none")
PLAN = PairPlan(prompter_of(PARAMS.task, PARAMS.prompting, GENERATION), GENERATION)
PROMPTS = sample_prompts(passages=10, prompts_per_passage=3)
WORDS = sum(len(prompt.text.split()) for prompt in PROMPTS)
LIMIT = 68  # tokens of a completion: 40 for its question, 12 for its answer, 8 for what stands around each
PRICES = Prices(prompt_tokens=2.0, completion_tokens=10.0, hour=3.0)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(ScriptedBackend(), CompletionStore(tmp_path / "completions.db"))


def forecast(engine: Engine, sample: int = 64, measure: int = 0) -> GenerationEstimate:
    return estimate(PROMPTS, engine, PLAN, PRICES, sample, measure)


def kept(engine: Engine) -> int:
    return sum(held.completions for held in engine.store.holdings())


def test_without_completions_to_go_by_half_the_limit_is_assumed_and_the_time_is_unknown(engine: Engine) -> None:
    result = forecast(engine)
    assert (result.prompts, result.kept, result.measured) == (30, 0, 0)
    assert result.expected == Spent(WORDS, 30 * LIMIT // 2, 0.0)
    assert result.at_most == Spent(WORDS, 30 * LIMIT, 0.0)
    assert result.lines() == [
        "30 prompts, 0 of them in the store already; to generate: 30",
        f"tokens in: {WORDS}, out: 1020 (at most 2040)",
        "time: unknown time",
        "ranking the candidates (generation.rank_by) is not included",
        f"cost: {(2 * WORDS + 10200) / 1e6:.4f} (at most {(2 * WORDS + 20400) / 1e6:.4f} for tokens)",
        "basis: the prompts alone, completions at half their limit; --measure N generates and keeps N of these prompts",
    ]
    assert kept(engine) == 0


def test_blind_answers_are_named_among_what_is_not_included(engine: Engine) -> None:
    blind = PairPlan(PLAN.prompter, replace(GENERATION, blind_answers=True))
    assert estimate(PROMPTS, engine, blind, PRICES, 64, 0).lines()[3] == (
        "ranking the candidates (generation.rank_by) and their blind answers (generation.blind_answers) are not included"
    )


def test_without_completions_the_time_is_that_of_the_measured_speed(engine: Engine) -> None:
    asked = []

    def pace(read: float, written: float, request: float) -> float:
        asked.append((read, written, request))
        return 120.0

    result = estimate(PROMPTS, engine, PLAN, PRICES, 64, 0, pace)
    assert result.expected == Spent(WORDS, 30 * LIMIT // 2, 120.0)
    assert result.lines()[2] == "time: 2.0 minutes"
    assert result.lines()[-1].startswith("basis: the prompts, and the speed of this machine, measured just now, comp")
    ((read, written, request),) = asked
    assert 0 < read < WORDS and (written, request) == (30 * LIMIT / 2, (WORDS + 30 * LIMIT) / 30)
    complete(PROMPTS[:12], engine, PLAN)
    assert estimate(PROMPTS, engine, PLAN, PRICES, 64, 0, pace).measured == 12
    assert len(asked) == 1


def test_what_prompts_begin_with_alike_is_read_once() -> None:
    assert without_shared(["abcd", "abxy", "abcz"]) == pytest.approx((12 - 3 - 2) / 12)
    assert without_shared(["a"]) == without_shared([]) == 1.0


def test_measured_completions_are_kept_and_are_the_basis(engine: Engine) -> None:
    result = forecast(engine, measure=10)
    assert kept(engine) == 10
    assert (result.prompts, result.kept, result.measured) == (30, 10, 10)
    found = engine.store.missing(engine.keys([PLAN.prompter.request(prompt) for prompt in PROMPTS]))
    assert len(found) == 20
    held = engine.store.holdings()[0].spent
    assert result.expected.completion_tokens == held.completion_tokens * 2
    assert result.expected.seconds == pytest.approx(held.seconds * 2)
    assert result.expected.prompt_tokens == result.at_most.prompt_tokens == round(20 * WORDS / 30)
    assert result.at_most.completion_tokens == 20 * LIMIT
    assert "basis: 10 completions of this generator" in result.lines()[-1]


def test_measuring_again_generates_nothing_new(engine: Engine) -> None:
    first = forecast(engine, measure=10)
    assert forecast(engine, measure=10) == first
    assert kept(engine) == 10


def test_more_is_measured_than_there_are_prompts(engine: Engine) -> None:
    result = forecast(engine, measure=100)
    assert (result.prompts, result.kept, result.measured) == (30, 30, 30)
    assert result.expected == result.at_most == Spent(0, 0, 0.0)
    assert result.lines()[2] == "time: none, everything is in the store"


def test_what_is_kept_already_is_not_counted(engine: Engine) -> None:
    complete(PROMPTS[:12], engine, PLAN)
    result = forecast(engine)
    assert (result.prompts, result.kept, result.measured) == (30, 12, 12)
    assert result.at_most == Spent(round(18 * WORDS / 30), 18 * LIMIT, 0.0)
    complete(PROMPTS, engine, PLAN)
    assert forecast(engine).expected == Spent(0, 0, 0.0)


def test_a_sample_stands_for_all_prompts(engine: Engine) -> None:
    result = forecast(engine, sample=5)
    assert result.expected.prompt_tokens == pytest.approx(WORDS, rel=0.3)
    assert result.expected.completion_tokens == 1020


def test_other_completions_of_the_same_generator_are_a_basis(engine: Engine) -> None:
    others = sample_prompts(passages=20, prompts_per_passage=3)[30:]
    written = sum(one.completion.completion_tokens for one in complete(others, engine, PLAN))
    result = forecast(engine)
    assert (result.kept, result.measured) == (0, 30)
    assert result.expected.completion_tokens == written
    assert result.expected.seconds == pytest.approx(engine.store.holdings()[0].spent.seconds)


def test_judged_answers_are_no_basis_for_the_length_of_completions(engine: Engine) -> None:
    others = sample_prompts(passages=20, prompts_per_passage=3)[30:]
    ranked = replace(PLAN, generation=replace(GENERATION, rank_by="answer"))
    completions, _ = generate_pairs(others, engine, ranked)
    written = sum(one.completion_tokens for one in completions)
    assert sum(one.judged_tokens for one in completions) > 0
    assert forecast(engine).expected.completion_tokens == written
