"""The filter audit: what the filter of a round keeps of pairs whose truth is known.

Every dev example of a language to train becomes two pairs: a clean one, with its own truth, and one that the task made wrong. The
round's weak labeler answers them and the filter judges them as it judges synthetic pairs. Precision is the share of clean pairs
among those kept, to be held against their share before the filter, one half; recall is the share of clean pairs that are kept.
Intervals are by group (`scoring.bootstrap`).
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict

import numpy as np

from gemquad.params import Filter
from gemquad.rounds.silver import judge
from gemquad.schema import AuditedPair, Example
from gemquad.schema.results import KeptPairs, LanguageAudit
from gemquad.scoring.bootstrap import ratio_interval
from gemquad.tasks.answers import Answer
from gemquad.tasks.kinds.base import CLEAN, AnyTask, Shown

Label = Callable[[Sequence[Example]], Sequence[Answer]]
"""The weak labeler: its answers to pairs, in order."""


def audit(examples: Sequence[Example], label: Label, rule: Filter, task: AnyTask, seed: int) -> list[AuditedPair]:
    """The filter's judgement of a clean and a corrupted pair of every example. What several pairs ask is answered once."""
    probes = task.probes(examples, seed)
    shown = [task.shown(probe.pair) for probe in probes]
    asked = {_asked(one): probe.pair for one, probe in zip(shown, probes, strict=True)}
    answers = dict(zip(asked, label(list(asked.values())), strict=True))
    pairs = [probe.pair for probe in probes]
    judgements = judge(pairs, [answers[_asked(one)] for one in shown], set(), rule, task)
    return [
        AuditedPair(
            **asdict(judgement),
            corruption=probe.corruption,
            group=task.group(probe.pair),
            content="\n".join(text for _, text in one.lines),
            answer=one.answer,
        )
        for probe, one, judgement in zip(probes, shown, judgements, strict=True)
    ]


def summarise(audited: Sequence[AuditedPair], task: AnyTask) -> dict[str, LanguageAudit]:
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


def _asked(shown: Shown) -> tuple[str, ...]:
    """What the labeler reads of a pair."""
    return shown.passage, *(text for _, text in shown.lines)
