"""From prompts to synthetic pairs with a tiny real model; and what rejects, ranks and keeps completions, written out."""

from dataclasses import replace
from pathlib import Path

import pytest

from conftest import completion, question, sample_prompts
from gemquad.generation.accounting import account
from gemquad.generation.backend import Generated, Request, Settings
from gemquad.generation.backends.in_process import TransformersBackend
from gemquad.generation.backends.scripted import ScriptedBackend
from gemquad.generation.engine import Engine
from gemquad.generation.pairs import (
    Plan,
    choose_pairs,
    generate_pairs,
    judge_answers,
    parse,
    reject_near_duplicates,
    reject_repeats,
    request_for,
)
from gemquad.generation.prompts import build_prompts
from gemquad.generation.store import Store, request_key
from gemquad.params import Generation, ModelSource, Prices, Prompting, load_params
from gemquad.schema import Completion, Passage, Prompt
from gemquad.sources.squad import read_passages
from gemquad.tasks.base import Field
from gemquad.tasks.extractive_qa import ExtractiveQA

ROOT = Path(__file__).parents[1]
PARAMS = load_params(ROOT / "params.yaml")
GENERATION = replace(
    PARAMS.generation, max_question_tokens=12, max_answer_tokens=6, batch_tokens=1024, require_question_mark=False
)
PASSAGE = "Ana vive en Lima. Luis vive en Cusco, no en Lima."
PROMPT = Prompt(
    id="es-x-0",
    language="es",
    passage_id="x",
    passage=PASSAGE,
    focus_start=18,
    focus_end=49,
    exemplar_ids=[],
    text="Texto: Luis vive en Cusco, no en Lima.\nPregunta:",
    temperature=0.7,
    top_k=50,
    top_p=0.9,
    seed=7,
)


def engine(tiny_gemma: Path, tmp_path: Path, generation: Generation = GENERATION) -> Engine:
    return Engine(TransformersBackend(ModelSource(str(tiny_gemma)), generation), Store(tmp_path / "completions.db"))


def hindi_prompts(prompting: Prompting, plan: Plan) -> list[Prompt]:
    passages = read_passages(ROOT / "data/sample/passages.hi.json", "hi")[:3]
    return build_prompts([question(language="hi")], passages, prompting, PARAMS.sampling, 1, plan.task)


def outcomes(completions: list[Completion]) -> list[str]:
    return [one.outcome for one in completions]


@pytest.mark.parametrize("order", ["question-first", "answer-first"])
@pytest.mark.parametrize("focus", ["sentence", "passage"])
@pytest.mark.parametrize("rank_by", ["answer", "answer_gain"])
def test_every_synthetic_pair_is_extractive(
    order: str, focus: str, rank_by: str, tiny_gemma: Path, tmp_path: Path
) -> None:
    prompting = replace(PARAMS.prompting, order=order, focus=focus, shots=1, prompts_per_passage=8)
    plan = Plan(prompting, replace(GENERATION, rank_by=rank_by), ExtractiveQA())
    prompts = hindi_prompts(prompting, plan)
    completions, pairs = generate_pairs(prompts, engine(tiny_gemma, tmp_path), plan)
    assert [c.id for c in completions] == [p.id for p in prompts]
    assert pairs
    for one in pairs:
        assert one.passage[one.answer_start : one.answer_start + len(one.answer)] == one.answer
    counts = account(completions, pairs, Prices())["languages"]["hi"]
    assert counts["extractive_share"] == 1.0
    assert sum(counts["outcomes"].values()) == counts["prompts"] == 24


def test_candidates_are_judged_and_name_what_they_took(tiny_gemma: Path, tmp_path: Path) -> None:
    prompting = replace(PARAMS.prompting, shots=1, prompts_per_passage=8)
    plan = Plan(prompting, replace(GENERATION, rank_by="answer_gain"), ExtractiveQA())
    own = engine(tiny_gemma, tmp_path)
    completions, _ = generate_pairs(hindi_prompts(prompting, plan), own, plan)
    assert set(outcomes(completions)) > {"ok"}
    assert not own.store.missing([key for one in completions for key in one.keys])
    for one in completions:
        judged = one.outcome == "ok"
        assert len(one.keys) == (3 if judged else 1)
        assert (one.judged_tokens > 0) == judged
        assert (-1000 < one.answer_logprob < 0) == (-1000 < one.answer_prior_logprob < 0) == judged


def test_free_form_answers_are_aligned_or_rejected_with_a_reason(tiny_gemma: Path, tmp_path: Path) -> None:
    prompting = replace(PARAMS.prompting, shots=0, focus="passage", prompts_per_passage=60)
    plan = Plan(prompting, replace(GENERATION, constrain_answer=False, rank_by="none"), ExtractiveQA())
    passage = Passage("p", "es", "", "a e o la de en que y un s n r. Ana vive en Lima.")
    prompts = build_prompts([], [passage], prompting, PARAMS.sampling, 1, plan.task)
    completions, _ = generate_pairs(prompts, engine(tiny_gemma, tmp_path), plan)
    assert "answer not in passage" in outcomes(completions)
    for one in completions:
        aligned = one.answer_start >= 0 and one.passage[one.answer_start :].startswith(one.answer)
        assert one.outcome != "ok" or aligned


def test_a_statement_is_no_question(tiny_gemma: Path, tmp_path: Path) -> None:
    prompting = replace(PARAMS.prompting, order="answer-first", shots=1, prompts_per_passage=8)
    plan = Plan(prompting, replace(GENERATION, rank_by="none", require_question_mark=True), ExtractiveQA())
    completions, pairs = generate_pairs(hindi_prompts(prompting, plan), engine(tiny_gemma, tmp_path), plan)
    assert "no question mark" in outcomes(completions)
    assert all("?" in one.question for one in pairs)


def test_a_request_asks_for_what_the_prompt_shows() -> None:
    generation = replace(GENERATION, answer="sample", answer_ending_bonus=1.5)
    request = request_for(PROMPT, Plan(PARAMS.prompting, generation, ExtractiveQA()))
    assert request == Request(
        prompt=PROMPT.text,
        source="Luis vive en Cusco, no en Lima.",
        fields=(
            Field("question", lead="", mode="free", max_tokens=12),
            Field("answer", lead="Respuesta:", mode="extract", max_tokens=6, ending_bonus=1.5),
        ),
        settings=Settings(0.7, 50, 0.9, 7),
    )


def test_an_answer_is_found_within_the_focus() -> None:
    generated = Generated({"question": " ¿Dónde no vive Luis?", "answer": " lima"}, finished=True)
    one = parse(PROMPT, generated, "k", needs_mark=True)
    assert (one.outcome, one.answer, one.answer_start, one.keys) == ("ok", "Lima", 44, ["k"])
    assert one.text == "question: ¿Dónde no vive Luis?\nanswer: lima"


@pytest.mark.parametrize(
    ("question", "answer", "finished", "outcome"),
    [
        ("¿Dónde vive Luis?", "Cusco", False, "unfinished"),
        ("¿…?", "Cusco", True, "empty question"),
        ("¿Dónde vive Luis?", " ", True, "empty answer"),
        ("Dónde vive Luis", "Cusco", True, "no question mark"),
        ("¿Dónde vive Luis?", "Ana", True, "answer not in passage"),
        ("¿Dónde vive Luis?", "Cusco", True, "ok"),
    ],
)
def test_what_keeps_a_completion_from_being_a_pair_is_named(
    question: str, answer: str, finished: bool, outcome: str
) -> None:
    generated = Generated({"question": question, "answer": answer}, finished=finished)
    assert parse(PROMPT, generated, "k", needs_mark=True).outcome == outcome


def test_a_question_copied_from_an_exemplar_is_rejected() -> None:
    prompt = replace(PROMPT, text=f"Pregunta: ¿Dónde vive Luis?\n{PROMPT.text}")
    generated = Generated({"question": "¿Dónde vive Luis?", "answer": "Cusco"}, finished=True)
    assert parse(prompt, generated, "k", needs_mark=True).outcome == "question copied from the prompt"


def test_repeated_pairs_are_rejected_once() -> None:
    rows = reject_repeats([completion("a"), completion("b", question="¿A?"), completion("c", question="¿a?")])
    assert outcomes(rows) == ["ok", "repeated pair", "repeated pair"]


def test_a_rejected_completion_does_not_make_a_later_pair_a_repeat() -> None:
    rows = reject_repeats([completion("a", outcome="unfinished"), completion("b", question="¿a?")])
    assert outcomes(rows) == ["unfinished", "ok"]


def test_a_question_that_nearly_repeats_an_earlier_one_is_rejected() -> None:
    rows = [
        completion("a", question="¿En qué ciudad vive Ana?"),
        completion("b", question="¿en qué ciudad vive ana ?"),
        completion("c", question="¿Con quién trabaja?"),
        completion("d", question="¿En qué ciudad vive Ana hoy?"),
    ]
    assert outcomes(reject_near_duplicates(rows, 0.9)) == ["ok", "near-duplicate pair", "ok", "near-duplicate pair"]
    assert outcomes(reject_near_duplicates(rows, 0.95)) == ["ok", "near-duplicate pair", "ok", "ok"]


def test_near_duplicates_are_of_one_passage() -> None:
    rows = [
        completion("a", question="¿Dónde vive Ana?"),
        completion("b", question="¿Dónde vive Ana?", passage_id="y"),
        completion("c", question="¿Dónde vive Ana?", language="hi"),
        completion("d", question="¿Dónde vive Ana?"),
    ]
    assert outcomes(reject_near_duplicates(rows, 0.9)) == ["ok", "ok", "ok", "near-duplicate pair"]


def test_near_duplicates_have_answers_that_overlap() -> None:
    rows = [
        completion("a", question="¿Quién vive?", answer="Ana", answer_start=0),
        completion("b", question="¿Quién vive?", answer="Lima", answer_start=12),
        completion("c", question="¿Quién vive?", answer="en Lima", answer_start=9),
        completion("d", question="¿Quién vive?", answer=" vive en ", answer_start=3),
        completion("e", question="¿Quién vive?", answer="Ana vive", answer_start=0),
    ]
    assert outcomes(reject_near_duplicates(rows[:2], 0.9)) == ["ok", "ok"]
    assert outcomes(reject_near_duplicates(rows[:3], 0.9)) == ["ok", "ok", "near-duplicate pair"]
    assert outcomes(reject_near_duplicates([*rows[:2], *rows[3:]], 0.9)) == ["ok", "ok", "ok", "near-duplicate pair"]


def test_a_threshold_above_one_keeps_near_duplicates() -> None:
    rows = [completion("a", question="¿Dónde vive Ana?"), completion("b", question="¿Dónde vive Ana?")]
    assert outcomes(reject_near_duplicates(rows, 1.01)) == ["ok", "ok"]
    assert outcomes(reject_near_duplicates(rows, 1.0)) == ["ok", "near-duplicate pair"]


def test_a_rejected_completion_does_not_make_later_ones_near_duplicates() -> None:
    rows = [
        completion("a", question="¿Dónde vive Ana?", outcome="unfinished"),
        completion("b", question="¿Dónde vive Ana ?"),
    ]
    assert outcomes(reject_near_duplicates(rows, 0.8)) == ["unfinished", "ok"]
    chain = [
        completion("a", question="¿Dónde vive Ana?"),
        completion("b", question="¿Dónde vive Ana hoy?"),
        completion("c", question="¿Dónde vive Ana hoy día?"),
    ]
    assert outcomes(reject_near_duplicates(chain, 0.85)) == ["ok", "near-duplicate pair", "ok"]


def test_keeps_the_likeliest_of_each_language() -> None:
    rows = [completion(name, answer_logprob=value) for name, value in (("a", -3.0), ("b", -1.0), ("c", -2.0))]
    rows.append(completion("d", answer_logprob=-8.0, language="hi"))
    assert [p.id for p in choose_pairs(rows, replace(GENERATION, keep_fraction=0.5))] == ["b", "c", "d"]
    assert [p.id for p in choose_pairs(rows, replace(GENERATION, keep_fraction=0.2))] == ["b", "d"]
    unranked = replace(GENERATION, keep_fraction=0.2, rank_by="none")
    assert [p.id for p in choose_pairs(rows, unranked)] == ["a", "b", "c", "d"]


def test_answer_gain_ranks_by_what_the_question_adds() -> None:
    rows = [
        completion("a", answer_logprob=-1.0, answer_prior_logprob=-1.5),
        completion("b", answer_logprob=-2.0, answer_prior_logprob=-9.0),
    ]
    for rank_by, best in (("answer_gain", "b"), ("answer", "a")):
        assert [p.id for p in choose_pairs(rows, replace(GENERATION, keep_fraction=0.5, rank_by=rank_by))] == [best]


def test_rejected_completions_are_never_pairs() -> None:
    assert choose_pairs([completion("a", outcome="unfinished")], GENERATION) == []


def test_the_first_key_of_a_completion_is_that_of_its_request(tmp_path: Path) -> None:
    plan = Plan(PARAMS.prompting, replace(PARAMS.generation, rank_by="none"), ExtractiveQA())
    prompts = sample_prompts(2, 3)
    completions, _ = generate_pairs(prompts, Engine(ScriptedBackend(), Store(tmp_path / "completions.db")), plan)
    identity = {"backend": "scripted", "model": "scripted"}
    assert [one.keys for one in completions] == [[request_key(request_for(p, plan), identity)] for p in prompts]


def test_a_judgement_that_two_answers_share_is_paid_once(tmp_path: Path) -> None:
    scripted = Engine(ScriptedBackend(), Store(tmp_path / "completions.db"))
    plan = Plan(PARAMS.prompting, replace(GENERATION, rank_by="answer_gain"), ExtractiveQA())
    judged = judge_answers([completion("a"), completion("b"), completion("c", outcome="unfinished")], scripted, plan)
    assert judged[0].keys[2] == judged[1].keys[2], "without their questions both ask for the same"
    assert sum(one.judged_tokens for one in judged) == scripted.spent.prompt_tokens > 0
    assert judged[2].judged_tokens == 0
