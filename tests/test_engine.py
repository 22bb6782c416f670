"""The engine with a scripted generator: nothing is generated twice, caps hold, and a killed run goes on where it was."""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import prompter_of, sample_prompts
from gemquad.errors import UserError
from gemquad.generation.backends.in_process import TransformersBackend
from gemquad.generation.backends.protocol import Capabilities
from gemquad.generation.backends.scripted import ScriptedBackend
from gemquad.generation.engine import Caps, Engine, cost
from gemquad.generation.pairs import PairPlan, generate_pairs
from gemquad.generation.store import CompletionStore, Spent, request_key
from gemquad.params import ModelSource, Prices, load_params
from gemquad.parquet import write_records
from gemquad.schema import PassagePrompt
from gemquad.tasks.extractive_qa.prompt import PassagePrompter
from gemquad.tasks.requests import Field, GenerationResult, Request, SamplingSettings

ROOT = Path(__file__).parents[1]
PARAMS = load_params(ROOT / "params.yaml")
GENERATION = replace(PARAMS.generation, rank_by="none")
PLAN = PairPlan(prompter_of(PARAMS.task, PARAMS.prompting, GENERATION), GENERATION)
ROWS_PER_BATCH = 8

KILLED_PROGRAM = """
import dataclasses, os, sys, time
from pathlib import Path

from gemquad.generation.backends.scripted import ScriptedBackend
from gemquad.generation.engine import Engine
from gemquad.generation.pairs import PairPlan, generate_pairs
from gemquad.generation.store import CompletionStore, request_key
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.schema import Completion, PassagePrompt, SyntheticPair
from gemquad.tasks.loading import load_task

params_file, prompts, store, log, completions, synthetic = map(Path, sys.argv[1:7])
seconds = float(sys.argv[7])


class SlowBackend(ScriptedBackend):
    def batches(self, requests):
        return [list(range(len(requests)))[at : at + 8] for at in range(0, len(requests), 8)]

    def run(self, batches):
        return super().run(self.noted(batches))

    def noted(self, batches):
        for batch in batches:
            lines = "".join(request_key(request, self.identity) + "\\n" for request in batch)
            file = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
            os.write(file, lines.encode())
            os.close(file)
            time.sleep(seconds)
            yield batch


params = load_params(params_file)
plan = PairPlan(load_task(params).prompter, dataclasses.replace(params.generation, rank_by="none"))
requested = read_records(prompts, PassagePrompt)
print("ready", flush=True)
engine = Engine(SlowBackend(), CompletionStore(store))
made, pairs = generate_pairs(requested, engine, plan)
write_records(completions, Completion, made)
write_records(synthetic, SyntheticPair, pairs)
"""

QUESTION = "¿क्\u200dष\u200c, \u200e\u200fdónde\tvive\u2028Ana?"


class NotingBackend(ScriptedBackend):
    """Scripted, in batches of 8 in order; remembers every request it ran, and takes `seconds` for a batch."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.ran: list[Request] = []
        self._seconds = seconds

    def batches(self, requests: Sequence[Request]) -> list[list[int]]:
        order = list(range(len(requests)))
        return [order[at : at + ROWS_PER_BATCH] for at in range(0, len(order), ROWS_PER_BATCH)]

    def run(self, batches: Iterable[list[Request]]) -> Iterator[tuple[list[Request], list[GenerationResult]]]:
        for batch, results in super().run(batches):
            time.sleep(self._seconds)
            self.ran.extend(batch)
            yield batch, results


class BreakingBackend(NotingBackend):
    """Fails after three batches."""

    def run(self, batches: Iterable[list[Request]]) -> Iterator[tuple[list[Request], list[GenerationResult]]]:
        for number, done in enumerate(super().run(batches)):
            if number == 3:
                raise UserError("the server is gone. Start it again.")
            yield done


class JudgelessBackend(NotingBackend):
    """Like most servers: it cannot tell how likely a text is."""

    capabilities = replace(ScriptedBackend.capabilities, likelihoods=False)


@pytest.fixture
def store(tmp_path: Path) -> CompletionStore:
    return CompletionStore(tmp_path / "completions.db")


def requests_of(prompts: Sequence[PassagePrompt]) -> list[Request]:
    return [PLAN.prompter.request(prompt) for prompt in prompts]


def complete(engine: Engine, requests: Sequence[Request]) -> list[GenerationResult]:
    completed = engine.complete(requests, "generating", "prompts")
    assert [key for key, _ in completed] == engine.keys(requests)
    return [generated for _, generated in completed]


def at_most(requests: Sequence[Request]) -> int:
    """Tokens (words) of the prompts, and of completions that all run to their limits."""
    return sum(len(one.prompt.split()) + one.max_tokens for one in requests)


def tokens(spent: Spent) -> int:
    return spent.prompt_tokens + spent.completion_tokens


def test_results_come_in_the_order_of_the_requests(store: CompletionStore) -> None:
    requests = requests_of(sample_prompts(10, 3))
    alone = [complete(Engine(ScriptedBackend(), store), [request])[0] for request in requests]
    other = CompletionStore(store.path.with_name("other.db"))
    assert complete(Engine(NotingBackend(), other), list(reversed(requests))) == list(reversed(alone))


def test_a_second_run_generates_nothing_and_returns_the_same(
    store: CompletionStore, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts = sample_prompts(10, 3)
    first, second = NotingBackend(), NotingBackend()
    plan = replace(PLAN, generation=replace(PLAN.generation, rank_by="answer"))
    made = generate_pairs(prompts, Engine(first, store), plan)
    assert len(first.ran) == 30 + sum(one.outcome == "ok" for one in made[0])
    assert "in the store" not in capsys.readouterr().out
    assert generate_pairs(prompts, Engine(second, store), plan) == made
    assert second.ran == []
    assert "generating: 30 of 30 prompts are in the store" in capsys.readouterr().out


def test_the_store_remembers_requests_and_hits(store: CompletionStore) -> None:
    requests = requests_of(sample_prompts(10, 3))
    complete(Engine(NotingBackend(), store), requests[:20])
    complete(Engine(NotingBackend(), store), requests)
    assert [(h.completions, h.requests, h.hits) for h in store.holdings()] == [(30, 50, 20)]


def test_a_damaged_row_is_named_and_generated_again(store: CompletionStore, capsys: pytest.CaptureFixture[str]) -> None:
    requests = requests_of(sample_prompts(10, 3))
    made = complete(Engine(NotingBackend(), store), requests)
    with sqlite3.connect(store.path) as database:
        key = request_key(requests[7], ScriptedBackend.identity)
        assert database.execute("UPDATE completions SET generated = '[' WHERE key = ?", [key]).rowcount == 1
    database.close()
    again = NotingBackend()
    assert complete(Engine(again, store), requests) == made
    assert again.ran == [requests[7]]
    assert capsys.readouterr().err.count(f"1 damaged, the first with the key {key}") == 1


@pytest.mark.parametrize("code", [0x00, 0x08, 0x0B, 0x0D, 0x1B, 0x7F, 0x85, 0x9F, 0x202A, 0x202E, 0x2066, 0x2069])
def test_a_control_character_rejects_a_completion_of_any_backend(code: int, store: CompletionStore) -> None:
    class WritesControls(NotingBackend):
        def run(self, batches: Iterable[list[Request]]) -> Iterator[tuple[list[Request], list[GenerationResult]]]:
            for batch, results in super().run(batches):
                yield batch, [replace(one, texts=one.texts | {"question": f"¿Q{chr(code)}?"}) for one in results]

    prompts = sample_prompts(2, 1)
    completions, pairs = generate_pairs(prompts, Engine(WritesControls(), store), PLAN)
    assert [one.outcome for one in completions] == ["control characters"] * 2 and not pairs
    assert all(f"¿Q\\u{code:04x}?" in one.text and one.prompt_tokens > 0 for one in completions)


def test_marks_of_writing_are_no_control_characters(store: CompletionStore) -> None:
    class WritesMarks(NotingBackend):
        def run(self, batches: Iterable[list[Request]]) -> Iterator[tuple[list[Request], list[GenerationResult]]]:
            for batch, results in super().run(batches):
                yield batch, [replace(one, texts=one.texts | {"question": QUESTION}) for one in results]

    completions, _ = generate_pairs(sample_prompts(1, 1), Engine(WritesMarks(), store), PLAN)
    assert completions[0].outcome != "control characters" and QUESTION in completions[0].text


def test_another_generator_generates_anew(store: CompletionStore) -> None:
    class OtherBackend(NotingBackend):
        identity = {**ScriptedBackend.identity, "weights": "others"}  # noqa: RUF012  (never written to)

    requests = requests_of(sample_prompts(2, 3))
    complete(Engine(NotingBackend(), store), requests)
    other = OtherBackend()
    complete(Engine(other, store), requests)
    assert other.ran == requests


def test_twice_the_prompts_per_passage_generate_exactly_the_new_half(store: CompletionStore) -> None:
    few, many = sample_prompts(10, 3), sample_prompts(10, 6)
    generate_pairs(few, Engine(NotingBackend(), store), PLAN)
    backend = NotingBackend()
    completions, _ = generate_pairs(many, Engine(backend, store), PLAN)
    old = {prompt.id for prompt in few}
    assert set(backend.ran) == set(requests_of([prompt for prompt in many if prompt.id not in old]))
    assert len(backend.ran) == 30 and len(completions) == 60
    alone, _ = generate_pairs(many, Engine(NotingBackend(), CompletionStore(store.path.with_name("alone.db"))), PLAN)
    assert completions == alone


def test_equal_requests_are_generated_once(store: CompletionStore) -> None:
    """As when two pairs have the same passage and answer, and the answer is judged without a question."""
    one, other = requests_of(sample_prompts(1, 2))
    backend = NotingBackend()
    results = complete(Engine(backend, store), [one, one, other, one])
    assert results[0] == results[1] == results[3] != results[2]
    assert [(h.completions, h.requests, h.hits) for h in store.holdings()] == [(2, 4, 0)]
    assert sorted(backend.ran, key=str) == sorted([one, other], key=str)


def test_a_cap_on_tokens_stops_before_it_and_a_higher_one_goes_on(store: CompletionStore) -> None:
    requests = requests_of(sample_prompts(10, 6))
    cap = at_most(requests[:14])
    backend = NotingBackend()
    engine = Engine(backend, store, Caps(max_tokens=cap))
    with pytest.raises(UserError, match=rf"cap \(max_tokens {cap}, max_cost None\).* of 60 prompts done"):
        complete(engine, requests)
    done = [request for request, key in zip(requests, engine.keys(requests), strict=True) if key in store.get([key])]
    assert done == backend.ran
    assert 8 <= len(done) < 60
    spent = store.spent(engine.keys(requests))
    assert tokens(spent) <= cap
    assert tokens(spent) + at_most(requests[len(done) : len(done) + ROWS_PER_BATCH]) > cap

    resumed = NotingBackend()
    results = complete(Engine(resumed, store, Caps(max_tokens=at_most(requests))), requests)
    assert resumed.ran == requests[len(done) :]
    assert results == complete(Engine(NotingBackend(), CompletionStore(store.path.with_name("other.db"))), requests)


def test_a_cap_below_one_batch_spends_nothing(store: CompletionStore) -> None:
    requests = requests_of(sample_prompts(4, 4))
    for caps in (Caps(max_tokens=0), Caps(max_cost=0.0, prices=Prices(prompt_tokens=1.0))):
        backend = NotingBackend()
        with pytest.raises(UserError, match="0 of 16 prompts done for 0 tokens"):
            complete(Engine(backend, store, caps), requests)
        assert backend.ran == []


def test_what_is_in_the_store_costs_nothing_anew_but_counts(store: CompletionStore) -> None:
    requests = requests_of(sample_prompts(4, 4))
    complete(Engine(NotingBackend(), store), requests)
    engine = Engine(NotingBackend(), store, Caps(max_tokens=1))
    assert len(complete(engine, requests)) == 16
    assert engine.spent == store.spent(engine.keys(requests))
    with pytest.raises(UserError, match="stops before its cap"):
        complete(engine, requests_of(sample_prompts(5, 4)))


def test_a_cap_counts_all_that_an_engine_completes(store: CompletionStore) -> None:
    requests = requests_of(sample_prompts(8, 2))
    first, second = requests[:8], requests[8:]
    complete(Engine(NotingBackend(), store), first)
    spent = tokens(store.spent(Engine(NotingBackend(), store).keys(first)))
    caps = Caps(max_tokens=spent + at_most(second) - 1)
    engine = Engine(NotingBackend(), store, caps)
    complete(engine, first)
    with pytest.raises(UserError, match="0 of 8 prompts done"):
        complete(engine, second)
    assert len(complete(Engine(NotingBackend(), store, caps), second)) == 8


def test_a_cap_on_cost_stops_before_it_and_a_higher_one_goes_on(store: CompletionStore) -> None:
    prices = Prices(prompt_tokens=1000.0, completion_tokens=3000.0)
    requests = requests_of(sample_prompts(10, 6))
    longest = Spent(sum(len(one.prompt.split()) for one in requests[:14]), 14 * 68)
    cap = cost(longest, prices)
    backend = NotingBackend()
    engine = Engine(backend, store, Caps(max_cost=cap, prices=prices))
    with pytest.raises(UserError, match=r"cap \(max_tokens None, max_cost [\d.]+\).*-S generation\.max_cost=…"):
        complete(engine, requests)
    spent = store.spent(engine.keys(requests))
    assert 8 <= len(backend.ran) < 60
    assert cost(spent, prices) <= cap

    resumed = NotingBackend()
    complete(Engine(resumed, store, Caps(max_cost=100 * cap, prices=prices)), requests)
    assert resumed.ran == requests[len(backend.ran) :]


def test_a_cap_on_cost_counts_hours(store: CompletionStore) -> None:
    """A batch takes 0.02 seconds or more, and a second costs 1: of 20 batches the cap of 0.1 pays for 5, not for 10."""
    backend = NotingBackend(seconds=0.02)
    engine = Engine(backend, store, Caps(max_cost=0.1, prices=Prices(hour=3600.0)))
    with pytest.raises(UserError, match="stops before its cap"):
        complete(engine, requests_of(sample_prompts(40, 4)))
    assert len(backend.ran) < 10 * ROWS_PER_BATCH


def test_cost_is_of_tokens_and_hours() -> None:
    prices = Prices(prompt_tokens=2.0, completion_tokens=10.0, hour=3.0)
    assert cost(Spent(1_000_000, 500_000, 7200.0), prices) == 2.0 + 5.0 + 6.0
    assert cost(Spent(1_000_000, 500_000, 7200.0), Prices()) == 0.0


def test_caps_come_from_the_parameters() -> None:
    assert not Caps.of(PARAMS.generation, Prices()).exist
    capped = replace(PARAMS.generation, max_tokens=5, max_cost=0.5)
    assert Caps.of(capped, Prices(hour=1.0)) == Caps(5, 0.5, Prices(hour=1.0))


@pytest.mark.parametrize("order", ["question-first", "answer-first"])
def test_completions_of_a_real_decoder_stay_within_what_a_cap_reserves(
    order: str, tiny_gemma: Path, store: CompletionStore
) -> None:
    generation = replace(PLAN.generation, max_question_tokens=3, max_answer_tokens=2, batch_tokens=1024)
    backend = TransformersBackend(ModelSource(str(tiny_gemma)), generation)
    prompter = PassagePrompter(replace(PARAMS.prompting, order=order), generation)
    requests = [prompter.request(prompt) for prompt in sample_prompts(6, 4)]
    assert {request.max_tokens for request in requests} == {3 + 8 + 2 + 8}
    cap = sum(backend.token_counts([one.prompt for one in requests])) + 24 * 21
    engine = Engine(backend, store, Caps(max_tokens=cap))
    results = complete(engine, requests)
    assert 3 + 2 < max(one.completion_tokens for one in results) <= 21
    assert tokens(engine.spent) <= cap


def test_a_long_lead_has_room_for_its_tokens() -> None:
    """A short one fits what stands around every field; of a longer one each character may be a token."""
    lead = "文2（必ず正しいと言える内容）:"
    assert Field("answer", "Respuesta:", "extract", 12).room == 12 + 8
    assert Field("second", lead, "filled", 12).room == 12 + 8 + 16
    both = (Field("text", "", "filled", 5), Field("second", lead, "filled", 12))
    assert Request("…", fields=both).max_tokens == 5 + 8 + 12 + 8 + 16


def test_completions_with_a_long_lead_stay_within_what_a_cap_reserves(tiny_gemma: Path, store: CompletionStore) -> None:
    backend = TransformersBackend(ModelSource(str(tiny_gemma)), GENERATION)
    fields = (Field("text", "", "filled", 3), Field("second", "ख" * 30 + ":", "filled", 3))
    requests = [Request("Texto:", fields=fields, settings=SamplingSettings(1.0, 50, 0.9, seed)) for seed in range(16)]
    results = complete(Engine(backend, store), requests)
    assert 30 < max(one.completion_tokens for one in results) <= requests[0].max_tokens


@pytest.mark.parametrize("rank_by", ["answer", "answer_gain"])
def test_ranking_without_likelihoods_is_refused_before_anything_runs(rank_by: str, store: CompletionStore) -> None:
    backend = JudgelessBackend()
    plan = replace(PLAN, generation=replace(PLAN.generation, rank_by=rank_by))
    with pytest.raises(
        UserError, match=rf"rank_by={rank_by} needs.*'scripted'.*rank_by=none -S filter\.keep_fraction=1"
    ):
        generate_pairs(sample_prompts(2, 2), Engine(backend, store), plan)
    assert backend.ran == [] and store.holdings() == []
    assert len(generate_pairs(sample_prompts(2, 2), Engine(backend, store), PLAN)[0]) == 4


def test_a_backend_that_fails_midway_keeps_its_batches(store: CompletionStore) -> None:
    requests = requests_of(sample_prompts(10, 6))
    engine = Engine(BreakingBackend(), store)
    with pytest.raises(UserError, match="the server is gone"):
        complete(engine, requests)
    assert set(engine.keys(requests[:24])) == set(engine.keys(requests)) - store.missing(engine.keys(requests))
    resumed = NotingBackend()
    complete(Engine(resumed, store), requests)
    assert resumed.ran == requests[24:]


def test_capabilities_are_noted_when_something_was_generated(store: CompletionStore) -> None:
    requests = requests_of(sample_prompts(2, 2))
    assert store.capabilities(ScriptedBackend.identity) is None
    complete(Engine(JudgelessBackend(), store), requests)
    expected = Capabilities(True, True, True, False, ("temperature", "top_k", "top_p"))
    assert store.capabilities(ScriptedBackend.identity) == expected
    complete(Engine(NotingBackend(), store), requests)
    assert store.capabilities(ScriptedBackend.identity) == expected


def test_nothing_asked_is_nothing_done(store: CompletionStore) -> None:
    assert complete(Engine(NotingBackend(), store, Caps(max_tokens=0)), []) == []


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.parquet"
    write_records(prompts, PassagePrompt, sample_prompts(50, 6))
    undisturbed = start(prompts, tmp_path / "undisturbed", seconds=0.0)
    assert undisturbed.wait() == 0

    draw = random.Random(0)
    kills = 0
    for _ in range(20):
        process = start(prompts, tmp_path / "killed", seconds=0.03)
        time.sleep(draw.uniform(0.0, 0.1))
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
    assert kills > 0
    assert start(prompts, tmp_path / "killed", seconds=0.0).wait() == 0

    for name in ("completions.parquet", "synthetic.parquet"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "undisturbed" / name).read_bytes()
    asked = (tmp_path / "killed" / "log").read_text().split("\n")[:-1]
    assert len(set(asked)) == 300
    assert len(asked) <= 300 + ROWS_PER_BATCH * kills
    assert len((tmp_path / "undisturbed" / "log").read_text().split("\n")[:-1]) == 300


def start(prompts: Path, folder: Path, seconds: float) -> subprocess.Popen[str]:
    """The program that is killed, started up to where its run begins; a batch takes it `seconds`."""
    folder.mkdir(exist_ok=True)
    files = [str(folder / name) for name in ("completions.db", "log", "completions.parquet", "synthetic.parquet")]
    command = [sys.executable, "-c", KILLED_PROGRAM, str(ROOT / "params.yaml"), str(prompts), *files, str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process
