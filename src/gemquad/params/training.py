"""The sections of the student and of the rounds: training, silver, the end of the loop, what is trained beside it."""

from typing import Annotated, Literal, NamedTuple, Self, get_args

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from gemquad.errors import UserError
from gemquad.params.generation import ModelSource, Precision
from gemquad.settings.sections import STRICT, Count, NotNegative, Positive, Range, Seed, Share, mistake

TrainedSystem = Literal[
    "baseline",
    "longer_baseline",
    "translated",
    "unfiltered",
    "random",
    "likeliest",
    "combined",
    "weakdap",
    "sequential",
    "synthetic_alone",
    "silver_alone",
]
PromptedSystem = Literal["zero_shot_llm", "few_shot_llm"]
ComparedSystem = Literal[TrainedSystem, PromptedSystem]

_OF_THE_ROUNDS = ("baseline", "sequential")
"""Systems that the rounds themselves train, under the run's own seed."""


@dataclass(frozen=True, config=STRICT)
class Student:
    """The student and how it is fine-tuned."""

    model: ModelSource
    """The pre-trained model that every training starts from."""
    layers: Annotated[int | None, Range("1 or more, or null for all", lambda value: value is None or value >= 1)]
    """So many of the model's lower layers the student has; of a decoder, the ones above serve the choice of the next word."""
    trainable_layers: Annotated[int | None, Range("0 or more, or null for all", lambda value: (value or 0) >= 0)]
    """So many of the top layers are trained, beside the head; the lower ones carry what languages share."""
    epochs: Positive
    """Passes over gold."""
    silver_epochs: Positive
    """Passes over silver, before gold."""
    learning_rate: Positive
    """Of the layers; warmed up, then falling linearly."""
    head_learning_rate: Positive
    """Of the new head."""
    batch_size: Count
    """Rows (windows of passages, or texts) of an optimiser update."""
    max_length: Annotated[int, Range("32 or more tokens", lambda value: value >= 32)]
    """Tokens the student reads at once: a question and a window of its passage, or a text or pair, cut."""
    stride: int
    """Tokens that two windows of a passage share: 0 to a third of `max_length`."""
    max_answer_tokens: Count
    """The longest answer of an extractive reader."""
    eval_batch_size: Count
    """Rows of `max_length` tokens that an accelerator answers at once, more where they are shorter; it changes no answer beyond
    rounding."""
    warmup_ratio: Annotated[float, Range("0 or more, under 1", lambda value: 0 <= value < 1)]
    """Share of the updates in which the learning rate rises."""
    weight_decay: NotNegative
    """AdamW's."""
    dtype: Precision
    """Precision of training and answering; `auto` is bf16 where the machine computes it natively, else fp32."""


@dataclass(frozen=True, config=STRICT)
class Filter:
    """Which pairs the weak labelers answer, when their answers count as agreement, and what becomes of earlier silver.

    docs/filter.md explains each.

    Spans agree by `agreement`, and `min_f1` unless that is "exact"; classes where they are the same; numbers within `tolerance`.
    """

    keep_fraction: Annotated[float, Range("over 0, at most 1", lambda value: 0 < value <= 1)]
    """Of each language's synthetic pairs, or each label's, so many of the likeliest by `generation.rank_by` go before the weak
    labelers; 1 is all."""
    agreement: Literal["exact", "f1", "expected"]
    """The labeler's best answer agrees: of spans the same text after normalisation, or F1 of `min_f1` or more. Or "expected": all
    its answers that agree have a probability of `min_probability` together."""
    min_f1: Share
    """The agreement threshold of spans unless `agreement` is "exact": their F1, 0 to 1."""
    min_probability: Share
    """With `agreement: expected`, the least probability that a pair is right, the mean over the labelers."""
    tolerance: NotNegative
    """The agreement threshold of similarities: how far two may be apart, in units of the task's range."""
    min_confidence: Share
    """The labeler's probability below which its best answer does not count as agreement."""
    labelers: Annotated[int, Range("1, or 3 or more", lambda value: value == 1 or value >= 3)]
    """The student of the round before, and others trained on parts of the same data."""
    min_votes: Annotated[float, Range("over 0, at most 1", lambda value: 0 < value <= 1)]
    """Share of the labelers whose best answers must agree."""
    repair: bool
    """Where the labelers agree with each other against the generator, the pair is kept with their answer."""
    weights: Literal["none", "agreement", "informative", "value"]
    """Silver trains with equal weights; or no pair is cut by its agreement, and each trains with the probability that it is right,
    with how right and informative it is (`generation.blind_answers` must be true), or with its value to half of dev, by group: the
    rounds are then scored on the other half."""
    mode: Literal["reselect", "accumulate"]
    """Every round judges all candidates anew, or adds to the silver of the round before."""
    allow_empty: bool = False
    """A run goes on although a language has no synthetic pair at all; else it ends before the first round. What a stage gives does
    not depend on it: `-S +filter.allow_empty=true`."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.repair and self.labelers == 1:
            raise mistake("repair", "needs labelers that agree with each other: set filter.labelers to 3 or more.")
        if self.repair and self.weights in ("informative", "value"):
            raise mistake(
                "repair", f"changes the answer that weights={self.weights} is of: set filter.repair to false."
            )
        if self.mode == "accumulate" and (self.repair or self.weights != "none"):
            key = "repair" if self.repair else "weights"
            raise mistake(key, "judges every pair anew in every round: set filter.mode to reselect.")
        if self.min_confidence and (self.agreement == "expected" or self.weights != "none"):
            raise mistake("min_confidence", "asks for one sure answer where no best answer is looked at: set it to 0.")
        return self


@dataclass(frozen=True, config=STRICT)
class Stopping:
    """GeMQuAD's stop rule (section 3.2), on the mean of `metric` over the languages of dev."""

    max_rounds: Annotated[int, Range("1 to 1000", lambda value: 1 <= value <= 1000)]
    """Rounds at most: the length of the graph. The rule may stop earlier."""
    patience: Count
    """k: so many rounds in a row without improvement end the loop."""
    min_improvement: NotNegative
    """e: points of `metric` that count as improvement."""
    min_new_fraction: Share
    """v: the loop ends when new silver is a smaller share of the pairs that the filter judged."""
    metric: str
    """The metric that dev decides by, one of the task's."""
    choose: Literal["best", "one_standard_error", "average"]
    """Which student a run ends with: the round that is best on dev, as in the paper; the earliest round that is within one standard
    error of the best; or the mean of the weights of all rounds, for which dev is not asked."""


class Compared(NamedTuple):
    """One system beside the rounds with one seed."""

    system: str
    seed: int

    @classmethod
    def of(cls, key: str) -> "Compared":
        """The system and the seed of a key such as `random-13`.

        Raises:
            UserError: it is no such key.
        """
        system, _, seed = key.rpartition("-")
        if system not in get_args(ComparedSystem) or not seed.isdigit():
            raise UserError(f"'{key}' names no compared system and seed. Write it as in params.yaml, e.g. random-13.")
        return cls(system, int(seed))


@dataclass(frozen=True, config=STRICT)
class Comparison:
    """Systems to train beside the rounds (`rounds/comparisons.py`), and the seeds of their students."""

    systems: list[ComparedSystem]
    """Which systems; none makes no further stage."""
    seeds: Annotated[
        list[Seed], Range("at least one seed, and each once", lambda seeds: 0 < len(set(seeds)) == len(seeds))
    ]
    """One student for each; the run's own seed must be among them."""

    def trained(self, own_seed: int) -> list[str]:
        """Keys such as `random-13` of the students beside the rounds, without those that a round trains with the same seed."""
        pairs = [(system, seed) for system in self.systems if system in get_args(TrainedSystem) for seed in self.seeds]
        return [f"{system}-{seed}" for system, seed in pairs if system not in _OF_THE_ROUNDS or seed != own_seed]

    def prompted(self, own_seed: int) -> list[str]:
        """Keys of the prompted generator; without exemplars it has one seed, for a seed changes nothing."""
        pairs = [(system, seed) for system in self.systems if system in get_args(PromptedSystem) for seed in self.seeds]
        return [f"{system}-{seed}" for system, seed in pairs if system == "few_shot_llm" or seed == own_seed]


@dataclass(frozen=True, config=STRICT)
class Report:
    """What the page shows."""

    pairs: Annotated[int | None, Range("0 or more, or null for all", lambda value: (value or 0) >= 0)]
    """Synthetic pairs in its browser, a fixed random sample."""
