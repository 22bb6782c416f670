"""The filter audit: what the filter of a round keeps of pairs whose truth is known.

Every dev example of a language to train becomes two pairs: a clean one, with its own truth, and one that the task made wrong. The
round's weak labeler answers them and the filter judges them as it judges synthetic pairs. Precision is the share of clean pairs
among those kept, to be held against their share before the filter, one half; recall is the share of clean pairs that are kept.
Intervals are by group (`scoring.bootstrap`).
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from gemquad.params import Filter
from gemquad.rounds.silver import judge
from gemquad.schema import AuditedPair
from gemquad.schema.results import KeptPairs, LanguageAudit
from gemquad.scoring.bootstrap import ratio_interval
from gemquad.tasks.answers import Answer
from gemquad.tasks.base import CLEAN, AnyDefinition, AuditPair


def audit(
    audit_pairs: Sequence[AuditPair[Any]], answers: Sequence[Answer], rule: Filter, task: AnyDefinition
) -> list[AuditedPair]:
    """Judge pairs of known truth by the filter; `answers` are the weak labeler's, in their order."""
    pairs = [one.pair for one in audit_pairs]
    texts = [task.texts(pair) for pair in pairs]
    judgements = judge(pairs, answers, set(), rule, task)
    return [
        AuditedPair(
            **asdict(judgement),
            corruption=audited.corruption,
            group=task.group(audited.pair),
            content="\n".join(one.generated),
            answer=one.answer,
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
    kept = np.array([pair.kept for pair in pairs])
    groups = np.unique([pair.group for pair in pairs], return_inverse=True)[1]

    def count(kind: str) -> KeptPairs:
        own = [pair.kept for pair in pairs if pair.corruption == kind]
        return KeptPairs(len(own), sum(own))

    return LanguageAudit(
        clean=count(CLEAN),
        corrupted={kind: count(kind) for kind in corruptions},
        precision=ratio_interval(clean & kept, kept, groups) if kept.any() else None,
        recall=ratio_interval(clean & kept, clean, groups),
        clean_share=float(clean.mean()),
    )
