"""What the report page shows, as plain values: the shapes of the metrics files it is filled from.

Scores, deltas and their intervals are in percent and points; shares, precision, recall, agreement, confidence and diversity are
0 to 1. Offsets count Unicode code points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict

from gemquad.rounds.stopping import system_name
from gemquad.scoring.metrics import Metric
from gemquad.views.task_view import PublishedDelta, Terms


class Estimate(TypedDict):
    """A value and its 95% interval."""

    value: float
    low: float
    high: float


class Score(TypedDict):
    """How a system did on one split in one language: how much was scored, and its metrics by name."""

    examples: int
    groups: int
    metrics: Mapping[str, Estimate]


class System(TypedDict):
    """One way to solve the task; `updates` are optimiser steps by phase, none where a language model is prompted.

    `scores` are split → language → score.
    """

    system: str
    description: str
    seeds: Sequence[int]
    updates: Mapping[str, int]
    scores: Mapping[str, Mapping[str, Score]]


def score_of(system: System, split: str, language: str) -> Score | None:
    """How a system did, where it was scored."""
    return system["scores"].get(split, {}).get(language)


def estimate_of(system: System, split: str, language: str, metric: str) -> Estimate | None:
    """How a system did by one metric, where it was scored."""
    found = score_of(system, split, language)
    return found["metrics"][metric] if found else None


class Delta(Estimate):
    """`system` minus `against` in points."""

    system: str
    against: str
    split: str
    language: str
    metric: str
    seeds: Sequence[int]
    holds_zero: bool


class Silver(TypedDict):
    """Pairs of one language in one round; `new` are silver pairs that no earlier round had."""

    synthetic: int
    silver: int
    new: int


class Round(TypedDict):
    """Silver by language; empty for round 0."""

    round: int
    silver: Mapping[str, Silver]


class RoundResult(TypedDict):
    """A round as the stop rule saw it."""

    round: int
    dev_score: float
    synthetic: int
    silver: int
    new_silver: int


class Decision(TypedDict):
    """Why the loop ended, and the rounds that were trained, the baseline first."""

    stop: bool
    reason: str
    history: Sequence[RoundResult]


class Kept(TypedDict):
    """How many of some pairs the filter kept."""

    pairs: int
    kept: int


class AuditedLanguage(TypedDict):
    """The filter on pairs of known truth: clean ones, and corrupted ones by type. Shares are 0 to 1."""

    clean: Kept
    corrupted: Mapping[str, Kept]
    precision: Estimate | None
    recall: Estimate | None
    clean_share: float


class AuditedRound(TypedDict):
    """The filter audit of one round."""

    round: int
    languages: Mapping[str, AuditedLanguage]


class LeakExample(TypedDict):
    """One text found in two files, or two that are nearly the same: where they stand and how they begin."""

    files: Sequence[str]
    beginnings: Sequence[str]


class Leak(TypedDict):
    """What the leak gate found between two roles (`sources.overlap.Overlap`)."""

    roles: str
    compared: Sequence[int]
    identical: int
    near: int
    parallel: int
    allowed: bool
    examples: Sequence[LeakExample]


class Diversity(TypedDict):
    """How varied a set of texts is; None where it has too few of them (`scoring.diversity`)."""

    texts: int
    distinct_1: float | None
    distinct_2: float | None
    distinct_3: float | None
    self_similarity: float | None
    nearest: float | None


class LanguageDiversity(TypedDict):
    """Sets of generated texts by name: whole in `sets`, in `equal` samples of `compared` texts, None where nothing is compared."""

    sets: Mapping[str, Diversity]
    compared: int | None
    equal: Mapping[str, Diversity]


class Source(TypedDict):
    """A file of the run and the role it plays; of labelled data, the number of examples by label, and labels without any."""

    key: str
    role: str
    language: str
    path: str
    labels: NotRequired[Mapping[str, int]]
    missing_labels: NotRequired[Sequence[str]]


class JudgedPair(TypedDict):
    """What the weak labeler of a round said to a synthetic pair; `start` is -1 where its answer has no place."""

    round: int
    answer: str
    start: int
    confidence: float
    agreement: float
    kept: bool
    why: str


class Pair(TypedDict):
    """A synthetic pair: named texts, and the answer at `start` of its passage, an index into `PageContent.passages`.

    Without a passage that is None, and `start` -1.
    """

    id: str
    language: str
    lines: Sequence[tuple[str, str]]
    passage: int | None
    answer: str
    start: int
    rounds: Sequence[JudgedPair]


class Experiment(TypedDict):
    """One experiment of a sweep: the parameters it changed, its scores (in percent) and gains (in words) by name, how it ended."""

    name: str
    changed: Mapping[str, Any]
    scores: Mapping[str, float | str]
    stopped: NotRequired[str]
    best: NotRequired[str]


@dataclass(frozen=True)
class PageContent:
    """Everything on the page.

    `metrics` are the task's, the first of which is shown first, and `terms` the nouns for its examples. `generation` is
    `metrics/generation.json`, `diversity` is by language, `paper` what the task's paper reports of these languages, `cards` are
    data cards of hub sources.
    """

    name: str
    metrics: Sequence[Metric]
    terms: Terms
    settings: Mapping[str, str]
    systems: Sequence[System]
    deltas: Sequence[Delta]
    trained: Sequence[str]
    rounds: Sequence[Round]
    decision: Decision
    best: str
    generation: Mapping[str, Any]
    audit: Sequence[AuditedRound] = ()
    leaks: Sequence[Leak] = ()
    diversity: Mapping[str, LanguageDiversity] = field(default_factory=dict)
    paper: Sequence[PublishedDelta] = ()
    cards: Sequence[Mapping[str, Any]] = ()
    sources: Sequence[Source] = ()
    passages: Sequence[str] = ()
    pairs: Sequence[Pair] = ()
    pairs_total: int = 0
    experiments: Sequence[Experiment] = ()

    @property
    def first_metric(self) -> Metric:
        """The one that the verdict speaks of."""
        return self.metrics[0]

    def label(self, metric: str) -> str:
        """The name of a metric in tables."""
        return next((known.label for known in self.metrics if known.name == metric), metric)

    @property
    def warnings(self) -> list[tuple[str, str]]:
        """What is wrong with the synthetic pairs: language and sentence."""
        languages = self.generation.get("languages", {}).items()
        return [(language, said) for language, counts in languages for said in counts.get("warnings", [])]

    @property
    def round_systems(self) -> list[System]:
        """The baseline and the rounds, in order."""
        named = {system["system"]: system for system in self.systems}
        return [named[name] for name in map(system_name, self.round_numbers) if name in named]

    @property
    def comparisons(self) -> list[System]:
        """The systems beside the rounds."""
        rounds = {system_name(number) for number in self.round_numbers}
        return [system for system in self.systems if system["system"] not in rounds]

    @property
    def prompted(self) -> set[str]:
        """The systems that were never trained: a language model that is asked."""
        return {system["system"] for system in self.systems if not system["updates"]}

    @property
    def systems_in_order(self) -> list[System]:
        """The baseline, the rounds, then the systems beside them."""
        return [*self.round_systems, *self.comparisons]

    @property
    def round_numbers(self) -> list[int]:
        """The rounds that were trained, 0 being the baseline."""
        return [entry["round"] for entry in self.decision["history"]]

    @property
    def tested(self) -> list[str]:
        """Every language with a test score: those trained on, then the others."""
        found = dict.fromkeys(language for system in self.systems for language in system["scores"].get("test", {}))
        return [
            *(language for language in self.trained if language in found),
            *(x for x in found if x not in self.trained),
        ]

    def delta(self, system: str, against: str, language: str, metric: str, split: str = "test") -> Delta | None:
        """The difference of two systems, where it was measured."""
        wanted = (system, against, split, language, metric)
        return next(
            (d for d in self.deltas if (d["system"], d["against"], d["split"], d["language"], d["metric"]) == wanted),
            None,
        )

    def gain(self, system: str, language: str, metric: str) -> Delta | None:
        """The difference of a system and the baseline on test, where it was measured."""
        return self.delta(system, system_name(0), language, metric)

    def silver(self, number: int, language: str) -> Silver | None:
        """The silver of a round; None for the baseline and for a language without synthetic pairs."""
        return next((entry["silver"].get(language) for entry in self.rounds if entry["round"] == number), None)
