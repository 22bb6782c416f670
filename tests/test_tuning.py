"""Gold turned round, and a tiny generator that learns from it."""

import json
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from conftest import ROOT, pair, question
from gemquad.errors import UserError
from gemquad.generation.backends.in_process import TransformersBackend
from gemquad.generation.tuning import TuningRow, tune_generator, tuning_rows
from gemquad.params import ModelSource, Tuning, load_params
from gemquad.parquet import write_records
from gemquad.schema import Question, SilverPair
from gemquad.settings.compose import compose
from gemquad.stages import tune
from gemquad.student.model import layer_stack
from gemquad.tasks.extractive_qa.prompt import PassagePrompter
from gemquad.tasks.requests import Request
from gemquad.workspace import Workspace

PARAMS = load_params(ROOT / "params.yaml")
SETTINGS = Tuning(epochs=60, learning_rate=2e-2, batch_size=4, trainable_layers=None)
PLACES = ["Lima", "Cusco", "Quito", "Bogotá"]
GOLD = [
    question(f"Hoy es {i}. Ana vive en {PLACES[i]}.", PLACES[i], id=f"q{i}", question=f"¿Dónde vive Ana el {i}?")
    for i in range(4)
]


SILVER = [SilverPair(**asdict(pair(f"p{i}", place)), weight=1.0) for i, place in enumerate(["Lima", "Cusco"] * 2)]


def prompter(**changes: Any) -> PassagePrompter:
    return PassagePrompter(replace(PARAMS.prompting, shots=0, **changes), PARAMS.generation)


def tuned(
    rows: Sequence[TuningRow], model: Path, folder: Path, accepted: Sequence[TuningRow] = (), **changes: Any
) -> list[dict[str, Any]]:
    settings = replace(SETTINGS, **changes)
    return tune_generator(rows, ModelSource(str(model)), settings, 1, folder, dtype="float32", accepted=accepted)


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
    tuned(tuning_rows(GOLD, prompter(), 1), tiny_gemma, tmp_path, epochs=2, trainable_layers=1)
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
    with pytest.raises(UserError, match=r"^There is no gold to teach the generator. Give some"):
        tuned([], tiny_gemma, tmp_path)


def test_accepted_pairs_are_learnt_after_gold(tiny_gemma: Path, tmp_path: Path) -> None:
    """4 rows, 4 to an update: 2 updates on gold, then 2 on accepted pairs, each with its own warm-up."""
    rows, accepted = tuning_rows(GOLD, prompter(), 1), tuning_rows(SILVER, prompter(), 1)
    curve = tuned(rows, tiny_gemma, tmp_path, accepted, epochs=2)
    assert [(entry["phase"], entry["step"]) for entry in curve] == [
        ("gold", 1),
        ("gold", 2),
        ("accepted", 3),
        ("accepted", 4),
    ]
    assert [round(entry["learning_rate"] / 2e-2, 3) for entry in curve] == [0.0, 1.0, 0.0, 1.0]


def test_accepted_pairs_alone_can_be_learnt(tiny_gemma: Path, tmp_path: Path) -> None:
    accepted = tuning_rows(SILVER, prompter(), 1)
    curve = tuned([], tiny_gemma, tmp_path, accepted)
    assert {entry["phase"] for entry in curve} == {"accepted"} and curve[-1]["step"] == 60
    assert all(log_likelihood(tmp_path, row) > log_likelihood(tiny_gemma, row) + 5 for row in accepted)


def learnt_by_the_stage(folder: Path, model: Path, *overrides: str) -> list[dict[str, Any]]:
    """What the stage `tune` leaves of a curve, over `GOLD` and the file `data/own/accepted.parquet` of `SILVER`."""
    files = Workspace(folder)
    write_records(files.gold, Question, GOLD)
    write_records(files.round(0).silver, SilverPair, [])
    write_records(folder / "data/own/accepted.parquet", SilverPair, SILVER)
    source = (f"generator.name={model}", "generator.wheel=null", "generation.dtype=float32", "prompting.shots=0")
    compose(ROOT, [*source, "tuning.batch_size=4", *overrides], folder / "params.yaml")
    with chdir(folder):
        tune.main()
    curve: list[dict[str, Any]] = json.loads(files.tuning.read_text())
    return curve


def test_the_stage_learns_from_what_the_settings_name(tiny_gemma: Path, tmp_path: Path) -> None:
    named = "tuning.accepted=data/own/accepted.parquet"
    assert learnt_by_the_stage(tmp_path, tiny_gemma) == [] and not list((tmp_path / "models/generator").iterdir())
    both = learnt_by_the_stage(tmp_path, tiny_gemma, named, "tuning.epochs=1")
    assert [(entry["phase"], entry["step"]) for entry in both] == [("gold", 1), ("accepted", 2)]
    assert (tmp_path / "models/generator/model.safetensors").exists()


def test_the_tokens_are_those_of_decoding(tokenizer: PreTrainedTokenizerFast) -> None:
    """A continuation is cut into tokens as the fields, the lead and the line breaks that the decoder writes and gives."""
    row = tuning_rows(GOLD, prompter(), 1)[0]
    pieces = [f" {GOLD[0].question}", "\n", "Respuesta:", " Lima", "\n"]
    own = [token for piece in pieces for token in tokenizer(piece, add_special_tokens=False)["input_ids"]]
    assert tokenizer(row.continuation, add_special_tokens=False)["input_ids"] == own
