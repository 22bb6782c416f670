"""`gemquad doctor` on this machine, on broken settings, and on settings that this machine cannot serve."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from transformers import AutoModelForCausalLM, Gemma3TextConfig
from typer import Exit

from gemquad.commands.doctor import doctor as command
from gemquad.credentials import shown_address
from gemquad.doctor.checks import _data, _fits, _generator, _services, _student, doctor, usable
from gemquad.doctor.finding import Finding, answer, hub
from gemquad.doctor.forecast import read_data
from gemquad.doctor.models import config_of, empty_model, generation_memory, halved, saved_bytes, training_memory
from gemquad.errors import UserError
from gemquad.params import LanguageFiles, ModelSource, Params, load_params
from local_server import listening

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def params() -> Params:
    return load_params(ROOT / "params.yaml")


@pytest.fixture
def tiny(params: Params, tiny_gemma: Path) -> Params:
    """The same with a tiny model of two layers."""
    model = ModelSource(str(tiny_gemma))
    student = replace(params.student, model=model, layers=None, trainable_layers=1)
    return replace(params, generator=model, student=student)


@pytest.fixture
def known(tiny: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    """params.yaml names the tiny model, and its speed is known."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("gemquad.doctor.checks.load_params", lambda _: tiny)
    monkeypatch.setattr("gemquad.doctor.checks.forecast", lambda *_: {"generate": 61.0})


def test_the_settings_are_described_line_by_line(known: None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Exit) as ended:
        command()
    lines = [line for line in capsys.readouterr().out.splitlines() if line[:5].strip()]
    topics = [line[6:].split(":")[0] for line in lines]
    assert topics[:6] == ["parameters", "MLflow", "data", "student", "students", "generator"]
    assert topics[-3:] == ["time", "time of generate", "more"]
    assert ended.value.exit_code == 0


def test_one_thing_amiss_hides_nothing_but_the_time(known: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gemquad.doctor.checks.read_data", refusing)
    found = {finding.topic: finding for finding in doctor(ROOT)}
    assert found["data"] == Finding("fail", "data", "dev.json is missing.")
    assert {"student", "generator"} <= found.keys() and "time" not in found


def refusing(*_: object) -> None:
    raise UserError("dev.json is missing.")


def test_what_keeps_the_time_unknown_is_said(known: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def forecast(*_: object) -> dict[str, float]:
        raise RuntimeError("out of memory\nTried to allocate")

    monkeypatch.setattr("gemquad.doctor.checks.forecast", forecast)
    *_, said, _ = doctor(ROOT)
    assert said == Finding("warn", "time", "not known: out of memory")


def test_outside_a_checkout_it_says_what_is_missing_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Exit) as ended:
        command(as_json=True)
    said = json.loads(capsys.readouterr().out)
    (only,) = said["findings"]
    assert ended.value.exit_code == 1 and said["usable"] is False
    assert (only["level"], only["topic"], only["advice"]) == ("fail", "parameters", "gemquad compose")


def test_bad_parameters_are_named(tmp_path: Path) -> None:
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(text.replace("patience: 2", "patience: 0"), encoding="utf-8")
    (only,) = doctor(tmp_path)
    assert not usable([only]) and "stopping.patience is out of range" in only.found


def test_an_experiment_is_described_before_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Params] = []
    monkeypatch.setattr("gemquad.doctor.checks._services", lambda params: asked.append(params) or iter(()))
    for name in ("_data", "_student", "_generator", "_time"):
        monkeypatch.setattr(f"gemquad.doctor.checks.{name}", lambda *_: iter(()))
    before = (ROOT / "params.yaml").read_bytes()
    first, *_ = doctor(ROOT, ["experiment=quick", "student.epochs=7"])
    assert first == Finding("ok", "parameters", f"{ROOT}/conf with experiment=quick student.epochs=7 is valid")
    assert (asked[0].lang, asked[0].stopping.max_rounds, asked[0].student.epochs) == (["es"], 1, 7)
    assert (ROOT / "params.yaml").read_bytes() == before
    (only,) = doctor(ROOT, ["student.epoch=7"])
    assert only.level == "fail" and "student.epoch" in only.found


def test_a_line_has_mark_topic_and_advice() -> None:
    assert Finding("warn", "disk", "little", "make room").lines() == "warn  disk: little\n      → make room"


@pytest.fixture
def answering() -> Iterator[str]:
    """The address of a server that answers 404 to everything."""

    class Quiet(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with listening(HTTPServer(("127.0.0.1", 0), Quiet)) as address:
        yield address


@pytest.fixture
def nowhere() -> str:
    """An address at which nothing listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


def test_a_server_is_asked_only_where_the_backend_has_one(
    params: Params, answering: str, nowhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = replace(params, backend=replace(params.backend, name="openai"))
    assert [finding.topic for finding in _services(params)] == ["MLflow"]
    monkeypatch.setenv("OPENAI_BASE_URL", f"{answering}/v1?key=secret".replace("//127", "//ana:secret@127"))
    assert list(_services(served))[1] == Finding("ok", "server", f"{answering}/v1 answers")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{nowhere}/v1")
    gone = list(_services(served))[1]
    assert gone.level == "fail" and gone.found == f"{nowhere}/v1 does not answer within two seconds"
    monkeypatch.delenv("OPENAI_BASE_URL")
    unset = list(_services(served))[1]
    assert unset.level == "fail" and "OPENAI_BASE_URL" in unset.advice
    assert list(_generator(served)) == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://ana:p@ss@host:8000/v1", "https://host:8000/v1"),
        ("postgresql+psycopg://ana:pass@host/runs", "postgresql+psycopg://host/runs"),
        ("https://host/v1?api-key=sk-secret#x", "https://host/v1"),
        ("ana:pass@host/v1", "host/v1"),
        ("sqlite:////home/ana/mlflow.db", "sqlite:////home/ana/mlflow.db"),
        ("http://ana:se/cret@host", "the address that is set"),
        ("http://ana:se?cret@host", "the address that is set"),
        ("http://host?password=a@secret", "the address that is set"),
        ("http:/ana:secret@host", "the address that is set"),
        ("http://host/\nsecret", "the address that is set"),
    ],
)
def test_passwords_are_not_shown(url: str, expected: str) -> None:
    assert shown_address(url) == expected


@pytest.mark.parametrize(
    "url", ["http://[ana:secret@", "http://ana:secret@a..b", "http://ana:secret@h:x", "secret@", ""]
)
def test_a_malformed_address_is_a_finding(url: str) -> None:
    said = answer("server", url, "mend it")
    assert said.level == "fail" and "secret" not in said.lines()


@pytest.mark.parametrize("uri", ["postgresql://ana:secret@127.0.0.1/runs", "http://ana:secret@127.0.0.1:9"])
def test_the_password_of_a_store_is_not_shown(uri: str, params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    (said,) = _services(params)
    assert said.topic == "MLflow" and "secret" not in said.lines()


def test_the_hub_is_asked_once_and_may_be_away(
    answering: str, nowhere: str, params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", answering.replace("//", "//ana:secret@"))
    hub.cache_clear()
    assert hub() == Finding("ok", "hub", f"{answering} answers")
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", nowhere)
    assert hub().level == "ok"
    hub.cache_clear()
    fetching = replace(params, fetches={"xquad-es": "xquad"})
    _, asked, waiting = _data(fetching, ROOT, {})
    assert (asked.level, asked.topic) == ("warn", "hub") and "HF_HOME" in asked.advice
    assert waiting.level == "warn" and waiting.found.endswith("xquad-es")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    hub.cache_clear()
    assert hub().level == "warn"
    hub.cache_clear()


def test_data_that_a_stage_would_refuse_are_found(params: Params, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"data/sample/gold.en.json, .*data/sample/dev.es.json, .*-S data.gold=FILE"):
        read_data(params, tmp_path)
    bad = tmp_path / "bad.json"
    bad.write_text("[", encoding="utf-8")
    with pytest.raises(UserError, match=r"bad\.json"):
        read_data(replace(params, data=replace(params.data, sources={"gold": str(bad)})), ROOT)
    with pytest.raises(UserError, match="language 'de' has no exemplars"):
        read_data(replace(params, lang=["de"]), ROOT)
    empty = {**params.data.languages, "es": LanguageFiles()}
    with pytest.raises(UserError, match="language 'es' has no"):
        read_data(replace(params, data=replace(params.data, languages=empty)), ROOT)
    assert len(read_data(params, ROOT)) == len(params.data.sources)


def test_models_are_found_in_a_folder_and_missed_elsewhere(
    tiny: Params, tiny_gemma: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert config_of(tiny.generator).num_hidden_layers == 2
    (tmp_path / "config.json").write_bytes((tiny_gemma / "config.json").read_bytes())
    with pytest.raises(UserError, match="its weights are neither here"):
        config_of(ModelSource(str(tmp_path)))
    (tmp_path / "model.safetensors").touch()
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(UserError, match="JSON"):
        config_of(ModelSource(str(tmp_path)))
    with pytest.raises(UserError, match="pip install no-such-wheel"):
        config_of(ModelSource("m", wheel="no_such_wheel_part", parts=2, sha256="0" * 64, install="no-such-wheel"))
    with pytest.raises(UserError, match=r"not to be had.*-S student=gemma-270m"):
        config_of(ModelSource("nobody/nothing/at/all"))
    more = replace(tiny, student=replace(tiny.student, trainable_layers=7))
    with pytest.raises(UserError, match="trainable_layers is 7, but the model has 2"):
        list(_student(more, ROOT))


def test_memory_is_that_of_the_shape(params: Params, tmp_path: Path) -> None:

    shape = {"hidden_size": 640, "num_hidden_layers": 18, "num_attention_heads": 4, "num_key_value_heads": 1}
    Gemma3TextConfig(**shape, head_dim=256, intermediate_size=2048, vocab_size=262_144).save_pretrained(tmp_path)
    (tmp_path / "model.safetensors").touch()
    model = empty_model(AutoModelForCausalLM, ModelSource(str(tmp_path)))
    assert model.num_parameters() == 268_098_176
    model.requires_grad_(False)
    for layer in model.model.layers[9:]:
        layer.requires_grad_(True)
    student = replace(params.student, trainable_layers=9)
    assert 0.8 * 3.3 < training_memory(model, student, 8) / 2**30 < 1.4 * 3.3, "measured: 3.3 GiB"
    grown = training_memory(model, student, 9) - training_memory(model, student, 8)
    assert grown == 68 * params.student.max_length * 640 * 9
    each = replace(params.generation, dtype="bfloat16")
    assert generation_memory(model, each, 1000) == 6e8 + 2 * (268_098_176 + 1000 * 18 * 2 * 256)
    fewer = empty_model(AutoModelForCausalLM, ModelSource(str(tmp_path)), layers=9)
    assert fewer.num_parameters() < model.num_parameters() - 9 * 5e6


def test_students_take_disk(tiny: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    _, room = _student(tiny, ROOT)
    assert room.level == "ok" and room.found.startswith("3 of ")
    _, without_gold = _student(replace(tiny, data=replace(tiny.data, gold=None)), ROOT)
    assert without_gold.found.startswith("5 of ")
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10))
    _, full = _student(tiny, ROOT)
    assert full.level == "fail" and "dvc gc" in full.advice


def test_trainings_to_compare_with_are_counted_before_they_run(tiny: Params) -> None:
    compared = replace(tiny, comparisons=["random-13", "random-14", "combined-13"])
    *_, said = _student(compared, ROOT)
    assert said.level == "warn"
    assert said.found == "3 to compare with, beside the 3 of the rounds"
    assert said.advice == "fewer comparison.systems, or -S 'comparison.seeds=[13]'"


def test_a_saved_student_is_as_large_as_its_trained_weights_and_a_bf16_checkpoints_frozen_ones() -> None:
    config = Gemma3TextConfig(vocab_size=100, hidden_size=8, num_hidden_layers=1, tie_word_embeddings=True)
    for dtype, size in ((torch.bfloat16, 2), (torch.float32, 4)):
        model = AutoModelForCausalLM.from_config(config, dtype=dtype)
        model.requires_grad_(False)
        model.get_input_embeddings().requires_grad_(True)
        frozen = model.num_parameters() - 800
        assert saved_bytes(model, torch.float32) == 4 * 800 + size * frozen
        assert saved_bytes(model, torch.bfloat16) == 2 * 800 + 2 * frozen


def test_vllm_needs_a_gpu(tiny: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    (said,) = _generator(replace(tiny, backend=replace(tiny.backend, name="vllm")))
    assert said.level == "fail" and "needs a GPU" in said.found


def test_the_setting_that_fits_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (limit := tmp_path / "memory.max").write_text("100\n")
    monkeypatch.setattr("gemquad.doctor.checks._CONTAINER", limit)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    fits = _fits("student", "m", "student.batch_size", 16, lambda batch: 5.0 * batch)
    assert fits == Finding("ok", "student", "m takes roughly 80 bytes of 100 bytes of memory")
    halves = _fits("student", "m", "student.batch_size", 16, lambda batch: 10.0 * batch)
    assert (halves.level, halves.advice) == ("warn", "-S student.batch_size=8")
    never = _fits("student", "m", "student.batch_size", 16, lambda batch: 90.0)
    assert never.level == "warn" and "a smaller model" in never.advice
    assert halved(16, lambda batch: 10.0 * batch, room=45) == 4


def test_data_are_read_once_for_what_is_said_of_them_and_for_the_time(
    known: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Params] = []
    timed: list[dict[str, list[str]]] = []
    monkeypatch.setattr("gemquad.doctor.checks.read_data", lambda params, _: read.append(params) or {"gold": ["q"]})
    monkeypatch.setattr("gemquad.doctor.checks.forecast", lambda _, records: timed.append(records) or {"generate": 1.0})
    assert all(finding.level == "ok" for finding in doctor(ROOT))
    assert len(read) == 1 and timed == [{"gold": ["q"]}]
