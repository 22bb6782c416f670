"""The filter audit: what the filter of a round keeps of pairs whose truth is known.

Every dev example of a language to train becomes two pairs: a clean one, with its own truth, and one that the task made wrong. The
round's weak labelers answer them and the filter judges them as it judges synthetic pairs. Precision is the share of right pairs
among those kept, by weight, to be held against that of clean ones before the filter, one half; recall is the share of clean pairs
that are kept with a right answer. A pair that was repaired is right where its new answer agrees with the truth of what it asks: a
corrupted one may have become right, a clean one wrong. Who asks what its passage does not answer cannot become right.
Intervals are by group (`scoring.bootstrap`).
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from gemquad.params import Filter
from gemquad.rounds.labels import labeler_input
from gemquad.rounds.silver import Labelers, judge
from gemquad.rounds.worth import NOTHING, Known
from gemquad.schema import AuditedPair, Example, Judgement
from gemquad.schema.results import KeptPairs, LanguageAudit
from gemquad.scoring.bootstrap import ratio_interval
from gemquad.tasks.base import CLEAN, AnyDefinition, AuditPair


def audit(
    audit_pairs: Sequence[AuditPair[Any]],
    answers: Sequence[Labelers],
    rule: Filter,
    task: AnyDefinition,
    known: Known = NOTHING,
) -> list[AuditedPair]:
    """Judge pairs of known truth by the filter; `answers` are the weak labelers', in their order."""
    pairs = [one.pair for one in audit_pairs]
    texts = [task.texts(pair) for pair in pairs]
    judgements = judge(pairs, answers, set(), rule, task, known)
    truths = {
        labeler_input(one): known.pair
        for known, one in zip(audit_pairs, texts, strict=True)
        if known.corruption == CLEAN
    }
    return [
        AuditedPair(
            **asdict(judgement),
            corruption=audited.corruption,
            group=task.group(audited.pair),
            content="\n".join(one.generated),
            answer=one.answer,
            right=_is_right(judgement, audited.corruption, truths.get(labeler_input(one)), rule, task),
        )
        for audited, one, judgement in zip(audit_pairs, texts, judgements, strict=True)
    ]


def summarise(audited: Sequence[AuditedPair], task: AnyDefinition) -> dict[str, LanguageAudit]:
    """What `metrics/rounds/*/audit.json` holds: by language, pairs and kept pairs by corruption, precision and recall (0 to 1)."""
    by_language = {
        language: [pair for pair in audited if pair.language == language]
        for language in dict.fromkeys(pair.language for pair in audited)
    }
    return {language: _summarise_language(pairs, task.corruptions) for language, pairs in by_language.items()}


def _summarise_language(pairs: Sequence[AuditedPair], corruptions: Sequence[str]) -> LanguageAudit:
    clean = np.array([pair.corruption == CLEAN for pair in pairs])
    right, kept = np.array([[pair.right, pair.kept] for pair in pairs]).T
    weights = np.array([pair.weight for pair in pairs])
    groups = np.unique([pair.group for pair in pairs], return_inverse=True)[1]

    def count(kind: str) -> KeptPairs:
        own = [pair for pair in pairs if pair.corruption == kind]
        return KeptPairs(len(own), sum(pair.kept for pair in own), sum(pair.repaired for pair in own))

    return LanguageAudit(
        clean=count(CLEAN),
        corrupted={kind: count(kind) for kind in corruptions},
        precision=ratio_interval(weights * (right & kept), weights * kept, groups) if kept.any() else None,
        recall=ratio_interval(clean & right & kept, clean, groups),
        clean_share=float(clean.mean()),
    )


def _is_right(judgement: Judgement, corruption: str, truth: Example | None, rule: Filter, task: AnyDefinition) -> bool:
    """Whether the pair's answer after the filter is right; `truth` is the clean pair that asks the same."""
    if not judgement.repaired:
        return corruption == CLEAN
    return truth is not None and task.agreement(judgement.labeler_answer, truth, rule) >= task.agreement_threshold(rule)
