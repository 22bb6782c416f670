"""The settings that the page's advice turns, and how near to being kept the pairs are that the filter dropped."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from gemquad.params import Filter, Params
from gemquad.report.content import Levers, Looser
from gemquad.schema import Judgement
from gemquad.tasks.base import AnyDefinition
from gemquad.tasks.prompting import PassagePrompting

_EMBEDDED, _LARGER = "gemma-3-270m", "generator=qwen-coder-1.5b"
_STEP = 0.3
"""How much looser a threshold of agreement, probability or votes is tried."""


def levers(params: Params, judgements: Iterable[Judgement], task: AnyDefinition) -> Levers:
    """Of a run whose last filter made these judgements."""
    wording = params.prompting
    writer = (params.backend.name, params.generator.name)
    asks = isinstance(wording, PassagePrompting)
    return Levers(
        prompts="prompting.prompts_per_passage" if asks else "prompting.prompts",
        prompts_each=wording.prompts_per_passage if isinstance(wording, PassagePrompting) else wording.prompts,
        keep_fraction=params.filter.keep_fraction,
        max_rounds=params.stopping.max_rounds,
        min_improvement=params.stopping.min_improvement,
        seed=params.seed,
        looser=looser(params.filter, judgements, task),
        larger_generator=_LARGER if writer == ("transformers", _EMBEDDED) else "",
    )


def looser(rule: Filter, judgements: Iterable[Judgement], task: AnyDefinition) -> Looser | None:
    """The threshold that decides, a step looser, and the dropped pairs that would then be kept."""
    name, least, value = _threshold(rule, task)
    if not name:
        return None
    now = _threshold_now(rule, task)  # what a corrected pair replaced is not kept, though the labelers agree
    missed = (j for j in judgements if not j.kept and least <= _found(j, rule) < now and _is_sure(j, rule))
    pairs = Counter(j.language for j in missed)
    return Looser(f"{name}={value}", dict(pairs)) if pairs else None


def _threshold(rule: Filter, task: AnyDefinition) -> tuple[str, float, Any]:
    """(setting, what is then asked for, looser value) of the threshold; a name "" where there is none to loosen."""
    if rule.weights != "none":
        return "", 0.0, ""
    if rule.agreement == "expected":
        value = round(max(rule.min_probability - _STEP, 0.0), 2)
        return "filter.min_probability", value, value
    if rule.labelers > 1:
        value = round(max(rule.min_votes - _STEP, 0.1), 2)
        return "filter.min_votes", value, value
    options: list[tuple[str, Any, Filter]] = [
        ("filter.min_f1", value := round(max(rule.min_f1 - _STEP, 0.1), 2), replace(rule, min_f1=value)),
        ("filter.tolerance", 2 * rule.tolerance, replace(rule, tolerance=2 * rule.tolerance)),
    ]
    least = task.agreement_threshold(rule)
    tried = ((name, task.agreement_threshold(changed), value) for name, value, changed in options)
    return next((one for one in tried if one[1] < least), ("", 0.0, ""))


def _threshold_now(rule: Filter, task: AnyDefinition) -> float:
    if rule.agreement == "expected":
        return rule.min_probability
    return rule.min_votes if rule.labelers > 1 else task.agreement_threshold(rule)


def _found(judgement: Judgement, rule: Filter) -> float:
    if rule.agreement == "expected":
        return judgement.probability
    return judgement.votes if rule.labelers > 1 else judgement.agreement


def _is_sure(judgement: Judgement, rule: Filter) -> bool:
    return judgement.labeler_confidence >= rule.min_confidence
