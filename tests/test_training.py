from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import (
    AutoModelForCausalLM,
    AutoModelForQuestionAnswering,
    AutoTokenizer,
    CLIPVisionConfig,
    CLIPVisionModel,
    TrainerState,
    TrainingArguments,
    XLMRobertaForQuestionAnswering,
)

from conftest import tiny_encoder
from gemquad.errors import UserError
from gemquad.params import ModelSource, Student, load_params
from gemquad.student import frozen
from gemquad.student.inference import answer
from gemquad.student.model import layer_stack, load_pretrained, load_student, train_only_top
from gemquad.student.trainer import Curve, collator
from gemquad.student.training import Phase, fine_tune, training_rows
from gemquad.tasks.extractive_qa.head import SpanHead
from gemquad.tasks.head import Input
from gemquad.tasks.settings import ExtractiveQA
from gemquad.text.spans import Span

DEFAULT: Student = load_params(Path(__file__).parents[1] / "params.yaml").student
READER = SpanHead(ExtractiveQA("questions", "extractive_qa"))
NAMES = ["Lima", "Cusco", "Quito", "Bogotá"]


def asked(number: int) -> Input:
    passage = f"Hoy es {number}. Ana vive en {NAMES[number % 4]} con Luis."
    start = passage.index(NAMES[number % 4])
    return Input(passage, "¿Dónde vive Ana?", Span(start, start + len(NAMES[number % 4])))


@pytest.fixture
def settings(tiny_gemma: Path) -> Student:
    model = ModelSource(str(tiny_gemma))
    return replace(
        DEFAULT,
        model=model,
        dtype="float32",
        layers=None,
        trainable_layers=None,
        learning_rate=5e-3,
        head_learning_rate=5e-3,
    )


def test_learns_and_saves_a_student(settings: Student, tmp_path: Path) -> None:
    inputs = [asked(i) for i in range(32)]
    curve = fine_tune([Phase("silver", inputs, 6), Phase("gold", inputs, 6)], READER, settings, 1, tmp_path / "student")
    assert curve[-1]["loss"] < 0.5 * curve[0]["loss"]
    assert [entry["phase"] for entry in curve] == sorted((e["phase"] for e in curve), reverse=True)
    steps = [entry["step"] for entry in curve]
    assert steps == sorted(steps) and len(set(steps)) == len(steps)
    model, tokenizer = load_student(tmp_path / "student", READER, torch.float32)
    found = answer(model, tokenizer, inputs, READER, settings)
    right = [NAMES[number % 4] for number in range(32)]
    assert sum(f.text == expected for f, expected in zip(found, right, strict=True)) > 24


def test_rows_have_weights_unless_all_are_1(settings: Student, tiny_gemma: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_gemma)
    silver = [replace(asked(0), weight=0.5), asked(1)]
    assert [row["weight"] for row in training_rows(silver, READER, tokenizer, settings)] == [0.5, 1.0]
    assert not any("weight" in row for row in training_rows([asked(0), asked(1)], READER, tokenizer, settings))


@pytest.mark.parametrize("heavy", ["Lima", "Luis"])
def test_a_student_believes_what_weighs_more(heavy: str, settings: Student, tmp_path: Path) -> None:
    """The same question with two answers."""
    passage = "Hoy es 4. Ana vive en Lima con Luis."
    both = [
        Input(passage, "¿Dónde vive Ana?", Span(at, at + 4), 1.9 if name == heavy else 0.1)
        for name, at in (("Lima", 22), ("Luis", 31))
    ]
    fine_tune([Phase("silver", both * 8, 6)], READER, settings, 1, tmp_path)
    model, tokenizer = load_student(tmp_path, READER, torch.float32)
    (found,) = answer(model, tokenizer, both[:1], READER, settings)
    assert (found.text, found.start) == (heavy, passage.index(heavy))


def test_answer_positions_survive_padding_whatever_side_the_tokenizer_prefers(tiny_gemma: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_gemma, padding_side="left")
    items = [{"input_ids": [2, 7, 8], "start_positions": 1}, {"input_ids": [2, 9, 8, 7, 6], "start_positions": 3}]
    batch = collator(tokenizer)(items)
    assert [int(ids[at]) for ids, at in zip(batch["input_ids"], batch["start_positions"], strict=True)] == [7, 7]


def test_the_same_seed_gives_the_same_bytes(settings: Student, tmp_path: Path) -> None:
    inputs = [asked(i) for i in range(8)]
    for name in ("one", "two"):
        fine_tune([Phase("gold", inputs, 1)], READER, settings, 1, tmp_path / name)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_only_the_top_layers_are_trained(settings: Student, tmp_path: Path) -> None:
    before, _ = load_pretrained(settings.model, READER, 1)
    fine_tune([Phase("gold", [asked(0)], 4)], READER, replace(settings, trainable_layers=1), 1, tmp_path / "student")
    after = load_student(tmp_path / "student", READER, torch.float32)[0].state_dict()
    changed = {name for name, value in before.state_dict().items() if not torch.equal(value, after[name])}
    assert changed
    assert all("layers.1." in name or "qa_outputs" in name or name == "model.norm.weight" for name in changed)


def test_frozen_weights_of_a_bf16_checkpoint_stand_in_half_the_space(
    settings: Student, tiny_gemma: Path, tmp_path: Path
) -> None:
    base = AutoModelForCausalLM.from_pretrained(tiny_gemma, dtype=torch.bfloat16)
    base.save_pretrained(tmp_path / "base")
    AutoTokenizer.from_pretrained(tiny_gemma).save_pretrained(tmp_path / "base")
    settings = replace(settings, model=ModelSource(str(tmp_path / "base")), trainable_layers=1)
    before, _ = load_pretrained(settings.model, READER, 1)
    fine_tune([Phase("gold", [asked(0)], 1)], READER, settings, 1, tmp_path / "student")
    with safe_open(tmp_path / "student" / "model.safetensors", "pt") as stored:
        kinds = {name: stored.get_slice(name).get_dtype() for name in stored.keys()}  # noqa: SIM118, no mapping
    frozen = {name for name in kinds if "embed_tokens" in name or "layers.0." in name}
    assert frozen and {name for name, kind in kinds.items() if kind == "BF16"} == frozen
    assert {kind for name, kind in kinds.items() if name not in frozen} == {"F32"}
    plain = AutoModelForQuestionAnswering.from_pretrained(tmp_path / "student")
    assert {value.dtype for value in plain.state_dict().values()} == {torch.float32}
    assert all(torch.equal(plain.state_dict()[name], before.state_dict()[name]) for name in frozen)


def test_frozen_weights_that_bf16_would_round_stay_as_they_are(settings: Student, tmp_path: Path) -> None:
    fine_tune([Phase("gold", [asked(0)], 1)], READER, replace(settings, trainable_layers=1), 1, tmp_path / "student")
    with safe_open(tmp_path / "student" / "model.safetensors", "pt") as stored:
        assert stored.get_slice("model.embed_tokens.weight").get_dtype() == "F32"


def test_asking_for_too_many_layers_is_a_user_error(settings: Student) -> None:
    model, _ = load_pretrained(settings.model, READER, 1)
    with pytest.raises(UserError, match=r"the model has 2 layers"):
        train_only_top(model, 3)


def test_a_student_has_the_lower_layers_of_the_model(settings: Student, tmp_path: Path) -> None:
    whole, _ = load_pretrained(settings.model, READER, 1)
    lower, _ = load_pretrained(settings.model, READER, 1, layers=1)
    assert len(layer_stack(lower.base_model)) == 1 and len(layer_stack(whole.base_model)) == 2
    kept = lower.base_model.state_dict()
    assert all(torch.equal(value, whole.base_model.state_dict()[name]) for name, value in kept.items())
    fine_tune([Phase("gold", [asked(0)], 1)], READER, replace(settings, layers=1), 1, tmp_path / "student")
    saved, _ = load_student(tmp_path / "student", READER, torch.float32)
    assert len(layer_stack(saved.base_model)) == saved.config.num_hidden_layers == 1
    with pytest.raises(UserError, match=r"student.layers is 3, but the model has 2 layers. Use fewer, or null."):
        load_pretrained(settings.model, READER, 1, layers=3)


def test_an_encoder_checkpoint_works_by_path(settings: Student, tiny_gemma: Path, tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_gemma)
    config = tiny_encoder(tokenizer)
    XLMRobertaForQuestionAnswering(config).save_pretrained(tmp_path / "xlmr")
    tokenizer.save_pretrained(tmp_path / "xlmr")
    student = replace(settings, model=ModelSource(str(tmp_path / "xlmr")), layers=1, trainable_layers=1)
    fine_tune([Phase("gold", [asked(i) for i in range(4)], 1)], READER, student, 1, tmp_path / "student")
    saved = AutoModelForQuestionAnswering.from_pretrained(tmp_path / "student")
    assert type(saved).__name__.startswith("XLMRoberta") and len(layer_stack(saved.base_model)) == 1


def test_a_checkpoint_without_the_head_of_the_task_is_a_user_error(tiny_gemma: Path, tmp_path: Path) -> None:
    CLIPVisionModel(
        CLIPVisionConfig(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, image_size=32)
    ).save_pretrained(tmp_path)
    with pytest.raises(UserError, match="has no architecture for this task: Unrecognized configuration class"):
        load_pretrained(ModelSource(str(tmp_path)), READER, 1)


def test_a_phase_without_inputs_is_left_out_and_nothing_at_all_is_a_user_error(
    settings: Student, tmp_path: Path
) -> None:
    curve = fine_tune([Phase("silver", [asked(0)], 1), Phase("gold", [])], READER, settings, 1, tmp_path / "student")
    assert [entry["phase"] for entry in curve] == ["silver"]
    with pytest.raises(UserError, match=r"no example to train the student on \('silver' and 'gold'\)"):
        fine_tune([Phase("silver", []), Phase("gold", [])], READER, settings, 1, tmp_path / "student")


@pytest.mark.parametrize(
    ("name", "message"), [("./nowhere", "holds no config.json"), ("no/such-model", "cannot be loaded")]
)
def test_a_student_that_cannot_be_found_is_a_user_error(
    name: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match=message):
        load_pretrained(ModelSource(name), READER, 1)


class Waits(TorchDispatchMode):
    """Counts what makes the host wait for a number of the device."""

    count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += func.overloadpacket.__name__ in ("_local_scalar_dense", "nonzero", "equal", "is_nonzero")
        return func(*args, **(kwargs or {}))


def test_the_host_waits_for_logs_and_not_for_steps(
    settings: Student, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frozen, "_source", lambda below, kept: below)  # as on an accelerator
    student = replace(settings, trainable_layers=1, batch_size=2)
    with Waits() as waits:
        curve = fine_tune([Phase("gold", [asked(i) for i in range(24)], 10)], READER, student, 1, tmp_path)
    assert [entry["step"] for entry in curve] == [1, *range(10, 121, 10)]
    per_epoch, per_log = 1, 2  # an iterator's seed; a loss and a norm of gradients
    assert waits.count <= per_epoch * 10 + per_log * len(curve) + 4 < 120


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_training_whose_loss_is_no_number_ends(loss: float) -> None:
    curve = Curve("silver", 0, lambda entry: None)
    state = TrainerState(log_history=[{"loss": loss, "learning_rate": 0.1, "step": 7}])
    with pytest.raises(UserError, match=f"training on silver: the loss is {loss} at step 7. Lower the learning rate"):
        curve.on_train_begin(TrainingArguments("unused"), state, None)
