"""The whole of `params.yaml`, and which settings go together."""

from collections.abc import Iterator
from dataclasses import field
from os.path import abspath
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ValidationInfo, field_validator, model_validator
from pydantic.dataclasses import dataclass

from gemquad.errors import UserError
from gemquad.params.data import Data, LanguageCode
from gemquad.params.generation import BackendSettings, Generation, ModelSource, Prices, Sampling, Tuning
from gemquad.params.training import Compared, Comparison, Filter, Report, Stopping, Student
from gemquad.settings.sections import STRICT, Range, Seed, mistake
from gemquad.tasks.prompting import LabelPrompting, PassagePrompting, read_prompting
from gemquad.tasks.settings import Similarity, TaskSettings
from gemquad.workspace import Workspace

_ON_GOLD_ALONE = ("baseline", "longer_baseline")
"""Systems beside the rounds that are trained on nothing else."""


@dataclass(frozen=True, config=STRICT)
class Params:
    """The whole of `params.yaml`."""

    lang: Annotated[
        list[LanguageCode],
        BeforeValidator(lambda codes: [codes] if isinstance(codes, str) else codes),
        Range("name at least one language, e.g. lang=hi", bool),
        Range("each language once", lambda languages: len(set(languages)) == len(languages)),
    ]
    """The languages to generate and train for; one code or a list."""
    seed: Seed
    """Decides every draw: exemplars, sampling settings, the order of training examples."""
    task: TaskSettings
    data: Data
    prompting: PassagePrompting | LabelPrompting
    sampling: Sampling
    generator: ModelSource
    tuning: Tuning
    generation: Generation
    backend: BackendSettings
    prices: Prices
    student: Student
    filter: Filter
    stopping: Stopping
    comparison: Comparison
    report: Report
    rounds: dict[str, dict[str, str]] = field(default_factory=dict)
    filtered: dict[str, int] = field(default_factory=dict)
    fetches: dict[str, str] = field(default_factory=dict)
    comparisons: list[str] = field(default_factory=list)
    prompted: list[str] = field(default_factory=list)

    def fetched(self, key: str) -> tuple[str, str]:
        """The catalogue's entry and the language of a key of `fetches`.

        Raises:
            UserError: there is no such key.
        """
        if key not in self.fetches:
            known = ", ".join(self.fetches) or "none: no role is hub:NAME"
            raise UserError(f"fetches of params.yaml has no '{key}'. It has: {known}.")
        return self.fetches[key], key.removeprefix(f"{self.fetches[key]}-")

    @property
    def taught(self) -> str:
        """What the generator learns from, in words; "" where it stays as it is."""
        named = ["gold"] * bool(self.data.gold) + ["accepted pairs"] * self.tuning.has_accepted
        return " and ".join(named) if self.tuning.epochs else ""

    @field_validator("prompting", mode="plain")
    @classmethod
    def _of_the_task(cls, section: Any, info: ValidationInfo) -> Any:
        """In the form that the task has it; where the task is wrong, that is said, and of this section nothing."""
        return read_prompting(section, info.data["task"]) if "task" in info.data else section

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if without := [code for code in self.lang if code not in self.data.languages]:
            raise mistake("lang", _no_files(without[0], list(self.data.languages)))
        for key, words in [
            *_contradictions(self),
            *_contradictions_of_tuning(self),
            *_contradictions_of_comparison(self),
        ]:
            raise mistake(key, f"is out of range; it must be {words}")
        return self


def _no_files(code: str, known: list[str]) -> str:
    return (
        f"names '{code}', which has no files in data.languages ({', '.join(known) or 'none has'}). `gemquad init {code}` makes "
        f"files to fill in and their settings, for -S experiment={code}; or name yours: -S data=files "
        f"-S '+data.languages.{code}={{exemplars: FILE, passages: FILE, dev: FILE, test: FILE}}'."
    )


def _contradictions(params: Params) -> Iterator[tuple[str, str]]:
    """(setting, what it must be) for every setting that does not go together with another."""
    if not 0 <= params.student.stride <= params.student.max_length // 3:
        yield "student.stride", "0 to a third of student.max_length"
    if params.stopping.metric not in params.task.metrics:
        yield (
            "stopping.metric",
            f"one of the task's metrics, {', '.join(params.task.metrics)}, because dev decides by it",
        )
    if params.filter.weights == "informative":
        yield from _contradictions_of_informative(params)
    if params.generation.rank_by == "none" and params.filter.keep_fraction < 1:
        yield "filter.keep_fraction", "1, because with generation.rank_by=none no pair is likelier than another"


def _contradictions_of_informative(params: Params) -> Iterator[tuple[str, str]]:
    if not params.generation.blind_answers:
        yield (
            "generation.blind_answers",
            "true, because filter.weights=informative holds the generator to what it answers blind",
        )
    if isinstance(params.task, Similarity):
        yield (
            "filter.weights",
            "none, agreement or value, because of a number a student gives no probability to be in doubt",
        )


def _contradictions_of_tuning(params: Params) -> Iterator[tuple[str, str]]:
    tuning, files = params.tuning, Workspace()
    if tuning.epochs and params.backend.name != "transformers":
        words = f"0 with backend={params.backend.name}, because a generator learns in this process alone"
        yield "tuning.epochs", f"{words} (backend=transformers)"
    if tuning.has_accepted and not tuning.epochs:
        yield "tuning.epochs", "over 0, because tuning.accepted names pairs to learn from"
    if tuning.has_accepted and any(
        Path(abspath(tuning.accepted)).is_relative_to(abspath(folder))
        for folder in (files.rounds, files.comparisons, files.released_data)
    ):
        yield (
            "tuning.accepted",
            f"no file that this run itself writes from what the generator wrote: copy {tuning.accepted} to "
            "data/own/accepted.parquet, say, and name that",
        )
    if tuning.epochs and not params.data.gold and not tuning.has_accepted:
        yield "tuning.epochs", "0, because there is no gold (data.gold) to teach the generator"


def _contradictions_of_comparison(params: Params) -> Iterator[tuple[str, str]]:
    systems, data = params.comparison.systems, params.data
    if systems and params.seed not in params.comparison.seeds:
        yield (
            "comparison.seeds",
            "seeds with the run's own among them, because differences are taken over the seeds both systems have",
        )
    if "translated" in systems and not any(language in data.files("translated") for language in params.lang):
        yield (
            "data.languages",
            "a map with `translated` of a language to train, because comparison.systems names 'translated' "
            "(-S comparison=paper with -S data=paper, or -S ++data.languages.es.translated=FILE)",
        )
    if "few_shot_llm" in systems and not any(language in data.files("exemplars") for language in params.lang):
        yield (
            "data.languages",
            "a map with `exemplars` of a language to train, because comparison.systems names 'few_shot_llm'",
        )
    if "likeliest" in systems and params.generation.rank_by == "none":
        yield "generation.rank_by", "answer or answer_gain, because comparison.systems names 'likeliest'"
    trained = {Compared.of(key).system for key in params.comparison.trained(params.seed)}
    if not data.gold and trained.intersection(_ON_GOLD_ALONE):
        yield (
            "comparison.systems",
            f"without {' and '.join(_ON_GOLD_ALONE)}, because there is no gold (data.gold) to train them on",
        )
