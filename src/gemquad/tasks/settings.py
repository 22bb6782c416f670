"""The `task` section of params.yaml: what an example of a task is, by kind."""

import re
from typing import Annotated, Any, Literal, Self, cast

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from gemquad.settings.sections import STRICT, Range, mistake, read_section

ClassMetric = Literal["accuracy", "mcc", "macro_f1"]
NumberMetric = Literal["pearson", "spearman"]
TaskName = Annotated[
    str,
    Range(
        "1 to 100 letters, digits, blanks and . _ + -, the first a letter or digit",
        re.compile(r"[^\W_]([\w .+-]{0,98}[\w.+-])?").fullmatch,
    ),
]
"""It becomes part of names in MLflow's registry and of cards, where other characters are refused or mean something."""
_SOME = Range("one or more; the first is the one that tables show first", bool)


@dataclass(frozen=True, config=STRICT)
class Columns:
    """The columns of a data file of labelled texts."""

    text: str
    """The text, or the first of a pair."""
    label: str
    """The class, or the number."""
    second: str | None = None
    """The second text of a pair."""
    id: str | None = None
    """Without it, examples are numbered by their row."""


@dataclass(frozen=True, config=STRICT)
class ExtractiveQA:
    """A question about a passage, answered by a piece of it (SQuAD)."""

    name: TaskName
    """How MLflow and the report call it."""
    kind: Literal["extractive_qa"]
    """What an example is."""

    @property
    def metrics(self) -> list[str]:
        """The names of the metrics that can select a round on dev."""
        return ["f1", "exact_match"]


@dataclass(frozen=True, config=STRICT)
class Classification:
    """A text, or two, of one class."""

    name: TaskName
    """How MLflow and the report call it."""
    kind: Literal["text_classification", "pair_classification"]
    """What an example is."""
    labels: dict[str, str]
    """The classes: our name of each, and what the label column holds for it. Two or more."""
    columns: Columns
    """The columns of the data files."""
    metrics: Annotated[list[ClassMetric], _SOME]
    """What answers are scored by."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _check_second(self.kind, self.columns, pairs=self.kind == "pair_classification")
        if len(self.labels) < 2:
            raise mistake("labels", "names fewer than two classes. A classifier needs two or more.")
        if len(set(self.labels.values())) < len(self.labels):
            raise mistake("labels", "gives two classes the same value. Each needs its own.")
        return self


@dataclass(frozen=True, config=STRICT)
class Similarity:
    """Two texts and a number that says how alike they are."""

    name: TaskName
    """How MLflow and the report call it."""
    kind: Literal["pair_similarity"]
    """What an example is."""
    range: Annotated[tuple[float, float], Range("[lowest, highest], e.g. [0, 5]", lambda ends: ends[0] < ends[1])]
    """The lowest and the highest number."""
    columns: Columns
    """The columns of the data files."""
    metrics: Annotated[list[NumberMetric], _SOME]
    """What answers are scored by."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _check_second(self.kind, self.columns, pairs=True)
        return self


TaskSettings = Annotated[ExtractiveQA | Classification | Similarity, Field(discriminator="kind")]
Settings = ExtractiveQA | Classification | Similarity


def read_task(section: Any, file: str) -> Settings:
    """A `task` section by itself, as `file` holds it: that of an experiment of before, whatever its other settings are.

    Raises:
        UserError: it is not that of a known kind of task.
    """
    task: Settings = read_section(cast(Any, TaskSettings), section, file)
    return task


def _check_second(kind: str, columns: Columns, pairs: bool) -> None:
    if pairs != (columns.second is not None):
        remedy = "name it" if pairs else "remove it, or choose a kind for pairs"
        raise mistake("columns.second", f"is {columns.second!r} in a task of kind {kind}; {remedy}.")
