"""The description of a saved student in `gemquad.json`: its task, its settings, its input and output columns."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from gemquad.errors import UserError
from gemquad.files import read_json, write_json
from gemquad.params import Precision, Student
from gemquad.pretrained import Origin
from gemquad.settings.sections import STRICT, Count, Range, mistake, read_section
from gemquad.tasks.columns import Column
from gemquad.tasks.settings import TaskSettings

if TYPE_CHECKING:  # torch takes seconds, and whoever reads a description may not need it
    from gemquad.tasks.head import AnyHead

FILE = "gemquad.json"
_REMEDY = "Copy it again, or train the student anew with `dvc repro`."


@dataclass(frozen=True, config=STRICT)
class Inference:
    """The settings of `params.Student` that answering needs."""

    max_length: Annotated[int, Range("32 or more tokens", lambda value: value >= 32)]
    stride: Annotated[int, Range("0 or more tokens", lambda value: value >= 0)]
    max_answer_tokens: Count
    eval_batch_size: Count
    dtype: Precision

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.stride > self.max_length // 3:
            raise mistake("stride", "is out of range; it must be at most a third of max_length")
        return self

    @classmethod
    def of(cls, settings: Student) -> "Inference":
        """The inference settings of a training."""
        return cls(**{field.name: getattr(settings, field.name) for field in fields(cls)})


@dataclass(frozen=True, config=STRICT)
class Description:
    """The description: `task` is the section of params.yaml; `inputs` and `outputs` are columns, `example` is a row of inputs."""

    task: TaskSettings
    student: Inference
    inputs: list[Column]
    outputs: list[Column]
    example: dict[str, str]


def describe(folder: Path, head: "AnyHead", settings: Student) -> None:
    """Write the description of the student saved in `folder`; it names no path."""
    description = Description(
        head.settings,
        Inference.of(settings),
        list(head.input_columns),
        list(head.output_columns),
        head.example_row,
    )
    write_json(folder / FILE, asdict(description))


def read_description(folder: Path) -> Description:
    """The description of the student in `folder`.

    Raises:
        UserError: there is no student in `folder`, or it says nothing of itself.
    """
    if not (folder / "config.json").exists():
        raise UserError(f"{folder} holds no student. `dvc repro` trains one and puts the best into models/best.")
    if not (folder / FILE).exists():
        raise UserError(
            f"{folder} has no {FILE}, which says what the student is asked: an earlier version trained it, or the file "
            "was not copied along. Run `dvc repro`, or copy it from a student of the same task and settings."
        )
    with Origin(str(folder / FILE), _REMEDY).loading():
        content = read_json(folder / FILE)
    return read_section(Description, content, str(folder / FILE), remedy=_REMEDY)
