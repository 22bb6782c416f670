"""From prompts to synthetic pairs with a tiny real model; and what rejects, ranks and keeps completions, written out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import completion, labelled, pair, prompter_of, question, sample_prompts
from gemquad.generation.accounting import account
from gemquad.generation.backends.in_process import TransformersBackend
from gemquad.generation.backends.scripted import ScriptedBackend
from gemquad.generation.engine import Engine
from gemquad.generation.pairs import (
    Candidate,
    PairPlan,
    answer_blind,
    generate_pairs,
    judge_answers,
    read,
    reject_near_duplicates,
    reject_repeats,
)
from gemquad.generation.store import CompletionStore, request_key
from gemquad.params import Generation, ModelSource, Prices, load_params
from gemquad.schema import Completion, Example, Passage, PassagePrompt, SyntheticPair
from gemquad.sources.squad import read_passages
from gemquad.tasks.extractive_qa.prompt import PassagePrompter
from gemquad.tasks.loading import load_task
from gemquad.tasks.prompter import PromptSources
from gemquad.tasks.requests import GenerationResult

ROOT = Path(__file__).parents[1]
PARAMS = load_params(ROOT / "params.yaml")
GENERATION = replace(
    PARAMS.generation, max_question_tokens=12, max_answer_tokens=6, batch_tokens=1024, require_question_mark=False
)
TASK = load_task(PARAMS)
REVIEW_WORDING = {
    "shots": 0,
    "prompts": 24,
    "words_share": 0.0,
    "names": {"text": "文", "label": "評価"},
    "write": "{label}文を書いてください。",
    "with_words": "",
    "solve": "評価してください。",
    "labels": {
        "positive": {"wanted": "よい", "answer": "肯定"},
        "negative": {"wanted": "悪い", "answer": "否定"},
    },
}
REVIEW_TASK = {
    "name": "reviews",
    "kind": "text_classification",
    "labels": {"positive": "1", "negative": "0"},
    "columns": {"text": "text", "label": "label"},
    "metrics": ["accuracy"],
}
REVIEWS = prompter_of(REVIEW_TASK, REVIEW_WORDING, GENERATION)


def plan_of(generation: Generation = GENERATION, **prompting: Any) -> PairPlan[SyntheticPair]:
    return PairPlan(PassagePrompter(replace(PARAMS.prompting, **prompting), generation), generation)


def near(threshold: float) -> PairPlan[SyntheticPair]:
    return plan_of(replace(GENERATION, near_duplicate=threshold))


def engine(tiny_gemma: Path, tmp_path: Path, generation: Generation = GENERATION) -> Engine:
    return Engine(
        TransformersBackend(ModelSource(str(tiny_gemma)), generation), CompletionStore(tmp_path / "completions.db")
    )


def hindi_prompts(plan: PairPlan[SyntheticPair]) -> list[PassagePrompt]:
    passages = read_passages(ROOT / "data/sample/passages.hi.json", "hi")[:3]
    return plan.prompter.prompts(PromptSources(["hi"], [question(language="hi")], passages), PARAMS.sampling, 1)


def candidate(identifier: str, outcome: str = "ok", language: str = "es", **changes: Any) -> Candidate[SyntheticPair]:
    """A completion read as a pair, or not; likelihoods go to the completion, other changes to the pair."""
    likelihoods = {name: changes.pop(name) for name in list(changes) if name.endswith("logprob")}
    own = pair(identifier, language=language, **{"question": f"¿{identifier}?", **changes}) if outcome == "ok" else None
    return Candidate(completion(identifier, language=language, outcome=outcome, **likelihoods), own)


def outcomes(rows: Sequence[Candidate[Any] | Completion]) -> list[str]:
    found = []
    for row in rows:
        if isinstance(row, Candidate):
            assert (row.pair is None) == (row.completion.outcome != "ok")
        found.append((row.completion if isinstance(row, Candidate) else row).outcome)
    return found


def ids(pairs: Sequence[Example]) -> list[str]:
    return [one.id for one in pairs]


@pytest.mark.parametrize("order", ["question-first", "answer-first"])
@pytest.mark.parametrize("focus", ["sentence", "passage"])
@pytest.mark.parametrize("rank_by", ["answer", "answer_gain"])
def test_every_synthetic_pair_is_extractive(
    order: str, focus: str, rank_by: str, tiny_gemma: Path, tmp_path: Path
) -> None:
    generation = replace(GENERATION, rank_by=rank_by)
    plan = plan_of(generation, order=order, focus=focus, shots=1, prompts_per_passage=8)
    prompts = hindi_prompts(plan)
    completions, pairs = generate_pairs(prompts, engine(tiny_gemma, tmp_path), plan)
    assert [c.id for c in completions] == [p.id for p in prompts]
    assert pairs
    for one in pairs:
        assert one.passage[one.answer_start : one.answer_start + len(one.answer)] == one.answer
    counts = account(completions, pairs, Prices(), TASK, generator={}).languages["hi"]
    assert counts.facts == {"extractive_share": 1.0}
    assert sum(counts.outcomes.values()) == counts.prompts == 24


def test_candidates_are_judged_and_name_what_they_took(tiny_gemma: Path, tmp_path: Path) -> None:
    plan = plan_of(replace(GENERATION, rank_by="answer_gain"), shots=1, prompts_per_passage=8)
    own = engine(tiny_gemma, tmp_path)
    completions, _ = generate_pairs(hindi_prompts(plan), own, plan)
    assert set(outcomes(completions)) > {"ok"}
    assert not own.store.missing([key for one in completions for key in one.keys])
    for one in completions:
        judged = one.outcome == "ok"
        assert len(one.keys) == (3 if judged else 1)
        assert (one.judged_tokens > 0) == judged
        assert (-1000 < one.answer_logprob < 0) == (-1000 < one.answer_prior_logprob < 0) == judged


def test_free_form_answers_are_aligned_or_rejected_with_a_reason(tiny_gemma: Path, tmp_path: Path) -> None:
    generation = replace(GENERATION, constrain_answer=False, rank_by="none", near_duplicate=1.01)
    plan = plan_of(generation, shots=0, focus="passage", prompts_per_passage=60)
    passage = Passage("p", "es", "", "a e o la de en que y un s n r. Ana vive en Lima.")
    prompts = plan.prompter.prompts(PromptSources(["es"], [], [passage]), PARAMS.sampling, 1)
    completions, pairs = generate_pairs(prompts, engine(tiny_gemma, tmp_path), plan)
    assert "answer not in passage" in outcomes(completions)
    assert ids(pairs) == [one.id for one in completions if one.outcome == "ok"]
    for one in pairs:
        assert one.answer_start >= 0 and one.passage[one.answer_start :].startswith(one.answer)


def test_a_statement_is_no_question(tiny_gemma: Path, tmp_path: Path) -> None:
    generation = replace(GENERATION, rank_by="none", require_question_mark=True)
    plan = plan_of(generation, order="answer-first", shots=1, prompts_per_passage=8)
    completions, pairs = generate_pairs(hindi_prompts(plan), engine(tiny_gemma, tmp_path), plan)
    assert "no question mark" in outcomes(completions)
    assert all("?" in one.question for one in pairs)


def test_a_completion_is_kept_verbatim_beside_what_was_read_in_it() -> None:
    prompt = sample_prompts(1, 1)[0]
    generated = GenerationResult(
        {"question": " ¿Qué dice el texto?", "answer": " Zzz "}, prompt_tokens=5, completion_tokens=3, finished=True
    )
    infinite = float("-inf")
    expected = Completion(
        prompt.id,
        ["k"],
        "es",
        "question: ¿Qué dice el texto?\nanswer: Zzz",
        "answer not in passage",
        infinite,
        infinite,
        5,
        3,
        0,
    )
    assert read(prompt, generated, "k", plan_of()) == Candidate(expected, None)
    word = prompt.passage.split()[0]
    found = read(prompt, replace(generated, texts={**generated.texts, "answer": word}), "k", plan_of())
    assert found.completion.outcome == "ok"
    assert found.pair and (found.pair.id, found.pair.answer, found.pair.answer_start) == (prompt.id, word, 0)


def test_repeated_pairs_are_rejected_once() -> None:
    rows = [candidate("a"), candidate("b", question="¿A?"), candidate("c", question="¿a?")]
    assert outcomes(reject_repeats(rows, plan_of())) == ["ok", "repeated pair", "repeated pair"]


def test_a_rejected_completion_does_not_make_a_later_pair_a_repeat() -> None:
    rows = reject_repeats([candidate("a", "unfinished"), candidate("b", question="¿a?")], plan_of())
    assert outcomes(rows) == ["unfinished", "ok"]


def test_a_question_that_nearly_repeats_an_earlier_one_is_rejected() -> None:
    rows = [
        candidate("a", question="¿En qué ciudad vive Ana?"),
        candidate("b", question="¿en qué ciudad vive ana ?"),
        candidate("c", question="¿Con quién trabaja?"),
        candidate("d", question="¿En qué ciudad vive Ana hoy?"),
    ]
    assert outcomes(reject_near_duplicates(rows, near(0.9))) == [
        "ok",
        "near-duplicate pair",
        "ok",
        "near-duplicate pair",
    ]
    assert outcomes(reject_near_duplicates(rows, near(0.95))) == ["ok", "near-duplicate pair", "ok", "ok"]


def test_near_duplicates_are_of_one_passage() -> None:
    rows = [
        candidate("a", question="¿Dónde vive Ana?"),
        candidate("b", question="¿Dónde vive Ana?", passage_id="y"),
        candidate("c", question="¿Dónde vive Ana?", language="hi"),
        candidate("d", question="¿Dónde vive Ana?"),
    ]
    assert outcomes(reject_near_duplicates(rows, near(0.9))) == ["ok", "ok", "ok", "near-duplicate pair"]


def test_near_duplicates_have_answers_that_overlap() -> None:
    rows = [
        candidate("a", question="¿Quién vive?", answer="Ana", answer_start=0),
        candidate("b", question="¿Quién vive?", answer="Lima", answer_start=12),
        candidate("c", question="¿Quién vive?", answer="en Lima", answer_start=9),
        candidate("d", question="¿Quién vive?", answer=" vive en ", answer_start=3),
        candidate("e", question="¿Quién vive?", answer="Ana vive", answer_start=0),
    ]
    assert outcomes(reject_near_duplicates(rows[:2], near(0.9))) == ["ok", "ok"]
    assert outcomes(reject_near_duplicates(rows[:3], near(0.9))) == ["ok", "ok", "near-duplicate pair"]
    assert outcomes(reject_near_duplicates([*rows[:2], *rows[3:]], near(0.9))) == [
        "ok",
        "ok",
        "ok",
        "near-duplicate pair",
    ]


def test_a_threshold_above_one_keeps_near_duplicates() -> None:
    rows = [candidate("a", question="¿Dónde vive Ana?"), candidate("b", question="¿Dónde vive Ana?")]
    assert outcomes(reject_near_duplicates(rows, near(1.01))) == ["ok", "ok"]
    assert outcomes(reject_near_duplicates(rows, near(1.0))) == ["ok", "near-duplicate pair"]


def test_a_rejected_completion_does_not_make_later_ones_near_duplicates() -> None:
    rows = [
        candidate("a", "unfinished"),
        candidate("b", question="¿Dónde vive Ana ?"),
    ]
    assert outcomes(reject_near_duplicates(rows, near(0.8))) == ["unfinished", "ok"]
    chain = [
        candidate("a", question="¿Dónde vive Ana?"),
        candidate("b", question="¿Dónde vive Ana hoy?"),
        candidate("c", question="¿Dónde vive Ana hoy día?"),
    ]
    assert outcomes(reject_near_duplicates(chain, near(0.85))) == ["ok", "near-duplicate pair", "ok"]


def test_the_first_key_of_a_completion_is_that_of_its_request(tmp_path: Path) -> None:
    plan = plan_of(replace(PARAMS.generation, rank_by="none"))
    prompts = sample_prompts(2, 3)
    completions, _ = generate_pairs(
        prompts, Engine(ScriptedBackend(), CompletionStore(tmp_path / "completions.db")), plan
    )
    identity = {"backend": "scripted", "model": "scripted"}
    assert [one.keys for one in completions] == [[request_key(plan.prompter.request(p), identity)] for p in prompts]


def test_a_judgement_that_two_answers_share_is_paid_once(tmp_path: Path) -> None:
    scripted = Engine(ScriptedBackend(), CompletionStore(tmp_path / "completions.db"))
    plan = plan_of(replace(GENERATION, rank_by="answer_gain"))
    rows = judge_answers([candidate("a"), candidate("b"), candidate("c", "unfinished")], scripted, plan)
    judged = [row.completion for row in rows]
    assert judged[0].keys[2] == judged[1].keys[2], "without their questions both ask for the same"
    assert sum(one.judged_tokens for one in judged) == scripted.spent.prompt_tokens > 0
    assert judged[2].judged_tokens == 0


def texts(*rows: tuple[str, str, str, float]) -> list[Candidate[Any]]:
    """Texts of a label: id, text, label, likelihood of the label's answer."""
    return [
        Candidate(
            completion(identifier, answer_logprob=likelihood, language="ja"), labelled(identifier, text, "", label)
        )
        for identifier, text, label, likelihood in rows
    ]


def test_the_same_text_of_two_labels_is_a_repeat_and_nearly_the_same_is_not() -> None:
    rows = texts(
        ("a", "音がとても静かな掃除機です", "positive", -1.0),
        ("b", "音がとても静かな掃除機です", "negative", -1.0),
        ("c", "音がとても静かな掃除機だ", "negative", -1.0),
        ("d", "音がとても静かな掃除機で", "positive", -1.0),
    )
    plan = PairPlan(REVIEWS, replace(GENERATION, near_duplicate=0.8))
    rows = reject_near_duplicates(reject_repeats(rows, plan), plan)
    assert outcomes(rows) == ["ok", "repeated pair", "ok", "near-duplicate pair"]


def test_a_prompt_for_a_label_becomes_a_text_of_it(tiny_gemma: Path, tmp_path: Path) -> None:
    generation = replace(GENERATION, max_text_tokens=12, rank_by="answer_gain")
    plan = PairPlan(REVIEWS, generation)
    prompts = REVIEWS.prompts(PromptSources(["ja"], [], []), PARAMS.sampling, 1)
    completions, pairs = generate_pairs(prompts, engine(tiny_gemma, tmp_path, generation), plan)
    assert [one.id for one in completions] == [f"ja-{number}" for number in range(24)]
    made = [one for one in completions if one.outcome == "ok"]
    rejected = {"unfinished", "text copied from the prompt", "empty text", "repeated pair", "near-duplicate pair"}
    assert made and set(outcomes(completions)) <= {"ok", *rejected}
    assert ids(pairs) == [one.id for one in made]
    assert {(one.id, one.label) for one in pairs} <= {(prompt.id, prompt.label) for prompt in prompts}
    for one in made:
        assert len(one.keys) == 3 and one.judged_tokens > 0
        assert -1000 < one.answer_logprob < 0 and -1000 < one.answer_prior_logprob < 0


def test_the_generator_answers_its_own_questions_without_seeing_what_it_wrote(tiny_gemma: Path, tmp_path: Path) -> None:
    generation = replace(GENERATION, blind_answers=True, rank_by="none")
    plan, own = plan_of(generation), engine(tiny_gemma, tmp_path, generation)
    prompts = sample_prompts(3, 2)
    completions, pairs = generate_pairs(prompts, own, plan)
    assert pairs
    by_id = {one.id: one for one in pairs}
    for one in completions:
        if one.outcome != "ok":
            assert one.blind_answer == "" and len(one.keys) == 1
            continue
        (request,) = plan.prompter.solve_requests(by_id[one.id], ())
        assert one.keys[1:] == own.keys([request]) and one.judged_tokens > 0
        assert one.blind_answer and one.blind_answer in by_id[one.id].passage
        assert request.prompt.endswith(f"{by_id[one.id].passage}\nPregunta: {by_id[one.id].question}\nRespuesta:")


def test_nothing_is_asked_blind_unless_it_is_set(tiny_gemma: Path, tmp_path: Path) -> None:
    generation = replace(GENERATION, rank_by="none")
    completions, pairs = generate_pairs(sample_prompts(2, 1), engine(tiny_gemma, tmp_path), plan_of(generation))
    assert pairs and {one.blind_answer for one in completions} == {""}
    assert {len(one.keys) for one in completions} == {1}


def test_a_blind_label_is_the_likeliest_one(tmp_path: Path) -> None:
    """Each label is a request of its own; two completions with the same text share them, and pay once."""
    own = Engine(ScriptedBackend(), CompletionStore(tmp_path / "completions.db"))
    texts = [Candidate(completion(f"t{i}"), labelled(f"t{i}", "便利です。")) for i in range(2)]
    first, second = (one.completion for one in answer_blind(texts, own, PairPlan(REVIEWS, GENERATION)))
    assert first.blind_answer == second.blind_answer and first.blind_answer in ("positive", "negative")
    assert len(first.keys) == len(second.keys) == 3
    assert first.judged_tokens > 0 == second.judged_tokens
