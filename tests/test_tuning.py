"""Gold turned round, and a tiny generator that learns from it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from conftest import ROOT, question
from gemquad.errors import UserError
from gemquad.generation.backends.in_process import TransformersBackend
from gemquad.generation.tuning import TuningRow, tune_generator, tuning_rows
from gemquad.params import ModelSource, Tuning, load_params
from gemquad.student.model import layer_stack
from gemquad.tasks.extractive_qa.prompt import PassagePrompter
from gemquad.tasks.requests import Request

PARAMS = load_params(ROOT / "params.yaml")
SETTINGS = Tuning(epochs=60, learning_rate=2e-2, batch_size=4, warmup_ratio=0.0, trainable_layers=None)
PLACES = ["Lima", "Cusco", "Quito", "Bogotá"]
GOLD = [
    question(f"Hoy es {i}. Ana vive en {PLACES[i]}.", PLACES[i], id=f"q{i}", question=f"¿Dónde vive Ana el {i}?")
    for i in range(4)
]


def prompter(**changes: Any) -> PassagePrompter:
    return PassagePrompter(replace(PARAMS.prompting, shots=0, **changes), PARAMS.generation)


def tuned(rows: Sequence[TuningRow], model: Path, folder: Path, **changes: Any) -> list[dict[str, Any]]:
    settings = replace(SETTINGS, **changes)
    return tune_generator(rows, ModelSource(str(model)), settings, 1, folder, dtype="float32")


def log_likelihood(model: Path, row: TuningRow) -> float:
    generation = replace(PARAMS.generation, dtype="float32")
    backend = TransformersBackend(ModelSource(str(model)), generation)
    ((_, (result,)),) = backend.run([[Request(row.prompt, continuation=row.continuation)]])
    return result.logprob


def test_learns_to_write_gold_and_saves_a_generator(tiny_gemma: Path, tmp_path: Path) -> None:
    rows = tuning_rows(GOLD, prompter(), 1)
    curve = tuned(rows, tiny_gemma, tmp_path)
    assert curve[-1]["loss"] < curve[0]["loss"] - 1 and curve[-1]["step"] == 60
    assert all(log_likelihood(tmp_path, row) > log_likelihood(tiny_gemma, row) + 5 for row in rows)


def test_the_loss_is_that_of_the_continuation_alone(tiny_gemma: Path, tmp_path: Path) -> None:
    """The first loss of a curve is that of the untrained model: minus its log-likelihood, for a token."""
    rows = tuning_rows(GOLD, prompter(), 1)
    tokenizer = AutoTokenizer.from_pretrained(tiny_gemma)
    tokens = sum(len(tokenizer(row.continuation, add_special_tokens=False)["input_ids"]) for row in rows)
    expected = -sum(log_likelihood(tiny_gemma, row) for row in rows) / tokens
    assert tuned(rows, tiny_gemma, tmp_path, epochs=1)[0]["loss"] == pytest.approx(expected, rel=1e-4)


def test_a_tuned_generator_has_an_identity_of_its_own(tiny_gemma: Path, tmp_path: Path) -> None:
    rows = tuning_rows(GOLD, prompter(), 1)
    folders = {"one": 1, "again": 1, "longer": 2}
    for name, epochs in folders.items():
        tuned(rows, tiny_gemma, tmp_path / name, epochs=epochs)
    sources = [tiny_gemma, *(tmp_path / name for name in folders)]
    untuned, one, again, longer = (
        TransformersBackend(ModelSource(str(source)), PARAMS.generation).identity["weights"] for source in sources
    )
    assert one == again and len({untuned, one, longer}) == 3


def test_only_the_top_layers_learn_and_never_the_embeddings(tiny_gemma: Path, tmp_path: Path) -> None:
    tuned(tuning_rows(GOLD, prompter(), 1), tiny_gemma, tmp_path, epochs=1, trainable_layers=1)
    before, after = (AutoModelForCausalLM.from_pretrained(folder) for folder in (tiny_gemma, tmp_path))
    changed = [
        any(not torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
        for one, other in zip(layer_stack(before.base_model), layer_stack(after.base_model), strict=True)
    ]
    assert changed == [False, True]
    assert torch.equal(before.get_input_embeddings().weight, after.get_input_embeddings().weight)


def test_more_layers_than_there_are_is_refused(tiny_gemma: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^tuning.trainable_layers is 3, but the generator has 2 layers. Use fewer"):
        tuned(tuning_rows(GOLD, prompter(), 1), tiny_gemma, tmp_path, trainable_layers=3)


def test_without_gold_there_is_nothing_to_learn(tiny_gemma: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no gold to teach the generator. Give some"):
        tuned([], tiny_gemma, tmp_path)


def test_the_tokens_are_those_of_decoding(tokenizer: PreTrainedTokenizerFast) -> None:
    """A continuation is cut into tokens as the fields, the lead and the line breaks that the decoder writes and gives."""
    row = tuning_rows(GOLD, prompter(), 1)[0]
    pieces = [f" {GOLD[0].question}", "\n", "Respuesta:", " Lima", "\n"]
    own = [token for piece in pieces for token in tokenizer(piece, add_special_tokens=False)["input_ids"]]
    assert tokenizer(row.continuation, add_special_tokens=False)["input_ids"] == own
