"""The models of conf/student as their hub repositories lay them out, tiny and with random weights, are trained and answer.

What is odd about them: XLM-Align and mDeBERTa have a SentencePiece file and no tokenizer.json, and pickled weights; mDeBERTa's are
in fp16 and hold the heads of its pre-training.
"""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
import torch
from transformers import DebertaV2Config, DebertaV2ForMaskedLM, XLMRobertaConfig, XLMRobertaForMaskedLM

from conftest import ROOT
from gemquad.params import ModelSource, Student, load_params
from gemquad.settings.compose import compose
from gemquad.student.captured import can_be_captured
from gemquad.student.inference import answer
from gemquad.student.model import load_student
from gemquad.student.training import Phase, fine_tune
from gemquad.tasks.loading import load_saved_task
from paper_hub import sample_texts
from tiny_students import PLACES, TASKS, examples

SHAPE = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 2}


def sentence_pieces(**marks: Any) -> bytes:
    """A SentencePiece model of at most 1,000 pieces, whose first ids are `marks`."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sample_texts()),
        model_writer=written,
        vocab_size=1000,
        hard_vocab_limit=False,
        minloglevel=2,
        **marks,
    )
    return written.getvalue()


def xlm_roberta(folder: Path) -> None:
    (folder / "sentencepiece.bpe.model").write_bytes(sentence_pieces(unk_id=0, bos_id=1, eos_id=2, pad_id=-1))
    marks = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "type_vocab_size": 1, "layer_norm_eps": 1e-5}
    config = XLMRobertaConfig(**SHAPE, **marks, vocab_size=1010, max_position_embeddings=514)
    config.save_pretrained(folder)
    torch.save(XLMRobertaForMaskedLM(config).state_dict(), folder / "pytorch_model.bin")


def mdeberta(folder: Path) -> None:
    names = {"pad_piece": "[PAD]", "bos_piece": "[CLS]", "eos_piece": "[SEP]", "unk_piece": "[UNK]"}
    (folder / "spm.model").write_bytes(sentence_pieces(**names, pad_id=0, bos_id=1, eos_id=2, unk_id=3))
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": False, "vocab_type": "spm"}))
    relative = {"relative_attention": True, "position_buckets": 256, "pos_att_type": "p2c|c2p", "share_att_key": True}
    norms = {"norm_rel_ebd": "layer_norm", "position_biased_input": False, "type_vocab_size": 0, "layer_norm_eps": 1e-7}
    config = DebertaV2Config(**SHAPE, **relative, **norms, vocab_size=1100, max_position_embeddings=512)
    config.save_pretrained(folder)
    weights = {name: value.half() for name, value in DebertaV2ForMaskedLM(config).state_dict().items()}
    torch.save({**weights, "mask_predictions.dense.weight": torch.zeros(3, 3)}, folder / "pytorch_model.bin")


LAYOUTS: dict[str, Callable[[Path], None]] = {"xlm-align-base": xlm_roberta, "mdeberta-v3-base": mdeberta}


@pytest.fixture
def preset(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Student:
    """The settings of a student in conf/, with a tiny model in its place and a rate that teaches it in seconds."""
    monkeypatch.setenv("GEMQUAD_CACHE", str(tmp_path / "cache"))
    settings = load_params(compose(ROOT, [f"student={request.param}"], tmp_path / "params.yaml")).student
    (tmp_path / "model").mkdir()
    torch.manual_seed(0)
    LAYOUTS[request.param](tmp_path / "model")
    own = ModelSource(str(tmp_path / "model"))
    return replace(settings, model=own, learning_rate=5e-3, head_learning_rate=5e-3, batch_size=8)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("preset", LAYOUTS, indirect=True)
def test_a_student_of_the_hub_learns_and_answers(preset: Student, dtype: Any, tmp_path: Path) -> None:
    head = load_saved_task(TASKS["questions"]).head()
    inputs = [head.input(example) for example in examples("questions", 32)]
    settings = replace(preset, dtype=dtype, layers=2)
    fine_tune([Phase("gold", inputs, 12)], head, settings, 1, tmp_path / "student")
    student, tokenizer = load_student(tmp_path / "student", head, torch.float32)
    found = answer(student, tokenizer, inputs[:4], head, settings, label=None)
    assert [one.text for one in found] == PLACES


def test_deberta_is_not_captured_on_a_gpu() -> None:
    """It copies numbers from the host as it computes positions."""
    assert not can_be_captured(DebertaV2ForMaskedLM(DebertaV2Config(**SHAPE, vocab_size=9, relative_attention=True)))
    assert can_be_captured(XLMRobertaForMaskedLM(XLMRobertaConfig(**SHAPE, vocab_size=9)))
    assert can_be_captured(torch.nn.Linear(1, 1))


def test_the_control_differs_from_the_paper_s_student_in_its_weights_alone(tmp_path: Path) -> None:
    of = [
        load_params(compose(ROOT, [f"student={name}"], tmp_path / f"{name}.yaml")).student
        for name in ("xlm-roberta-base", "xlm-align-base")
    ]
    assert replace(of[0], model=of[1].model) == of[1]
    assert [student.model.name for student in of] == ["FacebookAI/xlm-roberta-base", "microsoft/xlm-align-base"]
