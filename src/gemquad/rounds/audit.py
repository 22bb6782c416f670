"""The filter audit: what the filter of a round keeps of pairs whose truth is known.

Every dev question of a language to train becomes two pairs: a clean one, with its own answer, and a corrupted one (`corruption`).
The round's weak labeler answers their questions and the filter judges them as it judges synthetic pairs. Precision is the share
of clean pairs among those kept, to be held against their share before the filter, one half; recall is the share of clean pairs
that are kept. Intervals are by passage (`scoring.bootstrap`).
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

import numpy as np

from gemquad.params import Filter
from gemquad.rounds.corruption import CORRUPTIONS, Corrupted, Gold, corrupt
from gemquad.rounds.silver import LabelerAnswer, judge
from gemquad.schema import AuditedPair, Question, SyntheticPair
from gemquad.scoring.bootstrap import ratio_interval
from gemquad.sources.squad import passage_id
from gemquad.tasks.base import Task

CLEAN = ""
"""The corruption of a clean pair."""

Label = Callable[[Sequence[SyntheticPair]], Sequence[LabelerAnswer]]
"""The weak labeler: its answers to the questions of pairs, in order."""


@dataclass(frozen=True)
class Probe:
    """A pair of known truth."""

    pair: SyntheticPair
    corruption: str


def probes(questions: Sequence[Question], seed: int) -> list[Probe]:
    """A clean and a corrupted pair of every question, language after language; within one the kinds of corruption take turns.

    A question that cannot be corrupted is left out, so that half of the pairs are clean.
    """
    found = []
    for language in dict.fromkeys(question.language for question in questions):
        own = [question for question in questions if question.language == language]
        gold, turns = Gold.of(own), Random(f"{seed}/{language}").sample(range(len(own)), len(own))
        for question, turn in zip(own, turns, strict=True):
            corrupted = corrupt(question, gold, turn, Random(f"{seed}/{language}/{question.id}"))
            if corrupted:
                found.append(_clean(question))
                found.append(_corrupted(question, corrupted))
    return found


def audit(found: Sequence[Probe], label: Label, rule: Filter, task: Task) -> list[AuditedPair]:
    """The filter's judgement of every probe, in order. A question that several pairs ask of a passage is answered once."""
    asked = {(probe.pair.passage, probe.pair.question): probe.pair for probe in found}
    answers = dict(zip(asked, label(list(asked.values())), strict=True))
    pairs = [probe.pair for probe in found]
    judgements = judge(pairs, [answers[pair.passage, pair.question] for pair in pairs], set(), rule, task)
    return [
        AuditedPair(**{**vars(probe.pair), "corruption": probe.corruption, **vars(judgement)})
        for probe, judgement in zip(found, judgements, strict=True)
    ]


def summarise(audited: Sequence[AuditedPair]) -> dict[str, Any]:
    """What `metrics/rounds/*/audit.json` holds: by language, pairs and kept pairs by corruption, precision and recall (0 to 1)."""
    by_language = {
        language: [pair for pair in audited if pair.language == language]
        for language in dict.fromkeys(pair.language for pair in audited)
    }
    return {language: _summarise_language(pairs) for language, pairs in by_language.items()}


def _summarise_language(pairs: Sequence[AuditedPair]) -> dict[str, Any]:
    clean = np.array([pair.corruption == CLEAN for pair in pairs])
    kept = np.array([pair.kept for pair in pairs])
    passages = np.unique([pair.passage_id for pair in pairs], return_inverse=True)[1]

    def count(kind: str) -> dict[str, int]:
        own = [pair.kept for pair in pairs if pair.corruption == kind]
        return {"pairs": len(own), "kept": sum(own)}

    return {
        "clean": count(CLEAN),
        "corrupted": {kind: count(kind) for kind in CORRUPTIONS},
        "precision": asdict(ratio_interval(clean & kept, kept, passages)) if kept.any() else None,
        "recall": asdict(ratio_interval(clean & kept, clean, passages)),
        "clean_share": float(clean.mean()),
    }


def _clean(question: Question) -> Probe:
    return _probe(question, CLEAN, question.question, question.answers[0], question.answer_starts[0])


def _corrupted(question: Question, corrupted: Corrupted) -> Probe:
    span = corrupted.span
    answer = question.passage[span.start : span.end]
    return _probe(question, corrupted.corruption, corrupted.asked.question, answer, span.start)


def _probe(question: Question, corruption: str, asked: str, answer: str, start: int) -> Probe:
    pair = SyntheticPair(
        id=f"{question.id}/{corruption or 'clean'}",
        language=question.language,
        passage_id=passage_id(question.passage),
        passage=question.passage,
        question=asked,
        answer=answer,
        answer_start=start,
    )
    return Probe(pair, corruption)
