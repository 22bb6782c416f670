"""The records that cross stage boundaries, all in one place.

Offsets count Unicode code points of the raw passage, as SQuAD does; text is stored exactly as its source has it.
Every record is flat, so that a Parquet file of them opens in pandas, DuckDB or `datasets.load_dataset` as it is.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Passage:
    """A paragraph about which the generator may ask."""

    id: str
    language: str
    title: str
    text: str


@dataclass(frozen=True)
class Question:
    """A human-labelled question; `answers[i]` stands at `answer_starts[i]` of `passage`."""

    id: str
    language: str
    title: str
    passage: str
    question: str
    answers: list[str]
    answer_starts: list[int]


@dataclass(frozen=True)
class Prompt:
    """One request to the generator, with the sampling settings that were drawn for it alone.

    `passage[focus_start:focus_end]` is the part that the prompt shows and the answer comes from: all of the passage, or one
    sentence.
    """

    id: str
    language: str
    passage_id: str
    passage: str
    focus_start: int
    focus_end: int
    exemplar_ids: list[str]
    text: str
    temperature: float
    top_k: int
    top_p: float
    seed: int


@dataclass(frozen=True)
class Completion:
    """What the generator returned for the prompt of the same id, and what became of it.

    `outcome` is "ok" or the reason why the completion is no synthetic pair. Log-likelihoods are sums over tokens in nats
    under the generator at temperature 1; `-inf` stands for "not computed". `keys` are where the store of completions keeps what
    this one took: the completion, then the judgements of its answer, of `judged_tokens` together.
    """

    id: str
    keys: list[str]
    language: str
    passage_id: str
    passage: str
    text: str
    outcome: str
    question: str
    answer: str
    answer_start: int
    answer_logprob: float
    answer_prior_logprob: float
    prompt_tokens: int
    completion_tokens: int
    judged_tokens: int


@dataclass(frozen=True)
class SyntheticPair:
    """A completion parsed and aligned: `passage[answer_start:answer_start + len(answer)] == answer`."""

    id: str
    language: str
    passage_id: str
    passage: str
    question: str
    answer: str
    answer_start: int


@dataclass(frozen=True)
class Judgement:
    """What the weak labeler of a round answered to a synthetic pair, and whether the pair is silver."""

    id: str
    language: str
    labeler_answer: str
    labeler_start: int
    labeler_confidence: float
    f1: float
    exact_match: float
    kept: bool


@dataclass(frozen=True)
class AuditedPair:
    """A dev question as a synthetic pair whose truth is known, and what the filter of a round made of it.

    `corruption` is "" where question and answer are gold's own, else the way in which one of them was made wrong.
    """

    id: str
    language: str
    corruption: str
    passage_id: str
    passage: str
    question: str
    answer: str
    answer_start: int
    labeler_answer: str
    labeler_start: int
    labeler_confidence: float
    f1: float
    exact_match: float
    kept: bool


@dataclass(frozen=True)
class Prediction:
    """A student's answer to one question, with its confidence (0 to 1) and its scores (0 to 1)."""

    id: str
    language: str
    split: str
    answer: str
    answer_start: int
    confidence: float
    f1: float
    exact_match: float
