"""A saved student answers rows of text without params.yaml: its folder describes its inputs (`description.py`)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from gemquad.compute import compute_dtype
from gemquad.serving.rows import check_row
from gemquad.student.description import Inference, read_description
from gemquad.student.inference import answer
from gemquad.student.model import load_student
from gemquad.tasks.columns import Column
from gemquad.tasks.head import AnyHead
from gemquad.tasks.loading import load_saved_task


class Predictor:
    """`Predictor.load(folder).predict([{"question": …, "passage": …}])`; the columns depend on the student's task."""

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, head: AnyHead, settings: Inference
    ) -> None:
        self.model, self.tokenizer, self.head, self.settings = model, tokenizer, head, settings

    @classmethod
    def load(cls, folder: str | Path) -> "Predictor":
        """The student that a stage saved to `folder`, on the accelerator where there is one.

        Raises:
            UserError: there is no student in `folder`, or it lacks its description.
        """
        description = read_description(Path(folder))
        head = load_saved_task(description.task).head()
        model, tokenizer = load_student(Path(folder), head, compute_dtype(description.student.dtype))
        return cls(model, tokenizer, head, description.student)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that a row must have; other columns are ignored."""
        return self.head.input_columns

    @property
    def outputs(self) -> tuple[Column, ...]:
        """The columns that `predict` returns for each row."""
        return self.head.output_columns

    @property
    def example(self) -> dict[str, str]:
        """A row with a short text in each input column, e.g. for a model signature."""
        return self.head.example_row

    def predict(self, rows: Sequence[Mapping[str, str]], label: str | None = None) -> list[dict[str, Any]]:
        """The student's answer to each row, in order; with a `label`, its progress is printed.

        Raises:
            UserError: a row lacks a column, or holds no text there.
        """
        for number, row in enumerate(rows, start=1):
            check_row(row, self.columns, f"row {number}")
        inputs = [self.head.input_of_row(row) for row in rows]
        answers = answer(self.model, self.tokenizer, inputs, self.head, self.settings, label)
        return [self.head.output_row(one) for one in answers]
