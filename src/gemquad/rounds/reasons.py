"""Why a pair is silver or not, in words."""

from gemquad.params import Filter
from gemquad.rounds.silver import ROUNDING
from gemquad.schema import Judgement
from gemquad.tasks.base import AnyDefinition

_REPLACED = "a corrected pair stands in its place"


def why(judgement: Judgement, rule: Filter, task: AnyDefinition) -> str:
    """The reason in words why a pair is silver or not."""
    if rule.weights != "none" and not judgement.repaired:
        return _why_weighed(judgement, rule)
    if judgement.repaired:
        return f"repaired: takes the labelers' answer, votes {judgement.votes:.2f}"
    if rule.agreement == "expected":
        found, least, name = judgement.probability, rule.min_probability, "probability"
    elif rule.labelers > 1:
        found, least, name = judgement.votes, rule.min_votes, "votes"
    else:
        found, least, name = judgement.agreement, task.agreement_threshold(rule), "agreement"
    agrees = found >= least - ROUNDING
    is_sure = name != "agreement" or judgement.labeler_confidence >= rule.min_confidence
    if judgement.kept and not (agrees and is_sure):
        return "kept from an earlier round"
    if not agrees:
        return f"{name} {found:.2f}; {least:.2f} is asked for"
    if not judgement.kept:
        if is_sure:
            return _REPLACED
        return f"confidence {judgement.labeler_confidence:.2f} is under {rule.min_confidence:g}"
    return f"the labelers agree, {name} {found:.2f}" if name != "agreement" else f"the labeler agrees, {found:.2f}"


def _why_weighed(judgement: Judgement, rule: Filter) -> str:
    weight, probability = f"weight {judgement.weight:.2f}", f"a probability of {judgement.probability:.2f}"
    if judgement.weight and not judgement.kept:
        return _REPLACED
    if rule.weights == "agreement":
        return f"{weight}, for {probability}"
    if rule.weights == "value":
        said = "lowers" if judgement.kept else "would not lower"
        return f"{weight}: a step towards it {said} the loss on the half of dev that values pairs"
    if judgement.kept:
        return f"{weight}: the generator stands by its answer, which the labelers give {probability}"
    if 0 < judgement.probability < 1:
        return f"{weight}: asked blind, the generator gives another answer or none"
    return f"{weight}: the labelers give its answer {probability}, and doubt nothing"
