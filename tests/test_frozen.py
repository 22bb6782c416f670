"""What the frozen layers make of a text is computed once, and nothing else changes."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import (
    AutoModelForQuestionAnswering,
    DebertaV2Config,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
)

from conftest import tiny_encoder
from gemquad.errors import UserError
from gemquad.params import ModelSource, Student
from gemquad.student import frozen
from gemquad.student.features import LIMIT, Features
from gemquad.student.frozen import computed_once
from gemquad.student.inference import answer
from gemquad.student.model import load_pretrained, load_student, train_only_top
from gemquad.student.training import Phase, fine_tune
from gemquad.tasks.extractive_qa.head import SpanHead
from gemquad.tasks.settings import ExtractiveQA
from killed import DEFAULT, asked

READER = SpanHead(ExtractiveQA("questions", "extractive_qa"))
ROWS = [[2, 7, 9, 8, 1], [2, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30], [2, 5]]


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMQUAD_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(LIMIT)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=["gemma", "xlm-roberta", "deberta-v2"])
def settings(request: pytest.FixtureRequest, tiny_gemma: Path, tokenizer: PreTrainedTokenizerFast) -> Student:
    """All with one frozen layer of two; the encoders have no dropout, so that two trainings can be compared."""
    model = tiny_gemma
    if request.param != "gemma":
        model = Path(request.param).absolute()
        torch.manual_seed(0)
        config = without_dropout(tokenizer) if request.param == "xlm-roberta" else deberta_without_dropout(tokenizer)
        AutoModelForQuestionAnswering.from_config(config).save_pretrained(model)
        tokenizer.save_pretrained(model)
    return replace(
        DEFAULT,
        model=ModelSource(str(model)),
        dtype="float32",
        layers=None,
        trainable_layers=1,
        learning_rate=5e-3,
        epochs=2,
    )


def without_dropout(tokenizer: PreTrainedTokenizerFast) -> XLMRobertaConfig:
    return tiny_encoder(tokenizer, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)


def deberta_without_dropout(tokenizer: PreTrainedTokenizerFast) -> DebertaV2Config:
    """Its layers take relative positions beside the features, and return the two as a tuple."""
    shape = {**without_dropout(tokenizer).to_diff_dict(), "model_type": "deberta-v2"}
    return DebertaV2Config(
        **shape, relative_attention=True, pos_att_type="p2c|c2p", share_att_key=True, position_buckets=8
    )


def loaded(settings: Student) -> PreTrainedModel:
    model, _ = load_pretrained(settings.model, READER, 1)
    train_only_top(model, settings.trainable_layers)
    return model.eval()


def logits(model: PreTrainedModel) -> torch.Tensor:
    """Of a padded batch, without those of padding."""
    longest = max(map(len, ROWS))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in ROWS])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ROWS])
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=mask).start_logits[mask.bool()]


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The tokens of every text that the frozen part computes."""
    found: list[int] = []
    plain = frozen._Below.__call__

    def counting(self: frozen._Below, input_ids: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        found.append(input_ids.shape[1])
        return plain(self, input_ids, mask)

    with monkeypatch.context() as patch:
        patch.setattr(frozen._Below, "__call__", counting)
        yield found


def test_the_model_says_what_it_said_and_is_whole_afterwards(settings: Student) -> None:
    model = loaded(settings)
    names, plain = list(model.state_dict()), logits(model)
    with computed_once(model, torch.float32):
        assert logits(model) == pytest.approx(plain, abs=1e-5)
        assert not any("0.mlp" in name or "layer.0" in name or "word_embeddings" in name for name in model.state_dict())
    assert list(model.state_dict()) == names
    assert torch.equal(logits(model), plain)


def test_a_text_is_computed_once_whatever_it_is_padded_with(settings: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trained layers above round by a row's place in the batch where the CPU has AVX2 alone."""
    model = loaded(settings)
    with counted(monkeypatch) as computed:
        for _ in range(2):
            with computed_once(model, torch.float32):
                first, below = logits(model), model.get_input_embeddings()(None)
        assert computed == [len(row) for row in ROWS]
        ROWS.insert(0, ROWS.pop())
        with computed_once(model, torch.float32):
            assert logits(model).sort().values == pytest.approx(first.sort().values, abs=1e-6)
            assert torch.equal(model.get_input_embeddings()(None), below.roll(1, 0))
        ROWS.append(ROWS.pop(0))
        assert len(computed) == len(ROWS)


def test_other_weights_share_nothing(settings: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    model = loaded(settings)
    with counted(monkeypatch) as computed:
        for _ in range(2):
            with computed_once(model, torch.float32):
                logits(model)
            with torch.no_grad():
                model.get_input_embeddings().weight[5, 0] += 0.5
    assert len(computed) == 2 * len(ROWS)


def test_a_training_takes_the_same_course(settings: Student, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    inputs = [asked(number) for number in range(20)]
    with counted(monkeypatch) as computed:
        once = fine_tune([Phase("gold", inputs, 2)], READER, settings, 1, tmp_path / "once")
    assert len(computed) == 20
    with monkeypatch.context() as patch:
        patch.setattr(frozen, "_source", lambda below, kept: below)  # as on an accelerator
        plain = fine_tune([Phase("gold", inputs, 2)], READER, settings, 1, tmp_path / "plain")
    assert [entry["loss"] for entry in once] == pytest.approx([entry["loss"] for entry in plain], abs=1e-4)
    answers = []
    for name in ("once", "plain"):
        student, tokenizer = load_student(tmp_path / name, READER, torch.float32)
        train_only_top(student, 1)
        with counted(monkeypatch) as computed, computed_once(student, torch.float32):
            answers.append(answer(student, tokenizer, inputs, READER, settings))
        assert computed == []  # the frozen layers of a saved student are the pre-trained ones
    assert [one.text for one in answers[0]] == [one.text for one in answers[1]]


def test_without_padding_it_is_the_course_of_the_whole_model(
    settings: Student, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    alone, phases = replace(settings, batch_size=1), [Phase("gold", [asked(number) for number in range(12)], 2)]
    once = fine_tune(phases, READER, alone, 1, tmp_path / "once")
    monkeypatch.setattr("gemquad.student.training.computed_once", untouched)
    plain = fine_tune(phases, READER, alone, 1, tmp_path / "plain")
    assert [entry["loss"] for entry in once] == pytest.approx([entry["loss"] for entry in plain], abs=1e-4)
    weights = [load_file(tmp_path / name / "model.safetensors") for name in ("once", "plain")]
    changed = {name for name, value in weights[0].items() if not torch.equal(value, weights[1][name])}
    assert not any("embed" in name or ".0." in name for name in changed)
    for name in changed:
        assert torch.allclose(weights[0][name], weights[1][name], atol=1e-3), name


@contextmanager
def untouched(*args: object) -> Iterator[None]:
    yield


def test_frozen_dropout_is_off_in_training(tokenizer: PreTrainedTokenizerFast) -> None:
    config = tiny_encoder(tokenizer, hidden_dropout_prob=0.5)
    model = AutoModelForQuestionAnswering.from_config(config).train()
    train_only_top(model, 1)
    with computed_once(model, torch.float32):
        given = [logits(model), logits(model)]
    model.roberta.encoder.layer[1].eval()
    with computed_once(model, torch.float32):
        assert torch.equal(logits(model), logits(model))
    assert not torch.equal(*given)  # what is trained has its dropout


@pytest.mark.parametrize("layers", [None, 2])
def test_with_nothing_frozen_below_nothing_changes(layers: int | None, tiny_gemma: Path, tmp_path: Path) -> None:
    model, _ = load_pretrained(ModelSource(str(tiny_gemma)), READER, 1)
    train_only_top(model, layers)
    with computed_once(model, torch.float32):
        logits(model)
    assert not (tmp_path / "cache").exists()


def entries(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache" / "features").rglob("*.val"))


def test_a_damaged_entry_is_computed_again(tmp_path: Path) -> None:
    store = Features.opened()
    store.put(b"key", b"v" * 100_000)
    (file,) = entries(tmp_path)
    for damaged in (file.read_bytes()[:50_000], b"", file.read_bytes()[:-1] + b"w"):
        file.write_bytes(damaged)
        assert store.get(b"key") is None
    file.unlink()
    assert store.get(b"key") is None
    store.put(b"key", b"w")
    assert store.get(b"key") == b"w"


def test_a_file_that_claims_to_be_more_than_bytes_is_not_read(tmp_path: Path) -> None:
    import diskcache

    with diskcache.Cache(str(tmp_path / "cache" / "features")) as plain:
        plain.set(b"key", {"an": "object"})
    assert Features.opened().get(b"key") is None


def test_the_store_stays_within_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LIMIT, "0.002")
    store = Features.opened()
    for number in range(40):
        store.put(str(number).encode(), bytes(100_000))
        assert store.get(b"0") is not None  # in use, so it stays
    assert sum(file.stat().st_size for file in entries(tmp_path)) < 2.2e6
    assert store.get(b"1") is None


def test_a_bound_of_nothing_keeps_nothing_and_no_number_is_a_user_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LIMIT, "0")
    store = Features.opened()
    store.put(b"key", b"value")
    assert store.get(b"key") is None and not (tmp_path / "cache").exists()
    monkeypatch.setenv(LIMIT, "plenty")
    with pytest.raises(UserError, match="GEMQUAD_FEATURES_GB is 'plenty', not a number of gigabytes"):
        Features.opened()


def test_a_damaged_store_is_said_once_and_done_without(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "cache" / "features"
    folder.mkdir(parents=True)
    (folder / "cache.db").write_bytes(b"no database" * 1000)
    store = Features.opened()
    store.put(b"key", b"value")
    assert store.get(b"key") is None
    said = capsys.readouterr().err
    assert said.count("warning: what frozen layers compute is not kept") == 1 and "Delete" in said


def _write(number: int) -> None:
    store = Features.opened()
    for key in range(60):
        store.put(str(key % 20).encode(), bytes([key % 20]) * 50_000)
        store.get(str(number).encode())


def test_two_processes_share_a_store() -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_write, args=(number,)) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    store = Features.opened()
    assert [store.get(str(key).encode()) for key in range(20)] == [bytes([key]) * 50_000 for key in range(20)]


def test_in_bf16_the_frozen_part_alone_changes_its_precision(settings: Student) -> None:
    model = loaded(settings)
    plain = logits(model)
    for _ in range(2):  # computed, then kept
        with computed_once(model, torch.bfloat16):
            assert {one.dtype for one in model.parameters() if one.requires_grad} == {torch.float32}
            assert logits(model) == pytest.approx(plain, abs=0.05)
    assert torch.equal(logits(model), plain)
