"""What can be a student: tokenizers, positions, and the segments of models such as BERT."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoModelForQuestionAnswering,
    AutoTokenizer,
    BertConfig,
    BertJapaneseTokenizer,
    BertModel,
    CanineConfig,
    CanineModel,
    CanineTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    pipeline,
)

from conftest import ROOT, tiny_encoder
from gemquad.doctor.checks import _student
from gemquad.errors import UserError
from gemquad.params import ModelSource, load_params
from gemquad.pretrained import Origin
from gemquad.serving.predictor import Predictor
from gemquad.student.fitness import check_fit, positions
from gemquad.student.frozen import computed_once
from gemquad.student.inference import candidates
from gemquad.student.model import load_pretrained, load_student, train_only_top
from gemquad.student.training import training_rows
from gemquad.tasks.head import Input
from gemquad.tasks.loading import load_saved_task
from gemquad.text.spans import Span
from tiny_students import TASKS

pytest_plugins = ["tiny_students"]
Make = Callable[[str, str], Path]
PARAMS = load_params(ROOT / "params.yaml")
READER = load_saved_task(TASKS["questions"]).head()
SMALL: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}


def canine(folder: Path) -> None:
    CanineModel(CanineConfig(**SMALL, downsampling_rate=2, local_transformer_stride=16)).save_pretrained(folder)
    CanineTokenizer().save_pretrained(folder)


def japanese(folder: Path) -> None:
    BertModel(BertConfig(**SMALL, vocab_size=5)).save_pretrained(folder)
    (folder / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n犬\n")
    options = {"word_tokenizer_type": "basic", "subword_tokenizer_type": "character"}
    BertJapaneseTokenizer(str(folder / "vocab.txt"), **options).save_pretrained(folder)


@pytest.mark.parametrize("make", [canine, japanese])
def test_a_tokenizer_without_places_is_refused_by_training_and_doctor_alike(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    make(tmp_path)
    source = ModelSource(str(tmp_path))
    for head in (READER, load_saved_task(TASKS["classes"]).head()):
        with pytest.raises(UserError, match=r"has a tokenizer \(\w+\) that does not tell where tokens stand"):
            load_pretrained(source, head, 1)
    student = replace(PARAMS.student, model=source, layers=None, trainable_layers=None)
    with pytest.raises(UserError, match=r"that does not tell where tokens stand.*-S student=gemma-270m"):
        list(_student(replace(PARAMS, student=student), ROOT))


def test_doctor_says_that_there_are_too_few_positions(tiny_xlmr: Path) -> None:
    whole = replace(PARAMS.student, model=ModelSource(str(tiny_xlmr)), layers=None, trainable_layers=None)
    assert next(_student(replace(PARAMS, student=replace(whole, max_length=511)), ROOT)).level == "ok"
    with pytest.raises(UserError, match=r"reads 511 tokens at once, and student\.max_length is 512"):
        list(_student(replace(PARAMS, student=replace(whole, max_length=512)), ROOT))


def test_positions_are_those_of_the_table_or_of_the_config(
    tiny_gemma: Path, tokenizer: PreTrainedTokenizerFast
) -> None:
    """XLM-R counts from behind the number of its padding token."""
    of = AutoModelForQuestionAnswering.from_config
    assert positions(of(BertConfig(**SMALL, max_position_embeddings=64))) == 64
    assert positions(of(tiny_encoder(tokenizer, max_position_embeddings=514, pad_token_id=1))) == 512
    assert positions(load_pretrained(ModelSource(str(tiny_gemma)), READER, 1)[0]) == 2048


def test_the_longest_text_is_read(tokenizer: PreTrainedTokenizerFast) -> None:
    model = AutoModelForQuestionAnswering.from_config(tiny_encoder(tokenizer, max_position_embeddings=40))
    limit = positions(model)
    assert limit == 39
    model(input_ids=torch.ones(1, limit, dtype=torch.long))
    with pytest.raises((IndexError, RuntimeError)):
        model(input_ids=torch.ones(1, limit + 1, dtype=torch.long))


def test_an_empty_tokenizer_is_refused(tiny_xlmr: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_xlmr, tmp_path / "m")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    with pytest.raises(UserError, match=r"student '.*/m' (has no tokenizer|cannot be loaded)"):
        load_pretrained(ModelSource(str(folder)), READER, 1)


def test_marks_behind_the_embeddings_are_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    """Words that are never read may be, as in Gemma 3, which has a mark for pictures."""
    own = PreTrainedTokenizerFast(tokenizer_object=tokenizer.backend_tokenizer, pad_token="<pad>", eos_token="<eos>")
    model = AutoModelForQuestionAnswering.from_config(tiny_encoder(tokenizer))
    own.add_special_tokens({"additional_special_tokens": ["<image>"]})
    check_fit(model, own, 64, Origin("m", "Copy it."))
    own.add_special_tokens({"sep_token": "<sep>"})
    with pytest.raises(UserError, match=rf"m has embeddings for {len(tokenizer)} tokens, and a tokenizer of"):
        check_fit(model, own, 64, Origin("m", "Copy it."))


def test_a_mark_that_the_model_does_not_know_is_read_as_words(student: Make, tmp_path: Path) -> None:
    folder = shutil.copytree(student("questions", "xlmr"), tmp_path / "m")
    own = PreTrainedTokenizerFast.from_pretrained(folder)
    own.add_special_tokens({"additional_special_tokens": ["<image>"]})
    own.save_pretrained(folder)
    row = {"question": "¿Dónde vive <image>?", "passage": "Ana vive en <image> Cusco."}
    (found,) = Predictor.load(folder).predict([row])
    assert found["answer"] in row["passage"]


def test_a_pair_is_classified_as_by_the_pipeline_of_transformers(student: Make) -> None:
    folder = student("pairs", "bert")
    rows = [{"text": "Ana vive en Lima.", "second": second} for second in ("Ana vive en Lima.", "Luis vive en Quito.")]
    asked = [{"text": row["text"], "text_pair": row["second"]} for row in rows]
    told = pipeline("text-classification", model=str(folder), device="cpu")(asked)
    expected = Predictor.load(folder).predict(rows)
    assert [one["label"] for one in told] == [one["label"] for one in expected]
    assert [one["score"] for one in told] == pytest.approx([one["score"] for one in expected], abs=1e-6)


def spans(model: PreTrainedModel, tokenizer: Any, segments: bool) -> float:
    """The probability of the likeliest span, computed by transformers from its own encoding."""
    encoded = tokenizer("¿Dónde vive Ana?", "Ana vive en Cusco.", return_tensors="pt")
    inside = torch.tensor([number == 1 for number in encoded.sequence_ids(0)])
    given = {name: value for name, value in encoded.items() if segments or name != "token_type_ids"}
    with torch.inference_mode():
        output = model(**given)
    first, last = (
        logits[0].masked_fill(~inside & (torch.arange(len(inside)) > 0), -torch.inf).softmax(-1)[inside]
        for logits in (output.start_logits, output.end_logits)
    )
    return float((first[:, None] * last[None]).triu().max())


def test_a_question_is_answered_as_transformers_reads_it(student: Make) -> None:
    folder = student("questions", "bert")
    model, tokenizer = AutoModelForQuestionAnswering.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    (found,) = Predictor.load(folder).predict([{"question": "¿Dónde vive Ana?", "passage": "Ana vive en Cusco."}])
    assert found["score"] == pytest.approx(spans(model, tokenizer, segments=True), abs=1e-6)
    assert found["score"] != pytest.approx(spans(model, tokenizer, segments=False), abs=1e-3)


def test_training_is_told_the_segments_too(tiny_bert: Path, tiny_gemma: Path) -> None:
    asked = [replace(READER.input_of_row(READER.example_row), target=Span(13, 17))]
    for folder, told in ((tiny_bert, True), (tiny_gemma, False)):
        _, tokenizer = load_pretrained(ModelSource(str(folder)), READER, 1)
        (row,) = training_rows(asked, READER, tokenizer, PARAMS.student)
        assert ("token_type_ids" in row) is told
        if told:
            first = row["input_ids"].index(1)  # the mark behind the question
            assert row["token_type_ids"] == [0] * (first + 1) + [1] * (len(row["input_ids"]) - first - 1)


def test_frozen_layers_know_segments(student: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Computed apart and kept, they answer as the whole model does."""
    monkeypatch.setenv("GEMQUAD_CACHE", str(tmp_path))
    monkeypatch.setenv("GEMQUAD_FEATURES_GB", "1")
    folder = student("questions", "bert")
    asked = [Input("Ana vive en Cusco.", "¿Dónde vive Ana?"), Input("Luis vive en Lima hoy.", "¿Dónde vive Luis?")]
    model, tokenizer = load_student(folder, READER, torch.float32)
    plain = candidates(model, tokenizer, asked, READER, PARAMS.student, 1, None)
    train_only_top(model, 1)
    for _ in range(2):  # computed, then read from the store
        with computed_once(model, torch.float32):
            kept = candidates(model, tokenizer, asked, READER, PARAMS.student, 1, None)
        assert [one.confidence for [one] in kept] == pytest.approx([one.confidence for [one] in plain], abs=1e-5)


def test_the_saved_tokenizer_still_tells_segments(student: Make) -> None:
    saved = json.loads((student("questions", "bert") / "tokenizer_config.json").read_text())
    assert "token_type_ids" in saved["model_input_names"]
