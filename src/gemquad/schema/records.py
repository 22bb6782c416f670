"""The records that cross stages as Parquet, all in one place.

Offsets count Unicode code points of the raw passage, as SQuAD does; text is stored exactly as its source has it.
Every record is flat, so that a Parquet file of them opens in pandas, DuckDB or `datasets.load_dataset` as it is. What every task
has in common stands in the first of a group of records; the definition of a task names the ones it uses.
"""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """An example with a known answer: human-labelled, or generated for a given label."""

    id: str
    language: str


@dataclass(frozen=True, slots=True)
class Question(Example):
    """A human-labelled question; `answers[i]` stands at `answer_starts[i]` of `passage`."""

    title: str
    passage: str
    question: str
    answers: list[str]
    answer_starts: list[int]


@dataclass(frozen=True, slots=True)
class SyntheticPair(Example):
    """A completion parsed and aligned: `passage[answer_start:answer_start + len(answer)] == answer`."""

    passage_id: str
    passage: str
    question: str
    answer: str
    answer_start: int


@dataclass(frozen=True, slots=True)
class SilverPair(SyntheticPair):
    """A synthetic pair as the student is trained on it; `weight` is its share of the loss, 1 on average."""

    weight: float


@dataclass(frozen=True, slots=True)
class LabelledText(Example):
    """A text, or two (`second` is "" where there is one); `label` is a class by its name in the configuration, or a number."""

    text: str
    second: str
    label: str

    @property
    def texts_in_any_order(self) -> str:
        """A key of the texts that is equal for a pair and its reverse."""
        return "\n".join(sorted(text for text in (self.text, self.second) if text))


@dataclass(frozen=True, slots=True)
class SilverText(LabelledText):
    """A labelled text as the student is trained on it; `weight` is its share of the loss, 1 on average."""

    weight: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph about which the generator may ask."""

    id: str
    language: str
    title: str
    text: str

    @staticmethod
    def id_of(text: str) -> str:
        """The id of a passage: 12 hexadecimal digits of its SHA-256, so that the same passage has the same id in every file."""
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request to the generator, with the sampling settings that were drawn for it alone."""

    id: str
    language: str
    exemplar_ids: list[str]
    text: str
    temperature: float
    top_k: int
    top_p: float
    seed: int


@dataclass(frozen=True, slots=True)
class PassagePrompt(Prompt):
    """A prompt to ask about a passage.

    `passage[focus_start:focus_end]` is the part that the prompt shows and the answer comes from: all of the passage, or one
    sentence.
    """

    passage_id: str
    passage: str
    focus_start: int
    focus_end: int


@dataclass(frozen=True, slots=True)
class LabelPrompt(Prompt):
    """A prompt for a text of a given label; `words` are the task words it asks for, empty where it asks for none."""

    label: str
    words: list[str]


@dataclass(frozen=True, slots=True)
class Completion:
    """What the generator returned for the prompt of the same id, and what became of it.

    `outcome` is "ok" or the reason why the completion is no synthetic pair. Log-likelihoods are sums over tokens in nats
    under the generator at temperature 1; `-inf` stands for "not computed". `keys` are where the store of completions keeps what
    this one took: the completion, then the judgements of its answer, of `judged_tokens` together. `blind_answer` is what the
    generator answers to its own question without seeing what it wrote, or the label that it gives to its own text; "" where it was
    not asked.
    """

    id: str
    keys: list[str]
    language: str
    text: str
    outcome: str
    answer_logprob: float
    answer_prior_logprob: float
    prompt_tokens: int
    completion_tokens: int
    judged_tokens: int
    blind_answer: str = ""


@dataclass(frozen=True, slots=True)
class LabelerAnswer(Example):
    """What a weak labeler answered to the pair of the same id and language: its likeliest answers, best first.

    `labeler` 0 is the student of the round before. `texts`, `starts` and `confidences` go together: the span, the name of the class
    or the number; its place, -1 where answers have none; its probability, 0 to 1.
    """

    labeler: int
    texts: list[str]
    starts: list[int]
    confidences: list[float]


@dataclass(frozen=True, slots=True)
class PairValue(Example):
    """What the pair of the same id and language is worth to the student of the round before (`student/value.py`), in nats."""

    value: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the weak labelers of a round answered to a synthetic pair, and whether the pair is silver.

    `labeler_answer` is the answer of the labeler, of several the one on which most agree; `labeler_start` is -1 where answers have
    no place. `agreement` is how far it agrees with the pair's own, 0 to 1, by the rule of the task. Where the pair is `repaired` it
    takes that answer for its own. `votes` is the share of labelers that agree with the answer which the pair then has,
    `probability` (0 to 1) what they give it, `weight` its share of the loss if it is `kept`.
    """

    id: str
    language: str
    labeler_answer: str
    labeler_start: int
    labeler_confidence: float
    agreement: float
    votes: float
    probability: float
    repaired: bool
    weight: float
    kept: bool


@dataclass(frozen=True, slots=True)
class AuditedPair(Judgement):
    """The judgement of a dev example as a synthetic pair whose truth is known.

    `corruption` is "" where the pair is gold's own, else the way in which it was made wrong; `group` is resampled as a whole;
    `content` and `answer` are the pair for people to read. `right` says whether the answer that it has after the filter is right.
    """

    corruption: str
    group: str
    content: str
    answer: str
    right: bool


@dataclass(frozen=True, slots=True)
class Prediction:
    """An answer to one example of dev or test, with its confidence (0 to 1)."""

    id: str
    language: str
    split: str
    answer: str
    confidence: float


@dataclass(frozen=True, slots=True)
class SpanPrediction(Prediction):
    """An answer that stands at `answer_start` of its passage, with its best scores over the references (0 to 1)."""

    answer_start: int
    f1: float
    exact_match: float


@dataclass(frozen=True, slots=True)
class LabelPrediction(Prediction):
    """A class or a number, beside the one expected."""

    expected: str
