"""Exported students: how far they agree is measured; optimum itself runs where `make onnx` has made its environment."""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForQuestionAnswering, AutoModelForSequenceClassification

from conftest import question
from gemquad.errors import UserError
from gemquad.parquet import write_records
from gemquad.schema import Question
from gemquad.serving import onnx as onnx_module
from gemquad.serving.onnx import export_onnx, inputs_to_compare, parity
from gemquad.tasks.head import Input

pytest.importorskip("onnxruntime")
pytest_plugins = ["tiny_students"]
Make = Callable[[str, str], Path]
PYTHON = Path(sys.prefix) / "onnx/bin/python"
ASKED = [Input(f"{'Hoy no pasa nada. ' * n}Ana vive en Lima con Luis.", "¿Dónde vive Ana?") for n in (0, 40, 3, 150)]
PAIRS = [Input("Ana vive en Lima.", second) for second in ("Ana vive en Lima.", "Luis vive en Quito.")]


class _Logits(torch.nn.Module):
    """A model by position, as torch's exporter calls it."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return self.model(input_ids=input_ids, attention_mask=attention_mask).to_tuple()


def exported(model: torch.nn.Module, outputs: list[str], folder: Path) -> Path:
    """The model as torch writes it, in optimum's place."""
    folder.mkdir()
    tokens, mask = (
        torch.tensor([[2, 9, 8, 1, 1, 7, 6, 1], [2, 9, 1, 1, 7, 1, 0, 0]]),
        torch.ones(2, 8, dtype=torch.long),
    )
    mask[1, 6:] = 0
    names = ["input_ids", "attention_mask"]
    with warnings.catch_warnings(action="ignore"):
        torch.onnx.export(
            _Logits(model).eval(),
            (tokens, mask),
            folder / "model.onnx",
            dynamo=False,
            input_names=names,
            output_names=outputs,
            dynamic_axes={
                name: {0: "inputs", 1: "tokens"} if name != "logits" else {0: "inputs"} for name in names + outputs
            },
        )
    return folder


def test_an_export_of_a_reader_agrees(student: Make, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    folder = student("questions", "xlmr")
    model = AutoModelForQuestionAnswering.from_pretrained(folder)
    difference, equal = parity(folder, exported(model, ["start_logits", "end_logits"], tmp_path / "onnx"), ASKED)
    assert equal == 1 and difference < 1e-4


def test_an_export_of_other_weights_does_not(student: Make, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    folder = student("pairs", "xlmr")
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    assert parity(folder, exported(model, ["logits"], tmp_path / "same"), PAIRS)[0] < 1e-4
    with torch.no_grad():
        model.classifier.out_proj.weight.neg_()
    difference, equal = parity(folder, exported(model, ["logits"], tmp_path / "other"), PAIRS)
    assert difference > 0.1 and equal < 1


@pytest.mark.skipif(not PYTHON.exists(), reason="`make onnx` has not made optimum's environment")
@pytest.mark.parametrize(("task", "inputs"), [("questions", ASKED), ("pairs", PAIRS)])
def test_optimum_exports_a_student(task: str, inputs: list[Input], student: Make, tmp_path: Path) -> None:
    folder = student(task, "xlmr")
    export_onnx(folder, tmp_path, PYTHON)
    difference, equal = parity(folder, tmp_path, inputs)
    assert equal == 1 and difference < 1e-4
    for name in ("gemquad.json", "tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize(
    ("task", "inputs", "outputs"),
    [("questions", ASKED, ["start_logits", "end_logits"]), ("pairs", PAIRS, ["logits"])],
)
def test_a_decoder_is_exported_without_optimum(
    task: str, inputs: list[Input], outputs: list[str], student: Make, tmp_path: Path
) -> None:
    onnx = pytest.importorskip("onnx")
    folder = student(task, "gemma")
    export_onnx(folder, tmp_path / "made/onnx", tmp_path / "no-python")
    difference, equal = parity(folder, tmp_path / "made/onnx", inputs)
    assert equal == 1 and difference < 1e-4
    graph = onnx.load(tmp_path / "made/onnx/model.onnx").graph
    assert [one.name for one in graph.input] == ["input_ids"]
    assert [one.name for one in graph.output] == outputs
    assert (tmp_path / "made/onnx/tokenizer.json").read_bytes() == (folder / "tokenizer.json").read_bytes()


def test_a_missing_environment_or_library_is_named(
    student: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match=r"none/python does not exist\. Make optimum's environment with `make onnx`"):
        export_onnx(student("questions", "xlmr"), tmp_path, tmp_path / "none/python")
    monkeypatch.setattr(onnx_module, "find_spec", lambda name: None if name == "onnx" else name)
    with pytest.raises(UserError, match=r"^onnx not installed\. Install with: pip install 'gemquad\[onnx\]'"):
        export_onnx(tmp_path / "nowhere", tmp_path, PYTHON)


def test_what_optimum_says_is_passed_on(student: Make, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho first >&2\necho 'ImportError: no onnx' >&2\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(UserError, match=r"optimum cannot export .*: ImportError: no onnx"):
        export_onnx(student("questions", "xlmr"), tmp_path / "out", python)


def test_examples_are_those_of_dev_or_of_a_file(student: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = student("questions", "xlmr")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"data/prepared/dev\.parquet does not exist or is empty.*--file"):
        inputs_to_compare(folder, None, 2)
    write_records(
        Path("data/prepared/dev.parquet"), Question, [question(id=str(i), question=f"¿{i}?") for i in range(5)]
    )
    assert [one.second for one in inputs_to_compare(folder, None, 2)] == ["¿0?", "¿3?"]
    assert len(inputs_to_compare(folder, None, 9)) == 5
    Path("rows.jsonl").write_text('{"question": "¿?", "passage": "Ana."}\n{"question": "¿?"}\n')
    with pytest.raises(UserError, match=r"rows\.jsonl, line 2: 'passage' is missing"):
        inputs_to_compare(folder, Path("rows.jsonl"), 9)
