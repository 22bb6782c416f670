from dataclasses import replace
from pathlib import Path

import pytest

from conftest import question
from gemquad.generation.engine import Plan, account, choose_pairs, generate_pairs, reject_repeats
from gemquad.generation.prompts import build_prompts
from gemquad.generation.transformers_backend import load_decoder
from gemquad.params import ModelSource, load_params
from gemquad.schema import Completion, Passage
from gemquad.sources.squad import read_passages
from gemquad.tasks.extractive_qa import ExtractiveQA

ROOT = Path(__file__).parents[1]
PARAMS = load_params(ROOT / "params.yaml")
GENERATION = replace(
    PARAMS.generation, max_question_tokens=12, max_answer_tokens=6, batch_size=8, require_question_mark=False
)


def completion(identifier: str, answer_logprob: float = -1.0, **changes: object) -> Completion:
    fields: dict[str, object] = {
        "id": identifier,
        "language": "es",
        "passage_id": "x",
        "passage": "Ana vive en Lima.",
        "text": "",
        "outcome": "ok",
        "question": f"¿{identifier}?",
        "answer": "Lima",
        "answer_start": 12,
        "question_logprob": -5.0,
        "answer_logprob": answer_logprob,
        "answer_prior_logprob": -9.0,
        "prompt_tokens": 3,
        "completion_tokens": 2,
    }
    return Completion(**{**fields, **changes})


@pytest.mark.parametrize("order", ["question-first", "answer-first"])
@pytest.mark.parametrize("focus", ["sentence", "passage"])
@pytest.mark.parametrize("rank_by", ["answer", "answer_gain"])
def test_every_synthetic_pair_is_extractive(order: str, focus: str, rank_by: str, tiny_gemma: Path) -> None:
    prompting = replace(PARAMS.prompting, order=order, focus=focus, shots=1, prompts_per_passage=8)
    plan = Plan(prompting, replace(GENERATION, rank_by=rank_by), ExtractiveQA())
    passages = read_passages(ROOT / "data/sample/passages.hi.json", "hi")[:3]
    exemplars = [question(language="hi")]
    prompts = build_prompts(exemplars, passages, prompting, PARAMS.sampling, 1, plan.task)
    completions, pairs = generate_pairs(prompts, load_decoder(ModelSource(str(tiny_gemma)), "float32"), plan)
    assert [c.id for c in completions] == [p.id for p in prompts]
    assert pairs
    for one in pairs:
        assert one.passage[one.answer_start : one.answer_start + len(one.answer)] == one.answer
    counts = account(completions, pairs)["hi"]
    assert counts["extractive_share"] == 1.0
    assert sum(counts["outcomes"].values()) == counts["prompts"] == 24


def test_free_form_answers_are_aligned_or_rejected_with_a_reason(tiny_gemma: Path) -> None:
    prompting = replace(PARAMS.prompting, shots=0, focus="passage", prompts_per_passage=60)
    plan = Plan(prompting, replace(GENERATION, constrain_answer=False, rank_by="none"), ExtractiveQA())
    passage = Passage("p", "es", "", "a e o la de en que y un s n r. Ana vive en Lima.")
    prompts = build_prompts([], [passage], prompting, PARAMS.sampling, 1, plan.task)
    completions, _ = generate_pairs(prompts, load_decoder(ModelSource(str(tiny_gemma)), "float32"), plan)
    assert "answer not in passage" in {c.outcome for c in completions}
    for one in completions:
        aligned = one.answer_start >= 0 and one.passage[one.answer_start :].startswith(one.answer)
        assert one.outcome != "ok" or aligned


def test_repeated_pairs_are_rejected_once() -> None:
    rows = reject_repeats([completion("a"), completion("b", question="¿A?"), completion("c", question="¿a?")])
    assert [row.outcome for row in rows] == ["ok", "repeated pair", "repeated pair"]


def test_a_rejected_completion_does_not_make_a_later_pair_a_repeat() -> None:
    rows = reject_repeats([completion("a", outcome="unfinished"), completion("b", question="¿a?")])
    assert [row.outcome for row in rows] == ["unfinished", "ok"]


def test_keeps_the_likeliest_of_each_language() -> None:
    rows = [completion(name, logprob) for name, logprob in (("a", -3.0), ("b", -1.0), ("c", -2.0))]
    rows.append(completion("d", -8.0, language="hi"))
    assert [p.id for p in choose_pairs(rows, replace(GENERATION, keep_fraction=0.5))] == ["b", "c", "d"]
    assert [p.id for p in choose_pairs(rows, replace(GENERATION, keep_fraction=0.2))] == ["b", "d"]
    unranked = replace(GENERATION, keep_fraction=0.2, rank_by="none")
    assert [p.id for p in choose_pairs(rows, unranked)] == ["a", "b", "c", "d"]


def test_answer_gain_ranks_by_what_the_question_adds() -> None:
    rows = [completion("a", -1.0, answer_prior_logprob=-1.5), completion("b", -2.0, answer_prior_logprob=-9.0)]
    for rank_by, best in (("answer_gain", "b"), ("answer", "a")):
        assert [p.id for p in choose_pairs(rows, replace(GENERATION, keep_fraction=0.5, rank_by=rank_by))] == [best]


def test_a_statement_is_no_question(tiny_gemma: Path) -> None:
    prompting = replace(PARAMS.prompting, order="answer-first", shots=1, prompts_per_passage=8)
    plan = Plan(prompting, replace(GENERATION, rank_by="none", require_question_mark=True), ExtractiveQA())
    passages = read_passages(ROOT / "data/sample/passages.hi.json", "hi")[:3]
    prompts = build_prompts([question(language="hi")], passages, prompting, PARAMS.sampling, 1, plan.task)
    completions, pairs = generate_pairs(prompts, load_decoder(ModelSource(str(tiny_gemma)), "float32"), plan)
    assert "no question mark" in {c.outcome for c in completions}
    assert all("?" in one.question for one in pairs)


def test_rejected_completions_are_never_pairs() -> None:
    assert choose_pairs([completion("a", outcome="unfinished")], GENERATION) == []
