"""A saved student answers rows of text without params.yaml: its folder describes its inputs (`description.py`)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from gemquad.compute import compute_dtype
from gemquad.serving.rows import checked
from gemquad.student.description import Description, read_description
from gemquad.student.inference import answer
from gemquad.student.model import load_student
from gemquad.tasks.columns import Column
from gemquad.tasks.loading import load_saved_task


class Predictor:
    """`Predictor.load(folder).predict([{"question": …, "passage": …}])`; the columns depend on the student's task."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, description: Description) -> None:
        self.model, self.tokenizer, self.settings = model, tokenizer, description.student
        self.head = load_saved_task(description.task).head()
        self.columns: Sequence[Column] = self.head.input_columns
        """What a row must have; other columns are ignored."""

    @classmethod
    def load(cls, folder: str | Path) -> "Predictor":
        """The student in `folder`, on the accelerator where there is one; raises `UserError` where there is none."""
        description = read_description(Path(folder))
        head = load_saved_task(description.task).head()
        return cls(*load_student(Path(folder), head, compute_dtype(description.student.dtype)), description)

    def predict(self, rows: Sequence[Mapping[str, str]], label: str | None = None) -> list[dict[str, Any]]:
        """The answer to each row, in order; with a `label`, progress is printed. Raises `UserError` as `rows.checked` does."""
        placed = ((f"row {number}", row) for number, row in enumerate(rows, start=1))
        inputs = [self.head.input_of_row(row) for row in checked(placed, self.columns)]
        answers = answer(self.model, self.tokenizer, inputs, self.head, self.settings, label)
        return [self.head.output_row(one) for one in answers]
