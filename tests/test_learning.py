"""Students of labelled texts learn what their texts say: tiny models, on problems that a word decides."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    XLMRobertaForSequenceClassification,
)
from transformers.models.gemma3.modeling_gemma3 import Gemma3RMSNorm

from conftest import tiny_encoder
from gemquad.params import ModelSource, Student, load_params
from gemquad.schema import LabelledText
from gemquad.scoring.metrics import CLASSIFICATION, value
from gemquad.student.evaluation import predict
from gemquad.student.gemma import FusedRMSNorm, fuse_norms
from gemquad.student.inference import answer
from gemquad.student.model import load_pretrained, load_student
from gemquad.student.training import Phase, fine_tune
from gemquad.tasks.labelled.class_head import ClassHead
from gemquad.tasks.labelled.classification import ClassificationTask
from gemquad.tasks.labelled.value_head import ValueHead
from gemquad.tasks.settings import Classification, Columns, Similarity

DEFAULT: Student = load_params(Path(__file__).parents[1] / "params.yaml").student
PLACES = Classification(
    "places", "text_classification", {"Lima": "1", "Cusco": "0"}, Columns("text", "label"), ["accuracy"]
)
LIKENESS = Similarity("likeness", "pair_similarity", (0.0, 5.0), Columns("a", "label", "b"), ["pearson"])
WORDS = ["Ana", "Luis", "vive", "casa", "calle", "mesa", "libro", "agua"]


def place(number: int) -> LabelledText:
    """A text of 3 to 8 words, one of which is its class."""
    draw = random.Random(number)
    label = ("Lima", "Cusco")[number % 2]
    words = [*draw.choices(WORDS, k=draw.randint(2, 7)), label]
    return LabelledText(str(number), "es", " ".join(draw.sample(words, len(words))), "", label)


def likeness(number: int) -> LabelledText:
    """Two texts of four words; the more of them are equal, the more alike."""
    draw, equal = random.Random(number), number % 5
    words = draw.choices(WORDS, k=4)
    second = [*words[:equal], *["Quito"] * (4 - equal)]
    return LabelledText(str(number), "es", " ".join(words), " ".join(second), f"{equal * 1.25:g}")


@pytest.fixture
def settings(tiny_gemma: Path) -> Student:
    return replace(
        DEFAULT,
        model=ModelSource(str(tiny_gemma)),
        dtype="float32",
        layers=None,
        trainable_layers=None,
        learning_rate=5e-3,
        head_learning_rate=5e-3,
    )


def correlation(head: ValueHead, pairs: Sequence[LabelledText], settings: Student, folder: Path) -> float:
    model, tokenizer = load_student(folder, head, torch.float32)
    found = answer(model, tokenizer, [head.input(pair) for pair in pairs], head, settings)
    return float(np.corrcoef([float(one.text) for one in found], [float(pair.label) for pair in pairs])[0, 1])


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_classifier_learns(dtype: str, settings: Student, tmp_path: Path) -> None:
    head, task = ClassHead(PLACES), ClassificationTask(PLACES)
    student = replace(settings, dtype=dtype)
    curve = fine_tune([Phase("gold", [head.input(place(i)) for i in range(64)], 4)], head, student, 1, tmp_path)
    assert curve[0]["loss"] == pytest.approx(0.6931, abs=1e-4)  # even before it has learnt anything
    predictions = predict(tmp_path, {"test": [place(i) for i in range(100, 140)]}, student, task, head)
    assert [p.id for p in predictions] == [str(i) for i in range(100, 140)]
    assert value(CLASSIFICATION["accuracy"], task.columns(predictions)) > 90
    saved = AutoModelForSequenceClassification.from_pretrained(tmp_path).config
    assert saved.id2label == {0: "Lima", 1: "Cusco"}


def test_a_value_is_learnt_whatever_the_scale_of_the_features(settings: Student, tmp_path: Path) -> None:
    head, seen, unseen = ValueHead(LIKENESS), range(80), range(100, 140)
    loud = AutoModelForCausalLM.from_pretrained(settings.model.name)
    torch.nn.init.constant_(loud.model.norm.weight, 999.0)
    loud.save_pretrained(tmp_path / "loud")
    AutoTokenizer.from_pretrained(settings.model.name).save_pretrained(tmp_path / "loud")
    for name in (settings.model.name, str(tmp_path / "loud")):
        student = replace(settings, model=ModelSource(name))
        phase = Phase("gold", [head.input(likeness(i)) for i in seen], 6)
        fine_tune([phase], head, student, 1, tmp_path / "student")
        assert correlation(head, [likeness(i) for i in unseen], student, tmp_path / "student") > 0.9


def test_padding_changes_no_answer(settings: Student) -> None:
    head = ClassHead(PLACES)
    model, tokenizer = load_pretrained(settings.model, head, 1)
    torch.nn.init.normal_(model.eval().score.weight)
    inputs = [head.input(place(i)) for i in range(16)]
    together = answer(model, tokenizer, inputs, head, replace(settings, eval_batch_size=16))
    alone = answer(model, tokenizer, inputs, head, replace(settings, eval_batch_size=1))
    assert [a.text for a in together] == [a.text for a in alone]
    assert [a.confidence for a in together] == pytest.approx([a.confidence for a in alone], abs=1e-5)


@pytest.mark.parametrize("head", [ClassHead(PLACES), ValueHead(LIKENESS)])
def test_an_encoder_of_other_classes_is_given_a_new_head(
    head: ClassHead | ValueHead, settings: Student, tmp_path: Path
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(settings.model.name)
    config = tiny_encoder(tokenizer, num_labels=7)
    XLMRobertaForSequenceClassification(config).save_pretrained(tmp_path / "xlmr")
    tokenizer.save_pretrained(tmp_path / "xlmr")
    student = replace(settings, model=ModelSource(str(tmp_path / "xlmr")), trainable_layers=1)
    records = [place(i) if isinstance(head, ClassHead) else likeness(i) for i in range(8)]
    fine_tune([Phase("gold", [head.input(r) for r in records], 1)], head, student, 1, tmp_path / "student")
    model, _ = load_student(tmp_path / "student", head, torch.float32)
    assert type(model) is XLMRobertaForSequenceClassification
    assert model.config.num_labels == head.options["num_labels"]


def test_the_head_learns_at_its_own_rate(settings: Student, tmp_path: Path) -> None:
    head = ClassHead(PLACES)
    student = replace(settings, head_learning_rate=1e-9)
    fine_tune([Phase("gold", [head.input(place(i)) for i in range(32)], 1)], head, student, 1, tmp_path)
    assert load_student(tmp_path, head, torch.float32)[0].score.weight.abs().max() < 1e-7


def test_a_tokenizer_without_padding_pads_with_its_end_mark(settings: Student, tmp_path: Path) -> None:
    AutoModelForCausalLM.from_pretrained(settings.model.name).save_pretrained(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(settings.model.name)
    tokenizer.pad_token = None
    tokenizer.save_pretrained(tmp_path)
    model, tokenizer = load_pretrained(ModelSource(str(tmp_path)), ClassHead(PLACES), 1)
    assert tokenizer.pad_token == "<eos>"
    assert model.config.pad_token_id == tokenizer.eos_token_id


def test_a_fused_norm_says_what_the_original_says() -> None:
    norm = Gemma3RMSNorm(32)
    torch.nn.init.normal_(norm.weight)
    for features in (torch.randn(2, 5, 32), torch.randn(3, 32).bfloat16()):
        plain = norm(features)
        fused = Gemma3RMSNorm(32)
        fused.load_state_dict(norm.state_dict())
        fuse_norms(fused)
        assert type(fused) is FusedRMSNorm and fused(features).dtype == plain.dtype
        assert torch.allclose(fused(features), plain, atol=1e-6)
