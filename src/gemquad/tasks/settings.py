"""The `task` section of params.yaml: what an example of a task is, by kind."""

from dataclasses import dataclass
from typing import Any, Literal

from gemquad.errors import UserError
from gemquad.typed import build_section


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class ExtractiveQA:
    """A question about a passage, answered by a piece of it (SQuAD)."""

    name: str
    """How MLflow and the report call it."""
    kind: Literal["extractive_qa"]
    """What an example is."""


@dataclass(frozen=True)
class Classification:
    """A text, or two, of one class."""

    name: str
    """How MLflow and the report call it."""
    kind: Literal["text_classification", "pair_classification"]
    """What an example is."""
    labels: dict[str, str]
    """The classes: our name of each, and what the label column holds for it. Two or more."""
    columns: Columns
    """The columns of the data files."""
    metrics: list[str]
    """One or more of accuracy, mcc and macro_f1; tables show the first one first."""


@dataclass(frozen=True)
class Similarity:
    """Two texts and a number that says how alike they are."""

    name: str
    """How MLflow and the report call it."""
    kind: Literal["pair_similarity"]
    """What an example is."""
    range: tuple[float, float]
    """The lowest and the highest number."""
    columns: Columns
    """The columns of the data files."""
    metrics: list[str]
    """One or both of pearson and spearman; tables show the first one first."""


Settings = ExtractiveQA | Classification | Similarity

_KINDS: dict[str, type[Any]] = {
    "extractive_qa": ExtractiveQA,
    "text_classification": Classification,
    "pair_classification": Classification,
    "pair_similarity": Similarity,
}


def read_settings(section: dict[str, Any]) -> Settings:
    """The `task` section, checked.

    Raises:
        UserError: an unknown kind or key, a value of the wrong type, fewer than two classes, a pair task without `columns.second`.
    """
    kind = section.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise UserError(
            f"params.yaml: task.kind is {kind!r}; known: {', '.join(_KINDS)}. Choose a task, -S task=NAME, or correct its "
            "file in conf/task."
        )
    settings: Settings = build_section(_KINDS[kind], section, "params.yaml: task")
    if not isinstance(settings, ExtractiveQA):
        _check(settings)
    return settings


def _check(settings: Classification | Similarity) -> None:
    pairs, second = settings.kind != "text_classification", settings.columns.second
    if pairs != (second is not None):
        remedy = "name it" if pairs else "remove it, or choose a kind for pairs"
        raise UserError(f"params.yaml: task.columns.second is {second!r} in a task of kind {settings.kind}; {remedy}.")
    if not settings.metrics:
        raise UserError(
            "params.yaml: task.metrics is empty. Name at least one; the first is the one that dev decides by."
        )
    if isinstance(settings, Similarity):
        if settings.range[0] >= settings.range[1]:
            raise UserError("params.yaml: task.range must be [lowest, highest], e.g. [0, 5].")
    elif len(settings.labels) < 2:
        raise UserError("params.yaml: task.labels names fewer than two classes. A classifier needs two or more.")
    elif len(set(settings.labels.values())) < len(settings.labels):
        raise UserError("params.yaml: task.labels gives two classes the same value. Each needs its own.")
