"""From prompts to synthetic pairs: batches, parsing, an outcome for every completion, a choice among the candidates."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from gemquad.generation.constraint import PassageTokens, tokenize_passage
from gemquad.generation.decoding import Decoded, Decoder, Request
from gemquad.generation.likelihood import log_likelihoods
from gemquad.generation.sampling import Settings
from gemquad.params import Generation, Prompting
from gemquad.progress import Progress
from gemquad.schema import Completion, Prompt, SyntheticPair
from gemquad.spans import Span, nearest_occurrence, occurrences
from gemquad.tasks.base import Task

OK = "ok"
QUESTION_MARKS = "?？؟;՞፧"


@dataclass(frozen=True)
class Plan:
    """Everything but the prompts that decides what is generated."""

    prompting: Prompting
    generation: Generation
    task: Task


def generate_pairs(
    prompts: Sequence[Prompt], decoder: Decoder, plan: Plan
) -> tuple[list[Completion], list[SyntheticPair]]:
    """Complete every prompt; returns all completions, in order, and the synthetic pairs chosen among them."""
    completions = reject_repeats(complete(prompts, decoder, plan))
    if plan.generation.rank_by != "none":
        completions = score_answers(completions, decoder, plan)
    return completions, choose_pairs(completions, plan.generation)


def complete(prompts: Sequence[Prompt], decoder: Decoder, plan: Plan) -> list[Completion]:
    """One completion per prompt, in order; prompts of similar length share a batch."""
    requests = _requests(prompts, decoder, plan)
    order = sorted(range(len(requests)), key=lambda i: len(requests[i].prompt))
    completions: dict[int, Completion] = {}
    with Progress("generating", len(prompts), "prompts") as progress:
        for at in range(0, len(order), plan.generation.batch_size):
            batch = order[at : at + plan.generation.batch_size]
            for i, decoded in zip(batch, decoder.decode([requests[i] for i in batch]), strict=True):
                completions[i] = parse(prompts[i], requests[i], decoded, plan.generation.require_question_mark)
            progress.advance(len(batch))
    return [completions[i] for i in range(len(prompts))]


def parse(prompt: Prompt, request: Request, decoded: Decoded, needs_mark: bool) -> Completion:
    """Align the answer with the passage and name what, if anything, keeps the completion from being a pair."""
    question = decoded.texts.get("question", "").strip()
    answer = decoded.texts.get("answer", "").strip()
    focus = prompt.passage[prompt.focus_start : prompt.focus_end]
    spans = decoded.spans.get("answer") or occurrences(focus, answer)
    nearest = nearest_occurrence(focus, spans, question) if spans else None
    span = Span(prompt.focus_start + nearest.start, prompt.focus_start + nearest.end) if nearest else None
    return Completion(
        id=prompt.id,
        language=prompt.language,
        passage_id=prompt.passage_id,
        passage=prompt.passage,
        text="\n".join(f"{name}: {text.strip()}" for name, text in decoded.texts.items()),
        outcome=_outcome(prompt, decoded, question, answer, found=span is not None, needs_mark=needs_mark),
        question=question,
        answer=prompt.passage[span.start : span.end] if span else answer,
        answer_start=span.start if span else -1,
        question_logprob=decoded.logprobs.get("question", float("-inf")),
        answer_logprob=float("-inf"),
        answer_prior_logprob=float("-inf"),
        prompt_tokens=len(request.prompt),
        completion_tokens=decoded.tokens,
    )


def reject_repeats(completions: Sequence[Completion]) -> list[Completion]:
    """Mark a question that was asked before about the same passage with the same answer as a repeat."""
    seen: set[tuple[str, str, str]] = set()
    result = []
    for completion in completions:
        key = (completion.passage_id, completion.question.casefold(), completion.answer.casefold())
        if completion.outcome != OK:
            result.append(completion)
        elif key in seen:
            result.append(replace(completion, outcome="repeated pair"))
        else:
            seen.add(key)
            result.append(completion)
    return result


def score_answers(completions: Sequence[Completion], decoder: Decoder, plan: Plan) -> list[Completion]:
    """Fill in how likely the generator finds each answer after its question; for `answer_gain` also without one."""
    scored = [completion for completion in completions if completion.outcome == OK]
    given = _answer_logprobs(scored, decoder, plan, asked=True)
    gain = plan.generation.rank_by == "answer_gain"
    prior = _answer_logprobs(scored, decoder, plan, asked=False) if gain else [float("-inf")] * len(scored)
    logprobs = {c.id: pair for c, pair in zip(scored, zip(given, prior, strict=True), strict=True)}
    return [
        replace(c, answer_logprob=logprobs[c.id][0], answer_prior_logprob=logprobs[c.id][1]) if c.id in logprobs else c
        for c in completions
    ]


def choose_pairs(completions: Sequence[Completion], generation: Generation) -> list[SyntheticPair]:
    """The synthetic pairs: of each language's candidates the `keep_fraction` the generator finds most convincing, in their order.

    `rank_by: answer` ranks by the answer's log-likelihood after the question, `answer_gain` by how much the question raises it;
    `none` keeps every candidate.
    """
    by_language: dict[str, list[Completion]] = {}
    for completion in completions:
        if completion.outcome == OK:
            by_language.setdefault(completion.language, []).append(completion)
    chosen: set[str] = set()
    for candidates in by_language.values():
        ranked = sorted(candidates, key=lambda c: _rank(c, generation.rank_by), reverse=True)
        keep = len(ranked) if generation.rank_by == "none" else ceil(generation.keep_fraction * len(ranked))
        chosen.update(c.id for c in ranked[:keep])
    return [
        SyntheticPair(c.id, c.language, c.passage_id, c.passage, c.question, c.answer, c.answer_start)
        for c in completions
        if c.id in chosen
    ]


def account(completions: Sequence[Completion], pairs: Sequence[SyntheticPair]) -> dict[str, Any]:
    """Counts by language: prompts, outcomes, synthetic pairs, the share of them that is extractive, tokens."""
    report: dict[str, Any] = {}
    for language in dict.fromkeys(c.language for c in completions):
        own = [c for c in completions if c.language == language]
        kept = [p for p in pairs if p.language == language]
        extractive = sum(p.passage[p.answer_start : p.answer_start + len(p.answer)] == p.answer for p in kept)
        report[language] = {
            "prompts": len(own),
            "outcomes": dict(sorted(Counter(c.outcome for c in own).items())),
            "synthetic_pairs": len(kept),
            "extractive_share": extractive / len(kept) if kept else 0.0,
            "prompt_tokens": sum(c.prompt_tokens for c in own),
            "completion_tokens": sum(c.completion_tokens for c in own),
        }
    return report


def _requests(prompts: Sequence[Prompt], decoder: Decoder, plan: Plan) -> list[Request]:
    tokens: dict[str, PassageTokens] = {}
    requests = []
    for prompt in prompts:
        focus = prompt.passage[prompt.focus_start : prompt.focus_end]
        if focus not in tokens:
            tokens[focus] = tokenize_passage(focus, decoder.tokenizer)
        requests.append(
            Request(
                prompt=decoder.tokenizer(prompt.text)["input_ids"],
                passage=tokens[focus],
                fields=plan.task.fields(prompt.language, plan.prompting, plan.generation),
                settings=Settings(prompt.temperature, prompt.top_k, prompt.top_p, prompt.seed),
            )
        )
    return requests


def _answer_logprobs(completions: Sequence[Completion], decoder: Decoder, plan: Plan, asked: bool) -> list[float]:
    texts = [
        plan.task.answer_text(c.passage, c.question if asked else "", c.answer, c.language, plan.prompting)
        for c in completions
    ]
    label = "scoring answers" if asked else "scoring answers without question"
    return log_likelihoods(decoder, texts, plan.generation.batch_size, label)


def _outcome(prompt: Prompt, decoded: Decoded, question: str, answer: str, found: bool, needs_mark: bool) -> str:
    if not decoded.finished:
        return "unfinished"
    if not any(character.isalpha() for character in question):
        return "empty question"
    if not answer:
        return "empty answer"
    if needs_mark and not any(mark in question for mark in QUESTION_MARKS):
        return "no question mark"
    if question in prompt.text:
        return "question copied from the prompt"
    return OK if found else "answer not in passage"


def _rank(completion: Completion, rank: str) -> float:
    if rank == "answer_gain":
        return completion.answer_logprob - completion.answer_prior_logprob
    return completion.answer_logprob
