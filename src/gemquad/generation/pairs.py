"""From prompts to synthetic pairs: requests, an outcome for every completion, near-duplicates, the likelihood of answers."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic

from gemquad.errors import UserError
from gemquad.generation.engine import Engine
from gemquad.generation.near_duplicates import first_of_its_kind
from gemquad.params import Generation
from gemquad.schema import Completion, Prompt
from gemquad.tasks.prompter import ParsedCompletion, Prompter, S
from gemquad.tasks.requests import GenerationResult, Request


@dataclass(frozen=True)
class Candidate(Generic[S]):
    """A completion with its parsed pair; `pair` is None once the completion is rejected."""

    completion: Completion
    pair: S | None

    def rejected(self, outcome: str) -> "Candidate[S]":
        """A copy of the candidate with an outcome that rejects it, without its pair."""
        return Candidate(replace(self.completion, outcome=outcome), None)


@dataclass(frozen=True)
class PairPlan(Generic[S]):
    """Everything besides prompts and generator that decides which completions become synthetic pairs."""

    prompter: Prompter[Any, S, Any]
    generation: Generation


def generate_pairs(prompts: Sequence[Prompt], engine: Engine, plan: PairPlan[S]) -> tuple[list[Completion], list[S]]:
    """Complete every prompt; returns all completions and the synthetic pairs, in order.

    Raises:
        UserError: `generation.rank_by` asks for likelihoods that the backend cannot give; before anything is spent.
    """
    generation = plan.generation
    if generation.rank_by != "none" and not engine.backend.capabilities.likelihoods:
        raise UserError(
            f"generation.rank_by={generation.rank_by} needs the likelihood of answers, which the backend "
            f"'{engine.backend.identity['backend']}' cannot tell. "
            "Without a ranking there are no likeliest: -S generation.rank_by=none -S filter.keep_fraction=1."
        )
    candidates = complete(prompts, engine, plan)
    candidates = reject_near_duplicates(reject_repeats(candidates, plan), plan)
    if generation.rank_by != "none":
        candidates = judge_answers(candidates, engine, plan)
    if generation.blind_answers:
        candidates = answer_blind(candidates, engine, plan)
    return [one.completion for one in candidates], [one.pair for one in candidates if one.pair is not None]


def complete(prompts: Sequence[Prompt], engine: Engine, plan: PairPlan[S]) -> list[Candidate[S]]:
    """Complete every prompt; returns one candidate per prompt, in order."""
    requests = [replace(plan.prompter.request(prompt), name=prompt.id) for prompt in prompts]
    generated = engine.complete(requests, "generating", "prompts")
    return [read(prompt, one, key, plan) for prompt, (key, one) in zip(prompts, generated, strict=True)]


def read(prompt: Prompt, generated: GenerationResult, key: str, plan: PairPlan[S]) -> Candidate[S]:
    """Parse a completion by the task's prompter, unless the backend has rejected it."""
    rejection = generated.rejected
    parsed = ParsedCompletion[S](rejection) if rejection else plan.prompter.parse(prompt, generated)
    completion = Completion(
        id=prompt.id,
        keys=[key],
        language=prompt.language,
        text="\n".join(f"{name}: {text.strip()}" for name, text in generated.texts.items()),
        outcome=parsed.outcome,
        answer_logprob=float("-inf"),
        answer_prior_logprob=float("-inf"),
        judged_tokens=0,
        prompt_tokens=generated.prompt_tokens,
        completion_tokens=generated.completion_tokens,
    )
    return Candidate(completion, parsed.pair)


def reject_repeats(candidates: Sequence[Candidate[S]], plan: PairPlan[S]) -> list[Candidate[S]]:
    """Mark candidates whose pair equals an earlier one's."""
    seen: set[Hashable] = set()
    result = []
    for candidate in candidates:
        identity = plan.prompter.identity(candidate.pair) if candidate.pair else None
        result.append(candidate.rejected("repeated pair") if identity in seen else candidate)
        if identity is not None:
            seen.add(identity)
    return result


def reject_near_duplicates(candidates: Sequence[Candidate[S]], plan: PairPlan[S]) -> list[Candidate[S]]:
    """Mark candidates whose text nearly repeats an earlier, comparable one's.

    Two texts are nearly the same where their normalised Indel similarity (rapidfuzz's `ratio`, 0 to 1) is
    `generation.near_duplicate` or more; above 1 nothing is.
    """
    blocks: dict[Hashable, list[int]] = {}
    for number, candidate in enumerate(candidates):
        if candidate.pair is not None:
            blocks.setdefault(plan.prompter.block(candidate.pair), []).append(number)
    result = list(candidates)
    for numbers in blocks.values():
        for number in _near_duplicates(candidates, numbers, plan):
            result[number] = candidates[number].rejected("near-duplicate pair")
    return result


def judge_answers(candidates: Sequence[Candidate[S]], engine: Engine, plan: PairPlan[S]) -> list[Candidate[S]]:
    """Fill in the log-likelihood of each answer after its prompt; for `answer_gain` also its prior."""
    judged = _judge(candidates, engine, plan, conditioned=True)
    return _judge(judged, engine, plan, conditioned=False) if plan.generation.rank_by == "answer_gain" else judged


def answer_blind(candidates: Sequence[Candidate[S]], engine: Engine, plan: PairPlan[S]) -> list[Candidate[S]]:
    """Fill in what the generator answers to each pair's question, from the whole passage and without the pair's answer.

    Raises:
        UserError: the task's answers are scored, which the backend cannot do; before anything is spent.
    """
    asked = [plan.prompter.solve_requests(candidate.pair, ()) for candidate in candidates if candidate.pair is not None]
    requests = [request for own in asked for request in own]
    if not engine.backend.capabilities.likelihoods and any(request.continuation for request in requests):
        raise UserError(
            "generation.blind_answers needs the likelihood of each label, which the backend "
            f"'{engine.backend.identity['backend']}' cannot tell. Set it to false: -S generation.blind_answers=false."
        )
    results = iter(engine.complete(requests, "answering blind", "requests"))
    counts, paid = iter(map(len, asked)), set[str]()
    answered = []
    for candidate in candidates:
        if candidate.pair is not None:
            own = dict(next(results) for _ in range(next(counts)))  # by key; each label is another request
            answer = plan.prompter.read_answer(candidate.pair, list(own.values()))
            tokens = sum(one.prompt_tokens + one.completion_tokens for key, one in own.items() if key not in paid)
            paid |= own.keys()
            candidate = replace(candidate, completion=_answered(candidate.completion, answer.text, list(own), tokens))
        answered.append(candidate)
    return answered


def _judge(
    candidates: Sequence[Candidate[S]], engine: Engine, plan: PairPlan[S], conditioned: bool
) -> list[Candidate[S]]:
    pairs = [candidate.pair for candidate in candidates if candidate.pair is not None]
    texts = [plan.prompter.ranked_text(pair, conditioned) for pair in pairs]
    requests = [Request(prompt=prefix, continuation=answer) for prefix, answer in texts]
    label = "judging answers" if conditioned else "judging answers without question"
    results = iter(engine.complete(requests, label, "answers"))
    paid: set[str] = set()
    judged = []
    for candidate in candidates:
        if candidate.pair is not None:
            key, one = next(results)
            candidate = replace(
                candidate, completion=_judged(candidate.completion, key, one, conditioned, key not in paid)
            )
            paid.add(key)
        judged.append(candidate)
    return judged


def _judged(
    completion: Completion, key: str, one: GenerationResult, conditioned: bool, is_paid_here: bool
) -> Completion:
    return replace(
        completion,
        keys=[*completion.keys, key],
        judged_tokens=completion.judged_tokens + (one.prompt_tokens if is_paid_here else 0),
        answer_logprob=one.logprob if conditioned else completion.answer_logprob,
        answer_prior_logprob=completion.answer_prior_logprob if conditioned else one.logprob,
    )


def _answered(completion: Completion, answer: str, keys: list[str], tokens: int) -> Completion:
    keys, judged = [*completion.keys, *keys], completion.judged_tokens + tokens
    return replace(completion, blind_answer=answer, keys=keys, judged_tokens=judged)


def _near_duplicates(candidates: Sequence[Candidate[S]], numbers: Sequence[int], plan: PairPlan[S]) -> list[int]:
    """Which of the `numbers`, all of one block, nearly repeat an earlier one."""
    pairs = [pair for number in numbers if (pair := candidates[number].pair) is not None]
    first = first_of_its_kind(
        [plan.prompter.compared_text(pair) for pair in pairs],
        plan.generation.near_duplicate,
        lambda later, earlier: plan.prompter.are_comparable(pairs[later], pairs[earlier]),
    )
    return [number for number, is_first in zip(numbers, first, strict=True) if not is_first]
