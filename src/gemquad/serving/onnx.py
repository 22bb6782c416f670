"""A student as an ONNX model, exported by optimum or by torch, and how far the two agree.

optimum-onnx 0.1.0 needs transformers below 4.58, so it lives in an environment of its own (`make onnx`, constraints-onnx.txt).
"""

import math
import shutil
import subprocess
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES
from transformers.utils import ModelOutput

from gemquad.errors import UserError
from gemquad.parquet import read_records
from gemquad.pretrained import Origin, load
from gemquad.serving.rows import checked, read_rows
from gemquad.signals import run
from gemquad.student.description import read_description
from gemquad.student.inference import answer
from gemquad.student.model import load_student, without_padding
from gemquad.tasks.head import AnyHead, Input
from gemquad.tasks.loading import load_saved_task
from gemquad.views.loading import load_view
from gemquad.workspace import Workspace


def export_onnx(folder: Path, out: Path, python: Path) -> None:
    """Export the student in `folder` to `out`: an encoder by optimum in `python`, a decoder by torch.

    Raises:
        UserError: there is no student, a library is missing, or optimum fails.
    """
    if missing := [name for name in ("onnx", "onnxruntime") if not find_spec(name)]:
        raise UserError(f"{' and '.join(missing)} not installed. Install with: pip install 'gemquad[onnx]'.")
    task = load_saved_task(read_description(folder).task)
    student, _ = load_student(folder, task.head(), torch.float32)
    if student.config.model_type in MODEL_FOR_MASKED_LM_MAPPING_NAMES:  # which encoders have
        _by_optimum(folder, out, python, load_view(task).hub_task.pipeline)
    else:
        _by_torch(folder, out, task.head())
    for file in folder.iterdir():  # optimum writes the tokenizer as its own transformers has it, or not at all
        if file.is_file() and file.suffix != ".safetensors" and file.name != "config.json":
            shutil.copyfile(file, out / file.name)


def _by_optimum(folder: Path, out: Path, python: Path, task: str) -> None:
    if not python.exists():
        raise UserError(f"{python} does not exist. Make optimum's environment with `make onnx`.")
    command = [str(python), "-P", "-m", "optimum.exporters.onnx", "--model", str(folder), "--task", task, str(out)]
    done = run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise UserError(
            f"optimum cannot export {folder}: {done.stderr.strip().rpartition(chr(10))[2]} Run `make onnx` again if its "
            f"environment is incomplete; the command was: {' '.join(command)}"
        )


def _by_torch(folder: Path, out: Path, head: AnyHead) -> None:
    """Optimum knows no heads of ours; and torch's exporter no grouped queries, which eager attention writes out.

    It is the exporter that needs no onnxscript.
    """
    origin = Origin(str(folder), "`dvc repro` trains it again.")
    model = load(head.architecture, folder, origin, dtype=torch.float32, attn_implementation="eager").eval()
    ids = torch.ones(2, 8, dtype=torch.long)
    axes = {"input_ids": {0: "inputs", 1: "tokens"}}
    for name, logits in _logits(model(ids, **without_padding())).items():  # (inputs, tokens) or (inputs, outputs)
        axes[name] = {0: "inputs", 1: "tokens"} if logits.shape == ids.shape else {0: "inputs"}
    out.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(action="ignore"):
        torch.onnx.export(
            _Logits(model),
            (ids,),
            out / "model.onnx",
            dynamo=False,
            input_names=["input_ids"],
            output_names=[name for name in axes if name != "input_ids"],
            dynamic_axes=axes,
        )


class _Logits(nn.Module):
    """A decoder that reads token ids alone: padding stands behind a text, where none of its tokens attends to it."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor) -> tuple[Tensor, ...]:
        """From token ids (inputs, tokens) to the head's logits."""
        return tuple(_logits(self.model(input_ids, **without_padding())).values())


def _logits(output: ModelOutput) -> dict[str, Tensor]:
    """A model's output without its keys and values."""
    return {name: value for name, value in output.items() if name.endswith("logits")}


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
    ours, theirs = student.cpu(), _Exported(exported)
    logits: list[Tensor] = []
    ours.register_forward_hook(lambda _, __, output: logits.extend(_logits(output).values()))
    answers = [answer(model, tokenizer, inputs, head, description.student, label=None) for model in (ours, theirs)]
    equal = sum((a.text, a.start) == (b.text, b.start) for a, b in zip(*answers, strict=True))
    difference = max(float((a - b).abs().max()) for a, b in zip(logits, theirs.logits, strict=True))
    return difference, equal / len(inputs)


class _Exported:
    """An exported student on the CPU, called as the torch model is."""

    device = torch.device("cpu")

    def __init__(self, folder: Path) -> None:
        from onnxruntime import InferenceSession

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
