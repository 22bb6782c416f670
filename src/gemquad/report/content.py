"""What the report page and the cards show of a run: its results (`schema.results`), and what is made of them for people.

Scores, deltas and their intervals are in percent and points; shares, precision, recall, agreement, confidence and diversity are
0 to 1. Offsets count Unicode code points.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any, NotRequired, TypedDict

from gemquad.rounds.stopping import system_name
from gemquad.schema.results import (
    ALL,
    DataCard,
    Decision,
    Delta,
    GenerationSummary,
    Interval,
    LanguageAudit,
    LanguageDiversity,
    Overlap,
    SilverCounts,
    SystemScores,
)
from gemquad.scoring.metrics import Metric
from gemquad.views.task_view import Corrections, PublishedDelta, Terms

Pair = Mapping[str, Any]
"""A synthetic pair as `pairs.js` reads it: id, language, `lines` (named texts), answer, its `start` in `passage` (an index into
`PageContent.passages`; None and -1 without one), and of each of `rounds` the weak labeler's judgement: round, answer, start,
confidence, agreement, kept, why. Of a pair that no round judged `why` says the reason."""


class ExperimentRow(TypedDict):
    """One experiment of a sweep: the parameters it changed, its scores (in percent) and gains (in words) by name, how it ended."""

    name: str
    changed: Mapping[str, Any]
    scores: Mapping[str, float | str]
    stopped: NotRequired[str]
    best: NotRequired[str]
    silver: NotRequired[int]


@dataclass(frozen=True)
class Looser:
    """A setting with which the last filter would have kept more: its override, and how many more pairs by language."""

    override: str
    pairs: Mapping[str, int]


@dataclass(frozen=True)
class Levers:
    """The settings that advice turns: of how many prompts are written its name and value, of the loop and the seed their values.

    `looser` is None where the rule has no threshold, or nothing is under it; `larger_generator` the override for a larger one than
    the embedded default, "" where another generator writes.
    """

    prompts: str = ""
    prompts_each: int = 0
    keep_fraction: float = 1.0
    max_rounds: int = 0
    min_improvement: float = 0.0
    seed: int = 0
    looser: Looser | None = None
    larger_generator: str = ""


@dataclass(frozen=True)
class PageContent:
    """Everything on the page.

    `metrics` are the task's, the first of which is shown first, and `terms` the nouns for its examples. `rounds` and
    `audit` are by round and language, `unaudited` is what of the rule the audit leaves out, `diversity` by language, `paper` what
    the task's paper reports of these languages, `sources` the data cards, `corrections` the form of a file of corrected pairs.
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
    levers: Levers = field(default_factory=Levers)
    audit: Mapping[int, dict[str, LanguageAudit]] = field(default_factory=dict)
    unaudited: str = ""
    overlaps: list[Overlap] = field(default_factory=list)
    diversity: dict[str, LanguageDiversity] = field(default_factory=dict)
    paper: Sequence[PublishedDelta] = ()
    sources: Sequence[DataCard] = ()
    passages: Sequence[str] = ()
    pairs: Sequence[Pair] = ()
    pairs_total: int = 0
    corrections: Corrections = field(default_factory=Corrections)
    experiments: Sequence[ExperimentRow] = ()

    @property
    def first_metric(self) -> Metric:
        """The task's first metric."""
        return self.metrics[0]

    @property
    def labels(self) -> list[str]:
        """The names of the metrics in tables."""
        return [metric.label for metric in self.metrics]

    def label(self, metric: str) -> str:
        """The name of a metric in tables."""
        return next((known.label for known in self.metrics if known.name == metric), metric)

    @property
    def warnings(self) -> list[tuple[str, str]]:
        """The warnings about the synthetic pairs, as (language, sentence)."""
        return [(x, warning) for x, made in self.generation.languages.items() for warning in made.warnings]

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
    def prompted(self) -> list[str]:
        """The systems that are prompted language models, never trained."""
        return [system.system for system in self.systems if not system.updates]

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
        return sorted((x for x in found if x != ALL), key=lambda language: language not in self.trained)

    @property
    def pooled(self) -> list[str]:
        """`ALL` where all trained languages together were scored, else nothing."""
        return [ALL] if any(ALL in found for system in self.systems for found in system.scores.values()) else []

    @property
    def shown(self) -> list[str]:
        """All languages together, then each that was trained."""
        return [*self.pooled, *self.trained]

    def delta(self, system: str, against: str, language: str, metric: str, split: str = "test") -> Delta | None:
        """The difference between two systems; None where it was not measured."""
        wanted = (system, against, split, language, metric)
        named = ((d, (d.system, d.against, d.split, d.language, d.metric)) for d in self.deltas)
        return next((delta for delta, name in named if name == wanted), None)

    def gain(self, system: str, language: str, metric: str) -> Delta | None:
        """The difference between a system and the baseline on test; None where it was not measured."""
        return self.delta(system, system_name(0), language, metric)

    def differences(self, system: str, against: str, language: str) -> list[Delta | None]:
        """The differences between two systems on test, by metric."""
        return [self.delta(system, against, language, metric.name) for metric in self.metrics]

    def gains(self, system: str, language: str) -> list[Delta]:
        """What a system gains over the baseline on test, by every metric that was measured."""
        return [delta for delta in self.differences(system, system_name(0), language) if delta]

    def taken(self, against: Collection[str], languages: Collection[str]) -> list[Delta]:
        """The differences on test from certain systems in certain languages."""
        return [d for d in self.deltas if d.split == "test" and d.against in against and d.language in languages]

    def scores(self, system: SystemScores, split: str, language: str) -> list[Interval | None]:
        """The scores of a system by metric."""
        return [system.estimate(split, language, metric.name) for metric in self.metrics]

    def examples(self, split: str, language: str) -> int:
        """How many examples of a split were scored, by any system; 0 where none was."""
        return max((found.examples for system in self.systems if (found := system.score(split, language))), default=0)

    def groups(self, split: str, language: str) -> int:
        """How many groups of examples of a split were scored, by any system; 0 where none was."""
        return max((found.groups for system in self.systems if (found := system.score(split, language))), default=0)

    def silver(self, number: int, language: str) -> SilverCounts | None:
        """The silver of a round; None for the baseline and for a language without synthetic pairs."""
        own = self.rounds.get(number, {})
        if language == ALL and own:
            totals = [sum(column) for column in zip(*(astuple(one) for one in own.values()), strict=True)]
            return SilverCounts(*totals)
        return own.get(language)
