"""Damaged and unsuitable model folders: each ends in one line that names the folder, before anything is answered."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from gemquad.errors import UserError
from gemquad.serving.predictor import Predictor

pytest_plugins = ["tiny_students"]
Make = Callable[[str, str], Path]
Damage = Callable[[Path], object]
ASKED = {
    "questions": {"question": "¿Dónde vive Ana?", "passage": "Hoy es 29. Ana vive en Cusco con Luis. " * 40},
    "pairs": {"text": "Ana vive en Lima.", "second": "Luis vive en Quito."},
}
QUERY = "roberta.encoder.layer.0.attention.self.query.weight"
NORM = "roberta.encoder.layer.1.output.LayerNorm.bias"
HEAD, PAIR_HEAD = "qa_outputs.weight", "classifier.out_proj.bias"


def tensors(change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> Damage:
    """Rewrite the weights."""

    def damage(folder: Path) -> None:
        changed = change(load_file(folder / "model.safetensors"))
        save_file(changed, folder / "model.safetensors", metadata={"format": "pt"})

    return damage


def tensor(name: str, change: Callable[[torch.Tensor], torch.Tensor]) -> Damage:
    """Change one tensor."""
    return tensors(lambda all_: {**all_, name: change(all_[name]).contiguous()})


def renamed(name: str) -> Damage:
    return tensors(lambda all_: {key + "x" if key == name else key: value for key, value in all_.items()})


def without(name: str) -> Damage:
    return tensors(lambda all_: {key: value for key, value in all_.items() if key != name})


def one_nan(value: torch.Tensor) -> torch.Tensor:
    changed = value.clone()
    changed.view(-1)[-1] = torch.nan
    return changed


def settings(file: str, **changes: Any) -> Damage:
    """Change keys of a JSON file; `a__b` is the key `b` of `a`, and ... removes it."""

    def damage(folder: Path) -> None:
        whole = json.loads((folder / file).read_text())
        for key, value in changes.items():
            *path, last = key.split("__")
            place = whole
            for part in path:
                place = place[part]
            if value is ...:
                del place[last]
            else:
                place[last] = value
        (folder / file).write_text(json.dumps(whole))

    return damage


def content(file: str, data: bytes) -> Damage:
    return lambda folder: (folder / file).write_bytes(data)


def cut(file: str, share: float) -> Damage:
    return lambda folder: (folder / file).write_bytes(
        (folder / file).read_bytes()[: int((folder / file).stat().st_size * share)]
    )


def gone(*files: str) -> Damage:
    return lambda folder: [(folder / file).unlink() for file in files]


def as_folder(file: str) -> Damage:
    return lambda folder: ((folder / file).unlink(), (folder / file).mkdir())


def pickled(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def other_tokenizer(folder: Path) -> None:
    """A tokenizer with more words than the model has embeddings."""
    whole = json.loads((folder / "tokenizer.json").read_text())
    for number in range(50):
        whole["model"]["vocab"][f"extra{number}"] = len(whole["model"]["vocab"])
    (folder / "tokenizer.json").write_text(json.dumps(whole))


OF_ANY_FILE = {
    "empty": b"",
    "garbage": b"\xff" * 999,
    "text": b"hello",
    "list": b"[]",
    "null": b"null",
    "number": b"7",
    "object": b"{}",
    "deep": b"[" * 9999,
    "digits": b'{"a":' + b"9" * 5000 + b"}",
    "surrogate": b'{"a": "\\ud800"}',
    "utf-16": b"\xff\xfe{\x00}\x00",
}
FILES = ["config.json", "gemquad.json", "tokenizer.json", "model.safetensors"]
DAMAGES: dict[str, Damage] = {
    **{f"{name} for {file}": content(file, data) for file in FILES for name, data in OF_ANY_FILE.items()},
    **{f"{file} cut at {share}": cut(file, share) for file in FILES for share in (0.1, 0.5, 0.99)},
    **{f"no {file}": gone(file) for file in FILES},
    **{f"{file} a folder": as_folder(file) for file in FILES},
    "no tokenizer at all": gone("tokenizer.json", "tokenizer_config.json"),
    "renamed query": renamed(QUERY),
    "renamed norm": renamed(NORM),
    "renamed head": renamed(HEAD),
    "no head": without(HEAD),
    "no bias of the head": without("qa_outputs.bias"),
    "no embeddings": without("roberta.embeddings.word_embeddings.weight"),
    "one tensor more": tensors(lambda all_: {**all_, "foo": torch.zeros(2)}),
    "one NaN": tensor(QUERY, one_nan),
    "NaN in the head": tensor(HEAD, one_nan),
    "infinite": tensor(NORM, lambda value: value / 0),
    "shorter": tensor(QUERY, lambda value: value[:-1]),
    "transposed": tensor("roberta.encoder.layer.0.intermediate.dense.weight", lambda value: value.T),
    "whole numbers": tensor(QUERY, lambda value: value.to(torch.int32)),
    "truth values": tensor(QUERY, lambda value: value > 0),
    "more words than embeddings": other_tokenizer,
    "pickled": pickled,
    "layers": settings("config.json", num_hidden_layers=3),
    "fewer layers": settings("config.json", num_hidden_layers=1),
    "no layers": settings("config.json", num_hidden_layers=0),
    "negative layers": settings("config.json", num_hidden_layers=-1),
    "hidden a text": settings("config.json", hidden_size="x"),
    "hidden odd": settings("config.json", hidden_size=33),
    "heads zero": settings("config.json", num_attention_heads=0),
    "vocabulary": settings("config.json", vocab_size=10),
    "large vocabulary": settings("config.json", vocab_size=9_999_999),
    "positions": settings("config.json", max_position_embeddings=20),
    "padding": settings("config.json", pad_token_id=99_999),
    "unknown type": settings("config.json", model_type="nope"),
    "no type": settings("config.json", model_type=...),
    "of another type": settings("config.json", model_type="bert"),
    "of a decoder": settings("config.json", model_type="gemma3_text"),
    "of pictures": settings("config.json", model_type="clip_vision_model"),
    "unknown activation": settings("config.json", hidden_act="nope"),
    "unknown dtype": settings("config.json", dtype="nope"),
    "quantised": settings("config.json", quantization_config={"quant_method": "bitsandbytes", "load_in_4bit": True}),
    "three outputs": settings("config.json", id2label={"0": "a", "1": "b", "2": "c"}),
    "reads too long texts": settings("gemquad.json", student__max_length=513, student__stride=64),
    "reads nothing": settings("gemquad.json", student__max_length=4),
    "wide stride": settings("gemquad.json", student__stride=9999),
    "negative stride": settings("gemquad.json", student__stride=-1),
    "empty batches": settings("gemquad.json", student__eval_batch_size=0),
    "no answer": settings("gemquad.json", student__max_answer_tokens=0),
    "no inputs": settings("gemquad.json", inputs=[]),
    "other inputs": settings("gemquad.json", inputs=[{"name": "text", "type": "string"}]),
    "unknown task": settings("gemquad.json", task__kind="nope"),
}
PAIR_DAMAGES: dict[str, Damage] = {
    "no head": without(PAIR_HEAD),
    "one class more": settings("config.json", id2label={"0": "yes", "1": "no", "2": "perhaps"}),
    "classes the other way round": settings("config.json", id2label={"0": "no", "1": "yes"}),
    "other classes": settings("config.json", id2label={"0": "wahr", "1": "falsch"}),
    "classes of the task": settings("gemquad.json", task__labels={"no": "0", "yes": "1"}),
    "a class more of the task": settings("gemquad.json", task__labels={"yes": "1", "no": "0", "perhaps": "2"}),
    "a single text": settings("gemquad.json", task__columns={"text": "a", "label": "label"}),
}


def told(task: str, make: Make, damage: Damage, folder: Path) -> str:
    """What the damaged copy of a good student says; it must not answer otherwise than the good one."""
    good = make(task, "xlmr")
    shutil.copytree(good, folder)
    damage(folder)
    with pytest.raises(UserError) as refused:
        found = Predictor.load(folder).predict([ASKED[task]])
        pytest.fail(f"answers {found}, and the good one {Predictor.load(good).predict([ASKED[task]])}")
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 2000
    return str(refused.value)


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_student_is_refused_by_name(name: str, student: Make, tmp_path: Path) -> None:
    assert str(tmp_path / "damaged") in told("questions", student, DAMAGES[name], tmp_path / "damaged")


@pytest.mark.parametrize("name", PAIR_DAMAGES)
def test_a_damaged_classifier_is_refused_by_name(name: str, student: Make, tmp_path: Path) -> None:
    assert str(tmp_path / "damaged") in told("pairs", student, PAIR_DAMAGES[name], tmp_path / "damaged")
