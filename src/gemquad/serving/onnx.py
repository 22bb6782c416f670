"""An encoder student as an ONNX model, exported by optimum, and how far the two agree.

optimum-onnx 0.1.0 needs transformers below 4.58, so it lives in an environment of its own (`make onnx`, constraints-onnx.txt).
"""

import math
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES
from transformers.utils import ModelOutput

from gemquad.errors import UserError
from gemquad.files import read_json
from gemquad.parquet import read_records
from gemquad.serving.rows import check_row, read_rows
from gemquad.student.description import read_description
from gemquad.student.inference import Model, answer
from gemquad.student.model import load_student
from gemquad.tasks.head import Input
from gemquad.tasks.loading import load_saved_task
from gemquad.views.loading import load_view
from gemquad.workspace import Workspace

FILE = "model.onnx"
_DEV = Workspace().dev


@dataclass(frozen=True)
class Parity:
    """How far an exported student agrees with the torch model in fp32.

    `inputs` counts what the models were given for so many `examples`, `difference` is the largest one of two logits, and `equal`
    the share of the examples to which both give the same answer.
    """

    examples: int
    inputs: int
    difference: float
    equal: float


def export_onnx(folder: Path, out: Path, python: Path) -> None:
    """Export the student in `folder` to `out`, with its tokenizer and description; `python` has optimum-onnx.

    Raises:
        UserError: there is no student, it is a decoder, there is no such `python`, or optimum fails.
    """
    description = read_description(folder)
    _require_encoder(folder)
    if not python.exists():
        raise UserError(
            f"{python} does not exist. Make optimum's environment with `make onnx`, or name one with --python."
        )
    task = load_view(load_saved_task(description.task)).hub_task.pipeline
    command = [str(python), "-m", "optimum.exporters.onnx", "--model", str(folder), "--task", task, str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(
            f"optimum cannot export {folder}: {done.stderr.strip().rpartition(chr(10))[2]} Run `make onnx` again if its "
            f"environment is incomplete; the command was: {' '.join(command)}"
        )
    for file in folder.iterdir():  # optimum writes the tokenizer as its own transformers has it, or not at all
        if file.is_file() and file.suffix != ".safetensors" and file.name != "config.json":
            shutil.copyfile(file, out / file.name)


def inputs_to_compare(folder: Path, file: Path | None, limit: int) -> list[Input]:
    """At most `limit` examples for the student in `folder`, spread over the rows of `file`, or over the dev set without one.

    Raises:
        UserError: there is no student, no dev set, or a row cannot be asked about.
    """
    task = load_saved_task(read_description(folder).task)
    head = task.head()
    if file:
        placed = read_rows(file)
        for where, row in placed:
            check_row(row, head.input_columns, where)
        inputs = [head.input_of_row(row) for _, row in placed]
    else:
        dev = read_records(_DEV, task.records.example) if _DEV.exists() else []
        inputs = [head.input(example) for example in dev]
    if not inputs:
        raise UserError(f"{_DEV} does not exist or is empty, so there is nothing to compare on. Give rows with --file.")
    return inputs[:: math.ceil(len(inputs) / max(limit, 1))]


def parity(folder: Path, exported: Path, inputs: Sequence[Input]) -> Parity:
    """Compare the answers of the student in `folder` with those of its export, both on the CPU in fp32.

    Raises:
        UserError: onnxruntime is not installed, or a folder does not hold what it should.
    """
    description = read_description(folder)
    head = load_saved_task(description.task).head()
    student, tokenizer = load_student(folder, head, torch.float32)
    ours, theirs = _Recorded(student.cpu()), _Recorded(OnnxModel(exported))
    answers = [answer(model, tokenizer, inputs, head, description.student, label=None) for model in (ours, theirs)]
    equal = sum((a.text, a.start) == (b.text, b.start) for a, b in zip(*answers, strict=True))
    differences = [float((a - b).abs().max()) for a, b in zip(ours.logits, theirs.logits, strict=True)]
    return Parity(len(inputs), ours.inputs, max(differences), equal / len(inputs))


class OnnxModel:
    """An exported student on the CPU, called as the torch model is."""

    device = torch.device("cpu")

    def __init__(self, folder: Path) -> None:
        if not (folder / FILE).exists():
            raise UserError(f"{folder} holds no {FILE}. Export a student: gemquad export --out {folder}.")
        try:
            from onnxruntime import InferenceSession
        except ModuleNotFoundError as error:
            raise UserError("onnxruntime is not installed. Install it with: pip install 'gemquad[onnx]'.") from error
        self._session = InferenceSession(folder / FILE, providers=["CPUExecutionProvider"])

    def __call__(self, *, input_ids: Tensor, attention_mask: Tensor) -> ModelOutput:
        """From token ids and mask [inputs, tokens] to logits; token type ids, if the model has them, are 0 as in training."""
        given = {"input_ids": input_ids, "attention_mask": attention_mask}
        segments = torch.zeros_like(input_ids)
        feed = {one.name: given.get(one.name, segments).numpy() for one in self._session.get_inputs()}
        names = [one.name for one in self._session.get_outputs()]
        return ModelOutput(zip(names, map(torch.from_numpy, self._session.run(names, feed)), strict=True))


class _Recorded:
    """A model that keeps its logits, without those of padding."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.device = model.device
        self.inputs = 0
        self.logits: list[Tensor] = []

    def __call__(self, *, input_ids: Tensor, attention_mask: Tensor) -> ModelOutput:
        output = self._model(input_ids=input_ids, attention_mask=attention_mask)
        self.inputs += len(input_ids)
        for logits in output.values():
            of_tokens = logits.shape == input_ids.shape
            self.logits.append(logits[attention_mask.bool()] if of_tokens else logits)
        return output


def _require_encoder(folder: Path) -> None:
    """Encoders are what transformers has masked language models of."""
    architecture = read_json(folder / "config.json")["model_type"]
    if architecture not in MODEL_FOR_MASKED_LM_MAPPING_NAMES:
        raise UserError(
            f"{folder} is a decoder ({architecture}), and only encoders are exported to ONNX. Train one, e.g. "
            "-S student=xlm-roberta-base, or use this student as it is (docs/student.md)."
        )
