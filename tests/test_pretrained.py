"""Code of a model's own never runs; every load says so."""

import ast
import io
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from conftest import ROOT
from gemquad.doctor.models import config_of, empty_model
from gemquad.errors import UserError
from gemquad.generation.backends.in_process import load_model, load_tokenizer
from gemquad.params import ModelSource
from gemquad.pretrained import Origin, load
from gemquad.serving.predictor import Predictor
from gemquad.student.model import load_pretrained
from gemquad.tasks.loading import load_saved_task
from tiny_students import TASKS

pytest_plugins = ["tiny_students"]
Make = Callable[[str, str], Path]
READER = load_saved_task(TASKS["questions"]).head()
LOADERS = {"from_pretrained", "from_config", "pipeline", "LLM", "load_dataset", "PeftModel"}
"""Calls by which a library may run code that comes with a model or a data set."""


def calls(text: str) -> Iterator[tuple[str, list[ast.keyword]]]:
    """The loaders that Python calls, and what they are given by name."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in LOADERS:
                yield name, node.keywords


def test_every_load_refuses_code_of_the_models_own() -> None:
    found = []
    for path in [*ROOT.glob("src/**/*.py"), *ROOT.glob("benchmarks/**/*.py"), *ROOT.glob("docs/**/*.py")]:
        text = path.read_text(encoding="utf-8")
        for name, keywords in calls(text):
            said = [ast.unparse(one.value) for one in keywords if one.arg == "trust_remote_code"]
            assert said == ["False"], f"{path}: {name}"
            found.append(path.name)
        assert "trust_remote_code=True" not in text and '"trust_remote_code"' not in text, path
    assert set(found) == {"pretrained.py", "in_vllm.py"}, "all but vLLM's own engine are loaded in one place"
    for path in ROOT.glob("**/*.ipynb"):
        assert not [name for cell in json.loads(path.read_text())["cells"] for name in calls("".join(cell["source"]))]


def evil(folder: Path, proof: Path, **config: Any) -> Path:
    """The model with Python of its own, which leaves a file where it runs."""
    code = f"open({str(proof)!r}, 'w').close()\nclass Own:\n    pass\n"
    (folder / "own.py").write_text(code)
    (folder / "custom_generate").mkdir()
    (folder / "custom_generate/generate.py").write_text(code + "def generate(*a, **k):\n    pass\n")
    autos = ["Config", "Model", "ModelForQuestionAnswering", "ModelForSequenceClassification", "ModelForCausalLM"]
    mapped = {**{f"Auto{name}": "own.Own" for name in autos}, "AutoTokenizer": ["own.Own", "own.Own"]}
    for file, more in (("config.json", config), ("tokenizer_config.json", {"tokenizer_class": "OwnTokenizer"})):
        whole = json.loads((folder / file).read_text())
        (folder / file).write_text(json.dumps({**whole, "auto_map": mapped, **more}))
    return folder


@pytest.mark.parametrize("model_type", ["of its own", None])
def test_code_of_a_models_own_never_runs_and_nobody_is_asked(
    model_type: str | None, student: Make, tiny_gemma: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where standard input says yes; a type that transformers knows is loaded by transformers' own code."""
    asked = io.StringIO("y\n" * 50)
    monkeypatch.setattr(sys, "stdin", asked)
    changes = {"model_type": model_type} if model_type else {}
    proof = tmp_path / "ran"
    saved = evil(shutil.copytree(student("questions", "xlmr"), tmp_path / "student"), proof, **changes)
    base = evil(shutil.copytree(tiny_gemma, tmp_path / "base"), proof, **changes)
    source = ModelSource(str(base))
    loads: list[Callable[[], Any]] = [
        lambda: Predictor.load(saved),
        lambda: load_pretrained(source, READER, 1),
        lambda: load_model(source, "float32"),
        lambda: load_tokenizer(source),
        lambda: config_of(source),
        lambda: empty_model(AutoModelForCausalLM, source),
    ]
    for load_one in loads:
        try:
            load_one()
        except UserError as error:
            assert "has Python code of its own, which is never run" in str(error)
    assert not proof.exists() and asked.tell() == 0


def test_libraries_find_standard_input_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    class Asking:
        @staticmethod
        def from_pretrained(name: str, **options: Any) -> str:
            return input("may I? ")

    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(UserError, match=r"the model cannot be loaded: EOFError: EOF when reading a line\. Copy it\."):
        load(Asking, "m", Origin("the model", "Copy it."))
    assert sys.stdin.readline() == "y\n"


class Pickled:
    """Unpickled, it leaves a file."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.proof,)


def test_pickled_weights_are_read_as_tensors_or_not_at_all(tiny_gemma: Path, tmp_path: Path) -> None:
    """Of pre-trained models, of which the hub has many in that form; a saved student is never one."""
    folder = shutil.copytree(tiny_gemma, tmp_path / "pickled")
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    source = ModelSource(str(folder))
    assert load_model(source, "float32").dtype is torch.float32
    torch.save({**weights, "own": Pickled(tmp_path / "ran")}, folder / "pytorch_model.bin")
    for load_one in (lambda: load_model(source, "float32"), lambda: load_pretrained(source, READER, 1)):
        with pytest.raises(UserError, match=f"'{folder}' cannot be loaded: UnpicklingError: Weights only load failed"):
            load_one()
    assert not (tmp_path / "ran").exists()


def changed(folder: Path, target: Path, change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> Path:
    shutil.copytree(folder, target)
    save_file(change(load_file(target / "model.safetensors")), target / "model.safetensors", metadata={"format": "pt"})
    return target


GENERATOR_DAMAGES: dict[str, Callable[[str, torch.Tensor], dict[str, torch.Tensor]]] = {
    "lacks weights that its config.json describes: ": lambda name, value: {name + "x": value},
    "has weights that are not numbers": lambda name, value: {name: value * torch.nan},
    "cannot be loaded: RuntimeError": lambda name, value: {name: value[:-1].contiguous()},
}


@pytest.mark.parametrize("message", GENERATOR_DAMAGES)
@pytest.mark.parametrize("tensor", ["model.layers.1.mlp.up_proj.weight", "model.norm.weight"])
def test_a_damaged_generator_or_pretrained_student_is_refused(
    tensor: str, message: str, tiny_gemma: Path, tmp_path: Path
) -> None:
    damage = GENERATOR_DAMAGES[message]
    folder = changed(
        tiny_gemma,
        tmp_path / "damaged",
        lambda all_: {
            k: v for key, one in all_.items() for k, v in (damage(key, one) if key == tensor else {key: one}).items()
        },
    )
    with pytest.raises(UserError, match=f"generator '{folder}' {message}.*copy its folder again"):
        load_model(ModelSource(str(folder)), "float32")
    with pytest.raises(UserError, match=f"student '{folder}' {message}.*copy its folder again"):
        load_pretrained(ModelSource(str(folder)), READER, 1)


def test_a_missing_head_of_a_pretrained_student_is_new(tiny_gemma: Path, tmp_path: Path) -> None:
    """And tensors that are not needed are left out."""
    folder = changed(tiny_gemma, tmp_path / "more", lambda all_: {**all_, "other.weight": torch.zeros(2)})
    model, _ = load_pretrained(ModelSource(str(folder)), READER, 1)
    assert type(model).__name__ == "Gemma3TextForQuestionAnswering"


def test_positions_are_checked_before_a_training(tiny_xlmr: Path, tiny_gemma: Path) -> None:
    load_pretrained(ModelSource(str(tiny_xlmr)), READER, 1, max_length=511)
    with pytest.raises(UserError, match=r"reads 511 tokens at once, and student\.max_length is 512: set at most 511"):
        load_pretrained(ModelSource(str(tiny_xlmr)), READER, 1, max_length=512)
    load_pretrained(ModelSource(str(tiny_gemma)), READER, 1, max_length=2048)
    with pytest.raises(UserError, match=r"reads 2048 tokens at once"):
        load_pretrained(ModelSource(str(tiny_gemma)), READER, 1, max_length=2049)
