"""An encoder student as an ONNX model, exported by optimum, and how far the two agree.

optimum-onnx 0.1.0 needs transformers below 4.58, so it lives in an environment of its own (`make onnx`, constraints-onnx.txt).
"""

import math
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES
from transformers.utils import ModelOutput

from gemquad.errors import UserError
from gemquad.parquet import read_records
from gemquad.serving.rows import checked, read_rows
from gemquad.student.description import read_description
from gemquad.student.inference import answer
from gemquad.student.model import load_student
from gemquad.tasks.head import Input
from gemquad.tasks.loading import load_saved_task
from gemquad.views.loading import load_view
from gemquad.workspace import Workspace


def export_onnx(folder: Path, out: Path, python: Path) -> None:
    """Export the student in `folder` to `out`, by optimum in `python`; raises `UserError` where that is missing or fails."""
    described = load_saved_task(read_description(folder).task)
    student, _ = load_student(folder, described.head(), torch.float32)
    architecture = student.config.model_type
    if architecture not in MODEL_FOR_MASKED_LM_MAPPING_NAMES:  # which encoders have
        raise UserError(
            f"{folder} is a decoder ({architecture}), and only encoders are exported to ONNX. Train one, e.g. "
            "-S student=xlm-roberta-base, or use this student as it is (docs/student.md)."
        )
    if not python.exists():
        raise UserError(f"{python} does not exist. Make optimum's environment with `make onnx`.")
    task = load_view(described).hub_task.pipeline
    command = [str(python), "-P", "-m", "optimum.exporters.onnx", "--model", str(folder), "--task", task, str(out)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(
            f"optimum cannot export {folder}: {done.stderr.strip().rpartition(chr(10))[2]} Run `make onnx` again if its "
            f"environment is incomplete; the command was: {' '.join(command)}"
        )
    for file in folder.iterdir():  # optimum writes the tokenizer as its own transformers has it, or not at all
        if file.is_file() and file.suffix != ".safetensors" and file.name != "config.json":
            shutil.copyfile(file, out / file.name)


def inputs_to_compare(folder: Path, file: Path | None, limit: int) -> list[Input]:
    """At most `limit` examples, spread over the rows of `file` or over dev; raises `UserError` where there is none or a bad one."""
    task, dev = load_saved_task(read_description(folder).task), Workspace().dev
    head = task.head()
    if file:
        inputs = [head.input_of_row(row) for row in checked(read_rows(file), head.input_columns)]
    else:
        inputs = [head.input(one) for one in read_records(dev, task.records.example)] if dev.exists() else []
    if not inputs:
        raise UserError(f"{dev} does not exist or is empty, so there is nothing to compare on. Give rows with --file.")
    return inputs[:: math.ceil(len(inputs) / limit)]


def parity(folder: Path, exported: Path, inputs: Sequence[Input]) -> tuple[float, float]:
    """The largest difference of logits between a student and its export, on the CPU in fp32, and the share of equal answers."""
    description = read_description(folder)
    head = load_saved_task(description.task).head()
    student, tokenizer = load_student(folder, head, torch.float32)
    ours, theirs, logits = student.cpu(), _Exported(exported), []
    ours.register_forward_hook(lambda _, __, output: logits.extend(output.values()))
    answers = [answer(model, tokenizer, inputs, head, description.student, label=None) for model in (ours, theirs)]
    equal = sum((a.text, a.start) == (b.text, b.start) for a, b in zip(*answers, strict=True))
    difference = max(float((a - b).abs().max()) for a, b in zip(logits, theirs.logits, strict=True))
    return difference, equal / len(inputs)


class _Exported:
    """An exported student on the CPU, called as the torch model is."""

    device = torch.device("cpu")

    def __init__(self, folder: Path) -> None:
        try:
            from onnxruntime import InferenceSession
        except ModuleNotFoundError as error:
            raise UserError("onnxruntime is not installed. Install it with: pip install 'gemquad[onnx]'.") from error
        self._session = InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
        self.logits: list[Tensor] = []

    def __call__(self, **given: Tensor) -> ModelOutput:
        """From token ids and mask [inputs, tokens] to logits; token type ids are 0 where there are none."""
        segments = torch.zeros_like(given["input_ids"])
        feed = {one.name: given.get(one.name, segments).numpy() for one in self._session.get_inputs()}
        names = [one.name for one in self._session.get_outputs()]
        found = [torch.from_numpy(array) for array in self._session.run(names, feed)]
        self.logits += found
        return ModelOutput(zip(names, found, strict=True))
