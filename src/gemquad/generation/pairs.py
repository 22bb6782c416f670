"""From prompts to synthetic pairs: requests, an outcome for every completion, a choice among the candidates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from rapidfuzz import fuzz

from gemquad.errors import UserError
from gemquad.generation.backend import Generated, Request, Settings
from gemquad.generation.engine import Engine
from gemquad.params import Generation, Prompting
from gemquad.schema import Completion, Prompt, SyntheticPair
from gemquad.spans import Span, nearest_occurrence, occurrences
from gemquad.tasks.base import Task

OK = "ok"
QUESTION_MARKS = "?？؟;՞፧"


@dataclass(frozen=True)
class Plan:
    """Everything but prompts and generator that decides what becomes a synthetic pair."""

    prompting: Prompting
    generation: Generation
    task: Task


def generate_pairs(
    prompts: Sequence[Prompt], engine: Engine, plan: Plan
) -> tuple[list[Completion], list[SyntheticPair]]:
    """Complete every prompt; returns all completions, in order, and the synthetic pairs chosen among them.

    Raises:
        UserError: `generation.rank_by` asks for likelihoods that the backend cannot give; before anything is spent.
    """
    if plan.generation.rank_by != "none" and not engine.backend.promises.likelihoods:
        raise UserError(
            f"generation.rank_by={plan.generation.rank_by} needs the likelihood of answers, which the backend "
            f"'{engine.backend.identity['backend']}' cannot tell. Set it to none: -S generation.rank_by=none."
        )
    completions = complete(prompts, engine, plan)
    completions = reject_near_duplicates(reject_repeats(completions), plan.generation.near_duplicate)
    if plan.generation.rank_by != "none":
        completions = judge_answers(completions, engine, plan)
    return completions, choose_pairs(completions, plan.generation)


def complete(prompts: Sequence[Prompt], engine: Engine, plan: Plan) -> list[Completion]:
    """One completion per prompt, in order, each with its outcome."""
    requests = [request_for(prompt, plan) for prompt in prompts]
    generated = engine.complete(requests, "generating", "prompts")
    mark = plan.generation.require_question_mark
    return [parse(prompt, one, key, mark) for prompt, (key, one) in zip(prompts, generated, strict=True)]


def request_for(prompt: Prompt, plan: Plan) -> Request:
    """What the backend is asked for a prompt."""
    return Request(
        prompt=prompt.text,
        source=prompt.passage[prompt.focus_start : prompt.focus_end],
        fields=tuple(plan.task.fields(prompt.language, plan.prompting, plan.generation)),
        settings=Settings(prompt.temperature, prompt.top_k, prompt.top_p, prompt.seed),
    )


def parse(prompt: Prompt, generated: Generated, key: str, needs_mark: bool) -> Completion:
    """Align the answer with the passage and name what, if anything, keeps the completion from being a pair."""
    question = generated.texts.get("question", "").strip()
    answer = generated.texts.get("answer", "").strip()
    focus = prompt.passage[prompt.focus_start : prompt.focus_end]
    spans = generated.spans.get("answer") or occurrences(focus, answer)
    nearest = nearest_occurrence(focus, spans, question) if spans else None
    span = Span(prompt.focus_start + nearest.start, prompt.focus_start + nearest.end) if nearest else None
    return Completion(
        id=prompt.id,
        keys=[key],
        language=prompt.language,
        passage_id=prompt.passage_id,
        passage=prompt.passage,
        text="\n".join(f"{name}: {text.strip()}" for name, text in generated.texts.items()),
        outcome=_outcome(prompt, generated, question, answer, found=span is not None, needs_mark=needs_mark),
        question=question,
        answer=prompt.passage[span.start : span.end] if span else answer,
        answer_start=span.start if span else -1,
        answer_logprob=float("-inf"),
        answer_prior_logprob=float("-inf"),
        judged_tokens=0,
        prompt_tokens=generated.prompt_tokens,
        completion_tokens=generated.completion_tokens,
    )


def reject_repeats(completions: Sequence[Completion]) -> list[Completion]:
    """Mark a question that was asked before about the same passage with the same answer as a repeat."""
    seen: set[tuple[str, str, str, str]] = set()
    result = []
    for completion in completions:
        key = (*_passage(completion), completion.question.casefold(), completion.answer.casefold())
        if completion.outcome != OK:
            result.append(completion)
        elif key in seen:
            result.append(replace(completion, outcome="repeated pair"))
        else:
            seen.add(key)
            result.append(completion)
    return result


def reject_near_duplicates(completions: Sequence[Completion], threshold: float) -> list[Completion]:
    """Mark a pair whose question nearly repeats an earlier one about the same passage, with an answer at the same place.

    Two questions are nearly the same where their normalised Indel similarity (rapidfuzz's `ratio`, 0 to 1) is `threshold` or
    more; above 1 nothing is. Only pairs of one passage with overlapping answers are compared: a template ("Where was … born?")
    asked of many passages teaches something every time.
    """
    kept: dict[tuple[str, str], list[Completion]] = {}
    result = []
    for completion in completions:
        earlier = kept.setdefault(_passage(completion), [])
        if completion.outcome == OK and _nearly_repeats(completion, earlier, threshold):
            completion = replace(completion, outcome="near-duplicate pair")
        if completion.outcome == OK:
            earlier.append(completion)
        result.append(completion)
    return result


def judge_answers(completions: Sequence[Completion], engine: Engine, plan: Plan) -> list[Completion]:
    """Fill in how likely the generator finds each answer after its question; for `answer_gain` also without one."""
    judged = _judge(completions, engine, plan, asked=True)
    return _judge(judged, engine, plan, asked=False) if plan.generation.rank_by == "answer_gain" else judged


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


def _judge(completions: Sequence[Completion], engine: Engine, plan: Plan, asked: bool) -> list[Completion]:
    candidates = [completion for completion in completions if completion.outcome == OK]
    texts = [
        plan.task.answer_text(c.passage, c.question if asked else "", c.answer, c.language, plan.prompting)
        for c in candidates
    ]
    requests = [Request(prompt=prefix, given=answer) for prefix, answer in texts]
    label = "judging answers" if asked else "judging answers without question"
    judged: dict[str, Completion] = {}
    paid: set[str] = set()
    for candidate, (key, one) in zip(candidates, engine.complete(requests, label, "answers"), strict=True):
        judged[candidate.id] = replace(
            candidate,
            keys=[*candidate.keys, key],
            judged_tokens=candidate.judged_tokens + (0 if key in paid else one.prompt_tokens),
            answer_logprob=one.logprob if asked else candidate.answer_logprob,
            answer_prior_logprob=candidate.answer_prior_logprob if asked else one.logprob,
        )
        paid.add(key)
    return [judged.get(completion.id, completion) for completion in completions]


def _outcome(prompt: Prompt, generated: Generated, question: str, answer: str, found: bool, needs_mark: bool) -> str:
    if not generated.finished:
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


def _nearly_repeats(completion: Completion, earlier: Iterable[Completion], threshold: float) -> bool:
    end = completion.answer_start + len(completion.answer)
    return any(
        other.answer_start < end
        and completion.answer_start < other.answer_start + len(other.answer)
        and fuzz.ratio(completion.question.casefold(), other.question.casefold()) >= 100 * threshold
        for other in earlier
    )


def _passage(completion: Completion) -> tuple[str, str]:
    return completion.language, completion.passage_id


def _rank(completion: Completion, rank: str) -> float:
    if rank == "answer_gain":
        return completion.answer_logprob - completion.answer_prior_logprob
    return completion.answer_logprob
