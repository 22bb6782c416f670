"""What the report page and the cards show of a run: its results (`schema.results`), and what is made of them for people.

Scores, deltas and their intervals are in percent and points; shares, precision, recall, agreement, confidence and diversity are
0 to 1. Offsets count Unicode code points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict

from gemquad.rounds.stopping import system_name
from gemquad.schema.results import (
    DataCard,
    Decision,
    Delta,
    GenerationSummary,
    HubCard,
    LanguageAudit,
    LanguageDiversity,
    Overlap,
    SilverCounts,
    SystemScores,
)
from gemquad.scoring.metrics import Metric
from gemquad.views.task_view import PublishedDelta, Terms


class JudgedPair(TypedDict):
    """The weak labeler's judgement of a synthetic pair in a round; `start` is -1 for an answer without a place."""

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


class ExperimentRow(TypedDict):
    """One experiment of a sweep: the parameters it changed, its scores (in percent) and gains (in words) by name, how it ended."""

    name: str
    changed: Mapping[str, Any]
    scores: Mapping[str, float | str]
    stopped: NotRequired[str]
    best: NotRequired[str]


@dataclass(frozen=True)
class PageContent:
    """Everything on the page.

    `metrics` are the task's, the first of which is shown first, and `terms` the nouns for its examples. `rounds` and
    `audit` are by round and language, `diversity` by language, `paper` what the task's paper reports of these languages,
    `cards` are data cards of hub sources.
    """

    name: str
    metrics: Sequence[Metric]
    terms: Terms
    settings: Mapping[str, str]
    systems: Sequence[SystemScores]
    deltas: Sequence[Delta]
    trained: Sequence[str]
    rounds: Mapping[int, dict[str, SilverCounts]]
    decision: Decision
    best: str
    generation: GenerationSummary
    audit: Mapping[int, dict[str, LanguageAudit]] = field(default_factory=dict)
    overlaps: list[Overlap] = field(default_factory=list)
    diversity: dict[str, LanguageDiversity] = field(default_factory=dict)
    paper: Sequence[PublishedDelta] = ()
    cards: Sequence[HubCard] = ()
    sources: Sequence[DataCard] = ()
    passages: Sequence[str] = ()
    pairs: Sequence[Pair] = ()
    pairs_total: int = 0
    experiments: Sequence[ExperimentRow] = ()

    @property
    def first_metric(self) -> Metric:
        """The task's first metric, on which the verdict is based."""
        return self.metrics[0]

    def label(self, metric: str) -> str:
        """The name of a metric in tables."""
        return next((known.label for known in self.metrics if known.name == metric), metric)

    @property
    def warnings(self) -> list[tuple[str, str]]:
        """The warnings about the synthetic pairs, as (language, sentence)."""
        return [
            (language, warning) for language, made in self.generation.languages.items() for warning in made.warnings
        ]

    @property
    def round_systems(self) -> list[SystemScores]:
        """The baseline and the rounds, in order."""
        named = {system.system: system for system in self.systems}
        return [named[name] for name in map(system_name, self.round_numbers) if name in named]

    @property
    def comparisons(self) -> list[SystemScores]:
        """The systems beside the rounds, trained or prompted."""
        rounds = {system_name(number) for number in self.round_numbers}
        return [system for system in self.systems if system.system not in rounds]

    @property
    def prompted(self) -> set[str]:
        """The systems that are prompted language models, never trained."""
        return {system.system for system in self.systems if not system.updates}

    @property
    def systems_in_order(self) -> list[SystemScores]:
        """The baseline, the rounds, then the systems beside them."""
        return [*self.round_systems, *self.comparisons]

    @property
    def round_numbers(self) -> list[int]:
        """The rounds that were trained, 0 being the baseline."""
        return [entry.round for entry in self.decision.history]

    @property
    def tested(self) -> list[str]:
        """Every language with a test score: those trained on, then the others."""
        found = dict.fromkeys(language for system in self.systems for language in system.scores.get("test", {}))
        return [
            *(language for language in self.trained if language in found),
            *(x for x in found if x not in self.trained),
        ]

    def delta(self, system: str, against: str, language: str, metric: str, split: str = "test") -> Delta | None:
        """The difference between two systems; None where it was not measured."""
        wanted = (system, against, split, language, metric)
        return next(
            (d for d in self.deltas if (d.system, d.against, d.split, d.language, d.metric) == wanted),
            None,
        )

    def gain(self, system: str, language: str, metric: str) -> Delta | None:
        """The difference between a system and the baseline on test; None where it was not measured."""
        return self.delta(system, system_name(0), language, metric)

    def silver(self, number: int, language: str) -> SilverCounts | None:
        """The silver of a round; None for the baseline and for a language without synthetic pairs."""
        return self.rounds.get(number, {}).get(language)
