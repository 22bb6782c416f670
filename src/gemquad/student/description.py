"""The description of a saved student in `gemquad.json`: its task, its settings, its input and output columns."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic.dataclasses import dataclass

from gemquad.errors import UserError
from gemquad.files import read_json, write_json
from gemquad.params import Precision, Student
from gemquad.sections import STRICT, read_section
from gemquad.tasks.columns import Column
from gemquad.tasks.settings import TaskSettings

if TYPE_CHECKING:  # torch takes seconds, and whoever reads a description may not need it
    from gemquad.tasks.head import AnyHead

FILE = "gemquad.json"
_REMEDY = "Copy it again, or train the student anew with `dvc repro`."


@dataclass(frozen=True, config=STRICT)
class Inference:
    """The settings of `params.Student` that answering needs."""

    max_length: int
    stride: int
    max_answer_tokens: int
    eval_batch_size: int
    dtype: Precision

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
    return read_section(Description, read_json(folder / FILE), str(folder / FILE), remedy=_REMEDY)
