"""What the JSON files of a run hold: metrics, data cards and the leak gate's findings, each defined once.

The stages construct these classes and everything that shows a run reads them, so writer and reader cannot differ. A file's keys
stand in the order of the fields. Scores, differences and their intervals are in percent and points; shares, precision, recall,
agreement and diversity are 0 to 1; money is in the currency of `prices`, times are in seconds.
"""

from dataclasses import field
from typing import Any, NotRequired

from pydantic import ConfigDict, TypeAdapter, with_config
from pydantic.dataclasses import dataclass
from typing_extensions import TypedDict  # pydantic cannot read `typing.TypedDict` before Python 3.12

from gemquad.schema.result_file import ResultFile

_EXACT = ConfigDict(extra="forbid", allow_inf_nan=False)

AVERAGED = "averaged"
"""The system whose weights are the mean of those of all rounds."""

ALL = "all"
"""What stands in place of a language where all trained languages together are meant; no language of a run has this code."""


@dataclass(frozen=True, config=_EXACT)
class Interval:
    """An estimate and its 95% interval; `low <= value <= high`, never NaN."""

    value: float
    low: float
    high: float

    @property
    def contains_zero(self) -> bool:
        """Whether the data are compatible with no difference."""
        return self.low <= 0 <= self.high


@dataclass(frozen=True, config=_EXACT)
class Score:
    """The metrics of a system on one split in one language, or in `ALL`: `examples` were scored, `groups` resampled."""

    examples: int
    groups: int
    metrics: dict[str, Interval]


@dataclass(frozen=True, config=_EXACT)
class SystemScores:
    """One way to solve the task; `updates` are optimiser steps by phase, none where a language model is prompted.

    `scores` are split → language → score.
    """

    system: str
    description: str
    seeds: list[int]
    updates: dict[str, int]
    scores: dict[str, dict[str, Score]]

    def score(self, split: str, language: str) -> Score | None:
        """The metrics on a split in a language; None where it was not scored."""
        return self.scores.get(split, {}).get(language)

    def estimate(self, split: str, language: str, metric: str) -> Interval | None:
        """The interval of one metric; None where it was not scored."""
        found = self.score(split, language)
        return found.metrics[metric] if found else None


@dataclass(frozen=True, config=_EXACT)
class SystemPair:
    """Two systems, and where they were compared."""

    system: str
    against: str
    split: str
    language: str
    metric: str


@dataclass(frozen=True, config=_EXACT)
class Delta(Interval, SystemPair):
    """`system` minus `against` in points, over the `seeds` that both have; `holds_zero`: no difference is compatible with it.

    `predicted` is half the width that dev let one expect of the interval; None on dev itself and where dev was not answered.
    """

    seeds: list[int]
    holds_zero: bool
    predicted: float | None = None

    @property
    def found(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, config=_EXACT)
class Intervals:
    """`metrics/intervals.json`: every system with its scores, and every difference that was taken."""

    systems: list[SystemScores]
    deltas: list[Delta]


Scores = dict[str, dict[str, dict[str, int | float]]]
"""`metrics/rounds/*/scores.json`: split → language → the metrics by name and the number of "examples"."""

Gains = dict[str, dict[str, dict[str, Interval]]]
"""`metrics/gains.json`: system → language → metric → gain over the baseline on test."""


@dataclass(frozen=True, config=_EXACT)
class SilverCounts:
    """Pairs of one language in one round: `synthetic` are the candidates, `new` the silver that no earlier round had."""

    synthetic: int
    silver: int
    new: int


@dataclass(frozen=True, config=_EXACT)
class RoundResult:
    """What the stop rule looks at: the mean dev score over languages and the silver of one round; 0 is the baseline."""

    round: int
    dev_score: float
    synthetic: int = 0
    silver: int = 0
    new_silver: int = 0


@dataclass(frozen=True, config=_EXACT)
class Decision:
    """`metrics/rounds/*/decision.json`: the loop after a round. `history` are the rounds that were trained, the baseline first."""

    stop: bool
    reason: str
    history: list[RoundResult]


@dataclass(frozen=True, config=_EXACT)
class Selection(RoundResult):
    """`metrics/selection.json`: the student in models/best, and why the loop stopped.

    `system` is its name in tables: that of its round, or `AVERAGED`; then `round` is the last that went into it.
    """

    stopped: str = field(kw_only=True)
    system: str = field(kw_only=True)


@dataclass(frozen=True, config=_EXACT)
class KeptPairs:
    """How many of some pairs the filter kept, and how many of those with the labelers' answer for their own."""

    pairs: int
    kept: int
    repaired: int = 0


@dataclass(frozen=True, config=_EXACT)
class LanguageAudit:
    """The filter on pairs of known truth: clean ones, and corrupted ones by type of corruption."""

    clean: KeptPairs
    corrupted: dict[str, KeptPairs]
    precision: Interval | None
    recall: Interval | None
    clean_share: float


@dataclass(frozen=True, config=_EXACT)
class OverlapExample:
    """One text in two roles, or two texts that are nearly the same: their files, and their first characters."""

    files: tuple[str, str]
    beginnings: tuple[str, str]


@dataclass(frozen=True, config=_EXACT)
class Overlap:
    """What comparing two roles found, e.g. "passages-test".

    `compared` are the distinct texts of each; `identical`, `near` and `alike` count those of the second role that stand in the
    first, `parallel` those of a hub data set that the first takes too. The examples are of what is refused, so not of `alike`.
    """

    roles: str
    compared: tuple[int, int]
    identical: int
    near: int
    alike: int
    parallel: int
    allowed: bool
    examples: tuple[OverlapExample, ...]


@dataclass(frozen=True, config=_EXACT)
class Diversity:
    """How varied a set of texts is; None where it has fewer than two, distinct_n also where no text has n words."""

    texts: int
    distinct_1: float | None
    distinct_2: float | None
    distinct_3: float | None
    self_similarity: float | None
    nearest: float | None


@dataclass(frozen=True, config=_EXACT)
class LanguageDiversity:
    """Sets of generated texts by name: whole in `sets`, in `equal` samples of `compared` texts, None where nothing is compared."""

    sets: dict[str, Diversity]
    compared: int | None
    equal: dict[str, Diversity]


@dataclass(frozen=True, config=_EXACT)
class GenerationCounts:
    """Completions by outcome, the synthetic pairs among them, and what their tokens cost."""

    prompts: int
    outcomes: dict[str, int]
    synthetic_pairs: int
    prompt_tokens: int
    completion_tokens: int
    judged_tokens: int
    cost: float
    cost_per_pair: float


@dataclass(frozen=True, config=_EXACT)
class LanguageGeneration(GenerationCounts):
    """Counts of one language, with the task's facts about its pairs and warnings."""

    facts: dict[str, int | float]
    warnings: list[str]


@dataclass(frozen=True, config=_EXACT)
class GenerationSummary:
    """`metrics/generation.json`. `completions` identifies them; `generator` is the backend's identity and capabilities."""

    completions: str
    languages: dict[str, LanguageGeneration]
    total: GenerationCounts
    generator: dict[str, Any]


@dataclass(frozen=True, config=_EXACT)
class GenerationSpeed:
    """What a generation took of the machines that it ran on."""

    seconds: float
    tokens_per_second: float
    completion_tokens_per_second: float
    pairs_per_minute: float
    cost_with_hours: float
    cost_per_pair_with_hours: float


@dataclass(frozen=True, config=_EXACT)
class GenerationTime:
    """`metrics/generation_time.json`, which no two machines write alike, of the `completions` so identified."""

    completions: str
    time: GenerationSpeed


@with_config(_EXACT)
class HubCard(TypedDict):
    """What was taken of a hub data set, at which commit, and what became of its rows; `dropped` counts them by reason."""

    name: str
    language: str
    repo: str
    config: str | None
    split: str
    data_files: str | None
    only_rows: list[int] | None
    revision: str
    commit: str
    licence: str | None
    licence_on_hub: str | list[str] | None
    citation: str | None
    rows: int
    kept: int
    dropped: dict[str, int]
    moved_answers: NotRequired[int]
    renamed_ids: NotRequired[int]


@with_config(_EXACT)
class DataCard(TypedDict):
    """`data/read/*.card.json`: a file of the run and the role it plays.

    Of labelled data it has the number of examples by label, and the labels without any.
    """

    key: str
    role: str
    language: str
    path: str
    records: int
    hub: HubCard | None
    labels: NotRequired[dict[str, int]]
    missing_labels: NotRequired[list[str]]


HUB_CARD = ResultFile(TypeAdapter(HubCard), "fetch")
CARD = ResultFile(TypeAdapter(DataCard), "read")
OVERLAPS = ResultFile(TypeAdapter(list[Overlap]), "prepare")
GENERATION = ResultFile(TypeAdapter(GenerationSummary), "generate")
GENERATION_TIME = ResultFile(TypeAdapter(GenerationTime), "generate")
DIVERSITY = ResultFile(TypeAdapter(dict[str, LanguageDiversity]), "generate")
SILVER = ResultFile(TypeAdapter(dict[str, SilverCounts]), "filter")
AUDIT = ResultFile(TypeAdapter(dict[str, LanguageAudit]), "audit")
SCORES = ResultFile(TypeAdapter(Scores, config=ConfigDict(allow_inf_nan=False)), "evaluate")
DECISION = ResultFile(TypeAdapter(Decision), "decide")
SELECTION = ResultFile(TypeAdapter(Selection), "select")
INTERVALS = ResultFile(TypeAdapter(Intervals), "intervals")
GAINS = ResultFile(TypeAdapter(Gains), "intervals")
