import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import httpx2 as httpx
import pandas as pd
import psutil
import pytest
import yaml
from filelock import FileLock
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository
from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as RegistryStore
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as TrackingStore
from sqlalchemy import event
from sqlalchemy.engine import Engine

from conftest import ROOT, made_once
from gemquad.copying import link_or_copy_files
from gemquad.errors import UserError
from gemquad.files import write_json, write_result, write_text
from gemquad.schema.results import (
    DECISION,
    GAINS,
    GENERATION,
    GENERATION_TIME,
    INTERVALS,
    SCORES,
    SELECTION,
    SILVER,
    Decision,
    GenerationCounts,
    GenerationSpeed,
    GenerationSummary,
    GenerationTime,
    Interval,
    Intervals,
    LanguageGeneration,
    Score,
    Selection,
    SilverCounts,
    SystemScores,
)
from gemquad.tracking.live import LiveRun
from gemquad.tracking.page import listening
from gemquad.tracking.register import register
from gemquad.tracking.rounds import log_round
from gemquad.tracking.state import PipelineState
from gemquad.tracking.store import default_tracking_uri, opened
from gemquad.tracking.values import digest, readable
from gemquad.tracking.view import VIEW, packed, shared_view
from gemquad.workspace import Workspace

pytest_plugins = ["tiny_students"]

TOTAL = GenerationCounts(
    prompts=11,
    outcomes={"ok": 9, "no question mark": 2},
    synthetic_pairs=9,
    prompt_tokens=90,
    completion_tokens=30,
    judged_tokens=8,
    cost=0.5,
    cost_per_pair=0.1,
)
GENERATED = GenerationSummary(
    completions="abc",
    languages={"es": LanguageGeneration(**asdict(TOTAL), facts={}, warnings=[])},
    total=TOTAL,
    generator={"backend": "transformers", "promises": {"seeds": True}},
)
TIMING = GenerationTime("abc", GenerationSpeed(4.0, 30.0, 7.5, 135.0, 0.5, 0.1))
CURVE = [{"phase": "gold", "step": step, "loss": 1.0 / step, "learning_rate": 9.23456e-5} for step in (1, 2)]
CURVE.append({"phase": "silver", "step": 3, "loss": 0.25, "learning_rate": 0.0})
LOCK = {
    "stages": {
        "prepare": {
            "outs": [
                {"path": "data/prepared/gold.parquet", "md5": "aa", "size": 1},
                {"path": "data/prepared/test.parquet", "md5": "dd", "size": 1},
            ]
        },
        "generate": {"params": {"code.lock.yaml": {"generate": "code of generate"}}},
        "filter@1": {"outs": [{"path": "data/rounds/1/silver.parquet", "md5": "cc", "size": 1}]},
        "finetune@1": {"outs": [{"path": "models/students/round-1", "md5": "ee.dir", "size": 536, "nfiles": 3}]},
    }
}
STUDENT = {
    "inputs": [{"name": "question", "type": "string"}, {"name": "passage", "type": "string"}],
    "outputs": [{"name": "answer", "type": "string"}],
    "example": {"question": "¿Dónde?", "passage": "Lima."},
}
PROMPTS = pd.DataFrame(
    [
        {
            "id": f"p{n}",
            "language": "es",
            "prompt": "¿?",
            "temperature": 1.0,
            "top_k": 10,
            "top_p": 0.9,
            "seed": n,
            "completion": "Lima",
            "outcome": outcome,
        }
        for n, outcome in enumerate(("ok", "ok", "no question mark"))
    ]
)


@pytest.fixture(scope="module", autouse=True)
def unsynchronised() -> Iterator[None]:
    """SQLite does not wait for the disk at every commit: no test survives a power cut."""

    def connected(connection: sqlite3.Connection, _: object) -> None:
        with suppress(sqlite3.DatabaseError):
            connection.execute("PRAGMA synchronous=OFF")

    event.listen(Engine, "connect", connected)
    yield
    event.remove(Engine, "connect", connected)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite store with MLflow's tables, which take it more than a second to make."""

    def make(folder: Path) -> None:
        folder.mkdir()
        MlflowClient(tracking_uri=f"sqlite:///{folder / 'mlflow.db'}").search_experiments()

    return made_once(tmp_path_factory, "empty-store", make) / "mlflow.db"


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_store: Path) -> Path:
    """A run of a baseline and a round, which is the better one, with all its files."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")  # MLflow sets it; it is restored afterwards
    monkeypatch.delenv("DVC_EXP_NAME", raising=False)
    monkeypatch.delenv("GEMQUAD_LIVE", raising=False)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    shutil.copy(empty_store, tmp_path / "mlflow.db")
    write_text(
        Path("params.yaml"), "lang: [es]\ntask: {name: qa}\nstopping: {patience: 1}\nrounds: {'1': {previous: 0}}\n"
    )
    write_text(Path("dvc.lock"), yaml.safe_dump(LOCK))
    write_text(Path("code.lock.yaml"), yaml.safe_dump({"generate": "code of generate", "report": "of no matter"}))
    files = Workspace()
    bounded = {"f1": Interval(51.23456, 40.0, 60.0), "exact_match": Interval(30.0, 20.0, 40.0)}
    for number in (0, 1):
        own = files.round(number)
        values = {"f1": 50.0 + number + 0.23456, "exact_match": 30.0, "examples": 3}
        write_result(own.scores, SCORES, {"dev": {"es": values}, "test": {"es": values}})
        write_result(own.silver_counts, SILVER, {"es": SilverCounts(9, 4, 2)} if number else {})
        write_json(own.curve, CURVE)
        decide(number, "going on")
    write_json(files.best / "gemquad.json", STUDENT)
    write_result(files.generation, GENERATION, GENERATED)
    write_result(files.generation_time, GENERATION_TIME, TIMING)
    scores = {"dev": {"es": Score(3, 3, bounded)}, "test": {"es": Score(3, 3, bounded)}}
    every = {"f1": Interval(52.5, 45.0, 60.0), "exact_match": Interval(31.0, 25.0, 37.0)}
    scores["test"]["all"] = Score(6, 6, every)
    systems = [SystemScores(name, "", [13], {"gold": 1}, scores) for name in ("baseline", "round-1")]
    write_result(files.intervals, INTERVALS, Intervals(systems, []))
    gains = {"f1": Interval(9.12345, 1.0, 17.0), "exact_match": Interval(2.0, -1.0, 5.0)}
    write_result(files.gains, GAINS, {"round-1": {"es": gains}})
    select(1, 60.0)
    for path, text in ((files.summary, "summary"), (files.page, "page"), (files.model_card, "---\na: 1\n---\ncard")):
        write_text(path, text)
    return tmp_path


def decide(number: int, reason: str) -> None:
    write_result(Workspace().round(number).decision, DECISION, Decision(False, reason, []))


def select(number: int, dev_score: float) -> None:
    selection = Selection(
        number,
        dev_score,
        stopped="round 1: the only round (stopping.max_rounds)",
        system=f"round-{number}" if number else "baseline",
    )
    write_result(Workspace().selection, SELECTION, selection)


def log(number: int) -> None:
    log_round(number, Workspace())


def finish(tables: dict[int, dict[str, pd.DataFrame]] | None = None) -> None:
    default = {number: {"mistakes_on_dev": pd.DataFrame([{"expected": "Lima"}])} for number in (0, 1)}
    register(Workspace(), default if tables is None else tables, PROMPTS)


def log_and_finish() -> None:
    log(1)
    finish({1: {"mistakes_on_dev": pd.DataFrame()}})


def settings(**changes: object) -> None:
    """Make params.yaml that of another pipeline state."""
    params = yaml.safe_load(Path("params.yaml").read_text())
    Path("params.yaml").write_text(yaml.safe_dump({**params, **changes}))


def client() -> MlflowClient:
    return MlflowClient(default_tracking_uri())


def versions() -> dict[str, ModelVersion]:
    return {str(version.version): version for version in client().search_model_versions("name = 'gemquad-qa-es'")}


def aliases() -> dict[str, str]:
    found = client().get_registered_model("gemquad-qa-es").aliases
    return {alias: str(version) for alias, version in found.items()}


def runs() -> list[Run]:
    return list(client().search_runs([client().get_experiment_by_name("gemquad").experiment_id]))


def by_round() -> dict[str, Run]:
    found = runs()
    rounds = {run.data.tags["gemquad.round"]: run for run in found}
    assert len(rounds) == len(found), "a round is logged twice"
    return rounds


def history(run: Run, metric: str) -> list[tuple[int, float]]:
    return [(point.step, point.value) for point in client().get_metric_history(run.info.run_id, metric)]


def test_logging_twice_leaves_one_parent_and_one_child(pipeline: Path) -> None:
    for _ in range(2):
        log(0)
        log(1)
    rounds = by_round()
    assert set(rounds) == {"parent", "0", "1"}
    assert history(rounds["parent"], "rounds/dev_f1_es") == [(0, 50.23), (1, 51.23)]
    assert history(rounds["1"], "training/loss_gold") == [(1, 1.0), (2, 0.5)]
    assert history(rounds["1"], "training/learning_rate") == [(1, 9.235e-05), (2, 9.235e-05), (3, 0.0)]
    assert rounds["1"].info.run_name == "round-1" and rounds["1"].data.metrics["silver_es"] == 4
    assert rounds["1"].data.tags["mlflow.parentRunId"] == rounds["parent"].info.run_id
    assert rounds["parent"].info.run_name == f"gemquad-qa-es · {PipelineState.read(Workspace()).fingerprint[:8]}"
    params = rounds["parent"].data.params
    assert params["stopping.patience"] == "1" and not any(name.startswith("rounds") for name in params)


def test_a_round_refers_to_its_student_and_copies_nothing_of_it(pipeline: Path) -> None:
    log(1)
    child = by_round()["1"]
    told = json.loads(child.data.tags["gemquad.student"])
    assert told == {"path": "models/students/round-1", "md5": "ee.dir", "size": 536}
    assert not client().list_artifacts(child.info.run_id)
    assert not client().search_logged_models([child.info.experiment_id])


def test_what_is_complete_stays_and_what_changed_is_replaced(pipeline: Path) -> None:
    log(1)
    first = by_round()["1"].info.run_id
    log(1)
    assert by_round()["1"].info.run_id == first
    decide(1, "another")
    log(1)
    second = by_round()["1"]
    assert second.info.run_id != first and second.data.tags["gemquad.decision"] == "another"


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


@contextmanager
def killed_at_write(number: int, patch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """From this write on nothing reaches MLflow: what a process leaves that is killed there. Yields the writes."""
    written: list[str] = []

    def until_killed(owner: type, name: str) -> None:
        method = getattr(owner, name)

        def write(*args: object, **kwargs: object) -> object:
            written.append(name)
            if len(written) >= number:
                raise Killed
            return method(*args, **kwargs)

        patch.setattr(owner, name, write)

    with patch.context() as patch:
        for owner in (TrackingStore, RegistryStore, LocalArtifactRepository):
            for name in dir(owner):
                if name.startswith(("create_", "delete_", "finalize_", "log_", "set_", "start_", "update_")):
                    until_killed(owner, name)
        with suppress(Killed):
            yield written


def test_a_kill_before_any_write_is_completed_by_the_next_call(pipeline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every third write; each time in another state, so that one store has them all."""
    (pipeline / "code").mkdir()
    monkeypatch.setattr("gemquad.tracking.model.gemquad", SimpleNamespace(__file__=str(pipeline / "code/code.py")))
    for number in count(1, 3):
        settings(seed=number)
        follow("round-1")
        with killed_at_write(number, monkeypatch) as written:
            log_and_finish()
        log_and_finish()
        assert_logged_once(str(number))
        if len(written) < number:
            break
    assert number > 36 and not {run.info.status for run in runs()} - {"FINISHED"}


def assert_logged_once(seed: str) -> None:
    of_state = [run for run in runs() if run.data.params.get("seed", seed) == seed]
    rounds = {run.data.tags["gemquad.round"]: run for run in of_state}
    assert set(rounds) == {"parent", "1"} and len(of_state) == 2, of_state
    child = rounds["1"]
    (model,) = client().search_logged_models(
        [child.info.experiment_id], filter_string=f"source_run_id = '{child.info.run_id}'"
    )
    assert model.status == "READY"
    assert Path(model.artifact_location.removeprefix("file://"), "artifacts/gemquad.json").exists()
    (version,) = [one for one in versions().values() if one.run_id == child.info.run_id]
    assert version.source == f"models:/{model.model_id}" and aliases()["current"] == str(version.version)
    assert history(rounds["parent"], "rounds/dev_f1_es") == history(child, "dev_f1_es") == [(1, 51.23)]
    assert history(rounds["parent"], "gain_f1_es") == [(0, 9.123)]
    assert history(child, "training/loss_gold") == [(1, 1.0), (2, 0.5)]
    assert [step for step, _ in history(child, "interval/dev_exact_match_es_high")] == [1], (
        "a value that is not a number"
    )
    traces = client().search_traces(locations=[child.info.experiment_id], run_id=rounds["parent"].info.run_id)
    assert sorted(trace.info.tags["mlflow.traceName"] for trace in traces) == ["p0", "p1", "p2"]
    assert "IN_PROGRESS" not in {trace.info.state for trace in traces}


def test_two_pipelines_of_one_state_at_once_share_a_parent(pipeline: Path) -> None:
    program = """
import sys
from gemquad.tracking.rounds import log_round
from gemquad.workspace import Workspace
log_round(int(sys.argv[1]), Workspace())"""
    (pipeline / "mlflow.db").unlink()  # both find no store at all
    both = [subprocess.Popen([sys.executable, "-c", program, number]) for number in ("0", "1")]
    assert [process.wait() for process in both] == [0, 0]
    assert set(by_round()) == {"parent", "0", "1"}


def test_of_two_parents_made_at_once_the_older_stays(pipeline: Path) -> None:
    state = PipelineState.read(Workspace())
    with opened(state) as store:
        first = store.parent()
        tags = {"gemquad.fingerprint": state.fingerprint, "gemquad.round": "parent"}
        store.client.create_run(store.experiment, tags=tags, start_time=2**41)
        assert store.parent() == first


def test_data_sets_are_known_by_their_dvc_hashes(pipeline: Path) -> None:
    log(1)
    inputs = {
        one.dataset.name: (one.dataset.digest, one.tags[0].value) for one in by_round()["1"].inputs.dataset_inputs
    }
    assert inputs == {
        "gold": ("aa", "training"),
        "test": ("dd", "evaluation"),
        "silver": ("cc", "training"),
    }


def test_the_registered_model_carries_code_signature_example_and_scores(pipeline: Path) -> None:
    log(0)
    log(1)
    finish()
    experiment = client().get_experiment_by_name("gemquad").experiment_id
    (model,) = client().search_logged_models([experiment], order_by=[{"field_name": "metrics.dev_f1_es"}])
    assert model.source_run_id == by_round()["1"].info.run_id
    assert {metric.key: metric.value for metric in model.metrics}["dev_f1_es"] == 51.23
    folder = Path(model.artifact_location.removeprefix("file://"))
    assert folder.is_relative_to(pipeline / "mlartifacts")
    described = yaml.safe_load((folder / "MLmodel").read_text())
    assert json.loads(described["signature"]["inputs"])[1]["name"] == "passage"
    assert (folder / "code/gemquad/student/model.py").exists() and (folder / "artifacts/gemquad.json").exists()
    requirements = (folder / "requirements.txt").read_text()
    assert "torch==" in requirements and "+" not in requirements, "versions that every index has"
    assert json.loads((folder / "input_example.json").read_text())["data"] == [["¿Dónde?", "Lima."]]


def inodes(*folders: str) -> dict[int, int]:
    """The size of every file below these folders once, however often it is linked."""
    files = [path for folder in folders for path in Path(folder).rglob("*") if path.is_file()]
    return {path.stat().st_ino: path.stat().st_size for path in files}


def test_weights_stand_on_disk_once_and_the_registered_student_answers(
    pipeline: Path, student: Callable[[str, str], Path]
) -> None:
    """With DVC's cache beside, which then is gone, as is everything of the checkout but MLflow's store."""
    files = Workspace()
    for number in (0, 1):
        folder = files.round(number).student
        shutil.copytree(student("questions", "gemma"), folder)
        (folder / "weights.bin").write_bytes(os.urandom(16_000_000))  # the tiny student's own are less than the code
    shutil.rmtree(files.best)
    link_or_copy_files(files.round(1).student, files.best)
    kept = sum(inodes("models").values())
    shutil.copytree(ROOT / ".dvc", ".dvc", ignore=shutil.ignore_patterns("cache", "tmp", "config.local"))
    folders = ["models/students/round-0", "models/students/round-1", "models/best"]
    for command in (["config", "core.no_scm", "true"], ["add", *folders]):
        subprocess.run([sys.executable, "-m", "dvc", *command, "-q"], check=True)
    log(0)
    log(1)
    for _ in range(2):
        finish()
    assert sum(inodes("models", ".dvc", "mlartifacts").values()) <= 1.1 * kept
    (weights,) = Path("mlartifacts").rglob("weights.bin")
    assert weights.samefile("models/best/weights.bin") and not weights.stat().st_mode & 0o222
    for gone in (".dvc", "models", "data"):
        shutil.rmtree(gone)
    program = """
import sys, mlflow
mlflow.set_tracking_uri(sys.argv[1])
student = mlflow.pyfunc.load_model("models:/gemquad-qa-es@champion")
print(student.predict([{"question": "¿Dónde vive Ana?", "passage": "Ana vive en Lima."}])["answer"][0])"""
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-P", "-c", program, default_tracking_uri()]
    said = subprocess.run(command, cwd=pipeline.parent, env=alone, capture_output=True, text=True, check=True).stdout
    assert said.split()[-1] in "Ana vive en Lima."


def test_a_student_that_can_be_written_is_copied(pipeline: Path) -> None:
    """Outside DVC's cache, or where it does not link: what is written to the student later must not reach the registered one."""
    log_and_finish()
    (stored,) = Path("mlartifacts").rglob("artifacts/gemquad.json")
    assert not stored.samefile("models/best/gemquad.json")


def test_settings_are_logged_whatever_they_are_called_and_however_long(pipeline: Path) -> None:
    labels = {"R&D": "1", "C++": "2", "肯定": "3", "x" * 300: "4", "/a//b/": "5"}
    settings(task={"name": "qa", "labels": labels, "words": ["w" * 7000]})
    log(0)
    log(0)
    logged = {name: value for name, value in by_round()["0"].data.params.items() if name.startswith("task.")}
    assert logged.pop("task.name") == "qa" and len(logged.pop("task.words")) == 6000
    long = next(name for name in logged if "xxx" in name)
    assert len(long) == 250 and logged.pop(long) == "4"
    assert logged == {
        "task.labels.R_26_D": "1",
        "task.labels.C_2b__2b_": "2",
        "task.labels.肯定": "3",
        "task.labels._2f_a_2f__2f_b_2f_": "5",
    }
    assert "params.yaml" in [file.path for file in client().list_artifacts(by_round()["parent"].info.run_id)]


def test_parameters_name_no_files(pipeline: Path) -> None:
    model = {"name": "gemma", "sha256": "a5fd", "wheel": "part", "parts": 4, "install": "gemma==1"}
    languages = {"es": {"dev": "data/dev.es.json"}}
    tuning = {"epochs": 1, "accepted": "data/rounds/0/silver.parquet"}
    settings(data={"gold": "gold.json", "gold_language": "en", "languages": languages}, generator=model, tuning=tuning)
    log(0)
    logged = {name for name in by_round()["0"].data.params if name.startswith(("data", "generator", "tuning"))}
    assert logged == {"data.gold_language", "generator.name", "tuning.epochs"}


def test_what_generation_took_is_of_the_parent_unless_it_speaks_of_other_completions(pipeline: Path) -> None:
    log(0)
    log(1)
    parent, child = by_round()["parent"], by_round()["1"]
    logged = {name: value for name, value in parent.data.metrics.items() if name.startswith("generation")}
    assert logged == {"generation/pairs_es": 9, "generation/seconds": 4.0, "generation/cost": 0.5}
    assert "generation.json" in [file.path for file in client().list_artifacts(parent.info.run_id)]
    assert not any(name.startswith("generation") for name in child.data.metrics)
    write_result(Workspace().generation_time, GENERATION_TIME, replace(TIMING, completions="of another run"))
    settings(seed=2)
    log(0)
    (other,) = [
        run for run in runs() if run.data.params.get("seed") == "2" and run.data.tags["gemquad.round"] == "parent"
    ]
    assert [name for name in other.data.metrics if name.startswith("generation")] == ["generation/pairs_es"]


def test_a_cost_of_nothing_is_no_metric(pipeline: Path) -> None:
    free = replace(TIMING, time=replace(TIMING.time, cost_with_hours=0.0))
    write_result(Workspace().generation_time, GENERATION_TIME, free)
    log(0)
    assert "generation/cost" not in by_round()["parent"].data.metrics


def test_the_page_opens_the_runs_and_one_process_serves_it(pipeline: Path) -> None:
    """Where another address than its root is opened, or a browser was there before, it leaves that as it is."""
    client().create_experiment("gemquad", tags={VIEW: packed(shared_view([]))})
    with listening(0) as free:
        port = free.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port} cannot be used: Address already in use. .*--port {port + 1}"):
            listening(port)
    command = [sys.executable, "-c", "from gemquad.cli import main; main()", "ui", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as page:
        try:
            assert page.stdout and f"http://127.0.0.1:{port} " in page.stdout.readline()
            root = httpx.get(f"http://127.0.0.1:{port}/", timeout=60).text
            found = httpx.get(f"http://127.0.0.1:{port}/ajax-api/2.0/mlflow/experiments/get?experiment_id=1").json()
            assert not psutil.Process(page.pid).children()
        finally:
            page.terminate()
        assert page.wait(timeout=20) == 143
    runs = '"#/experiments/1/runs?workflowType=machine_learning&viewStateShareKey=gemquad"'
    assert f"if (location.hash.length < 3) location.replace({runs});" in root
    assert "?? localStorage.setItem(name, value)" in root and '<div id="root"' in root
    assert found["experiment"]["name"] == "gemquad"


def test_the_top_of_a_run_is_a_dozen_metrics_at_most_and_the_parent_shows_the_selected_student(pipeline: Path) -> None:
    """Not the last round."""
    log(0)
    log(1)
    finish()
    rounds = by_round()
    top = {
        run: {name: value for name, value in rounds[run].data.metrics.items() if "/" not in name}
        for run in ("parent", "0", "1")
    }
    gained = {"gain_f1_es": 9.123, "gain_f1_es_low": 1.0, "gain_f1_es_high": 17.0}
    pooled = {"test_f1_all": 52.5, "test_f1_all_low": 45.0, "test_f1_all_high": 60.0}
    assert top["0"] == {"dev_f1_es": 50.23, "test_f1_es": 50.23, **pooled}
    assert top["parent"] == top["1"] == {"dev_f1_es": 51.23, "test_f1_es": 51.23, "silver_es": 4, **gained, **pooled}
    assert rounds["1"].data.metrics["scores/test_exact_match_all"] == 31.0
    assert rounds["parent"].info.run_name.startswith("round-1: es +9.1 · ")
    assert rounds["parent"].data.tags["mlflow.note.content"] == "summary"
    assert rounds["parent"].data.tags["gemquad.selected"] == "round-1"
    assert rounds["1"].data.metrics["interval/gain_exact_match_es_high"] == 5.0
    assert rounds["1"].data.metrics["scores/gain_exact_match_es"] == 2.0
    select(0, 60.0)
    finish()
    parent = by_round()["parent"]
    assert parent.data.metrics["dev_f1_es"] == 50.23 and parent.data.tags["gemquad.selected"] == "baseline"
    tag = client().get_experiment(parent.info.experiment_id).tags["mlflow.sharedViewState.gemquad"]
    assert tag == packed(shared_view(top["1"])), "the gains of rounds too"


def test_the_gain_and_its_interval_are_one_text_of_rounds_and_of_the_run_that_selected_one(pipeline: Path) -> None:
    log(0)
    log(1)
    finish()
    rounds = by_round()
    gains = {of: run.data.tags.get("gemquad.gain_f1_es") for of, run in rounds.items()}
    assert gains == {"parent": "+9.1 (+1.0 to +17.0)", "0": None, "1": "+9.1 (+1.0 to +17.0)"}
    select(0, 60.0)
    finish()
    assert "gemquad.gain_f1_es" not in by_round()["parent"].data.tags


def follow(system: str, finish: bool = True) -> None:
    with LiveRun(system) as live:
        for entry in CURVE:
            live.step(entry)
        if finish:
            live.finished(CURVE)


def test_a_training_that_was_followed_is_the_run_of_its_round(pipeline: Path) -> None:
    follow("round-1")
    live = by_round()["1"]
    assert live.data.tags["gemquad.curve"] == digest(CURVE) and live.info.status == "FINISHED"
    assert live.data.tags["mlflow.parentRunId"] == by_round()["parent"].info.run_id
    log(1)
    child = by_round()["1"]
    assert child.info.run_id == live.info.run_id
    assert history(child, "training/loss_gold") == [(1, 1.0), (2, 0.5)]


def test_a_training_is_followed_while_it_runs(pipeline: Path) -> None:
    with LiveRun("baseline") as live:
        live.step(CURVE[0])
        for _ in range(100):
            run = by_round()["0"]
            if history(run, "training/loss_gold"):
                break
            time.sleep(0.1)
        assert run.info.status == "RUNNING" and history(run, "training/loss_gold") == [(1, 1.0)]


def test_a_training_that_was_interrupted_or_became_another_is_replaced(pipeline: Path) -> None:
    follow("round-1", finish=False)
    with pytest.raises(ValueError), LiveRun("round-1") as live:
        live.step(CURVE[0])
        raise ValueError
    assert by_round()["1"].info.status == "FAILED"
    write_json(Workspace().round(1).curve, [{**CURVE[0], "loss": 7.0}])
    log(1)
    assert history(by_round()["1"], "training/loss_gold") == [(1, 7.0)]


def test_training_again_what_is_complete_leaves_no_second_run(pipeline: Path) -> None:
    log(1)
    follow("round-1")
    log(1)
    assert set(by_round()) == {"parent", "1"}


def test_the_environment_turns_following_off(pipeline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMQUAD_LIVE", "off")
    follow("round-1")
    assert client().get_experiment_by_name("gemquad") is None


def test_the_fingerprint_follows_parameters_code_and_data_but_no_result(pipeline: Path) -> None:
    files = Workspace()
    first = PipelineState.read(files).fingerprint
    assert first == PipelineState.read(files).fingerprint == PipelineState.read(files, is_training=True).fingerprint
    results = json.dumps(LOCK).replace("cc", "bb").replace("ee.dir", "ff.dir")
    files.lock.write_text(results)
    assert PipelineState.read(files).fingerprint == first
    changed = [json.dumps(LOCK).replace("aa", "bb"), json.dumps(LOCK).replace("code of generate", "other code")]
    found = {first}
    for lock in changed:
        files.lock.write_text(lock)
        found.add(PipelineState.read(files).fingerprint)
    settings(seed=2)
    assert len(found | {PipelineState.read(files).fingerprint}) == 4


def test_registering_twice_leaves_one_version(pipeline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the name of the experiment, which `gemquad track` is not told."""
    monkeypatch.setenv("DVC_EXP_NAME", "quick-fox")
    log(0)
    monkeypatch.delenv("DVC_EXP_NAME")
    log(1)
    for _ in range(2):
        finish()
    table = client().download_artifacts(by_round()["1"].info.run_id, "mistakes_on_dev.json")
    assert json.loads(Path(table).read_text()) == {"columns": ["expected"], "data": [["Lima"]]}
    assert by_round()["parent"].info.run_name == "round-1: es +9.1 · quick-fox"
    (version,) = versions().values()
    assert version.tags["gemquad.round"] == "1" and aliases() == {"current": "1", "champion": "1"}
    assert client().get_model_version("gemquad-qa-es", "1").description == "card"


def test_the_champion_is_the_best_by_the_same_metric_on_the_same_dev_data(pipeline: Path) -> None:
    """One that somebody else registered has no score, and one of this run whose round was replaced is gone."""
    client().create_registered_model("gemquad-qa-es")
    client().create_model_version("gemquad-qa-es", (pipeline / "models/best").as_uri())
    for version, (seed, score, champion) in enumerate([(1, 60.0, "2"), (2, 50.0, "2"), (3, 70.0, "4")], start=2):
        settings(seed=seed)
        select(1, score)
        log_and_finish()
        assert aliases() == {"current": str(version), "champion": champion}
    decide(1, "another")
    select(1, 40.0)
    log_and_finish()
    assert set(versions()) == {"1", "2", "3", "5"} and aliases() == {"current": "5", "champion": "2"}
    settings(stopping={"metric": "exact_match"})
    select(1, 1.0)
    log_and_finish()
    assert aliases() == {"current": "6", "champion": "6"}


def test_texts_stay_within_what_databases_take(pipeline: Path) -> None:
    write_text(Workspace().model_card, "# Card\n" + "row\n" * 5000)
    write_text(Workspace().summary, "row\n" * 5000)
    log_and_finish()
    (version,) = versions().values()
    note = by_round()["parent"].data.tags["mlflow.note.content"]
    assert (len(version.description), len(note)) == (5000, 8000)


BROKEN = ["no such folder", "a database of another kind", "a database without its driver", "held by another"]


@pytest.mark.parametrize("broken", BROKEN)
def test_whatever_is_wrong_with_the_store_a_training_goes_on(
    pipeline: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], broken: str
) -> None:
    monkeypatch.setattr("gemquad.tracking.live._SECONDS_FOR_THE_STORE", 0.1)
    if broken == "no such folder":
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////proc/none/mlflow.db")
    elif broken == "a database of another kind":
        (pipeline / "mlflow.db").write_text("no database\n" * 100)
    elif broken == "a database without its driver":
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "mysql+pymysql://somebody:secret@127.0.0.1/runs?password=secret")
    with FileLock(pipeline / "mlflow.db.lock") if broken == "held by another" else nullcontext():
        follow("round-1")
    assert capsys.readouterr().err.count("not followed in MLflow") == 1
    if "database" in broken:
        with pytest.raises(UserError, match="Check MLFLOW_TRACKING_URI") as raised:
            log(0)
        assert "secret" not in str(raised.value)


def test_a_store_that_breaks_during_a_training_lets_it_go_on(
    pipeline: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with LiveRun("round-1") as live:
        live.step(CURVE[0])
        (pipeline / "mlflow.db").write_text("no database\n" * 100)
        live.step(CURVE[1])
        live.finished(CURVE)
    assert capsys.readouterr().err.count("not followed in MLflow") == 1


def test_the_environment_chooses_another_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert default_tracking_uri() == "http://127.0.0.1:5000"


def test_training_again_with_newer_code_what_comes_out_the_same_leaves_no_second_run(pipeline: Path) -> None:
    """DVC sees no change and does not log it; where it does, the run is made from the files."""
    log(1)
    write_text(Path("code.lock.yaml"), yaml.safe_dump({"generate": "newer code"}))
    follow("round-1")
    assert set(by_round()) == {"parent", "1"}
    write_text(Path("dvc.lock"), yaml.safe_dump(LOCK).replace("code of generate", "newer code"))
    log(1)
    assert len(runs()) == 4


def test_one_language_as_a_text_is_no_list_of_letters(pipeline: Path) -> None:
    settings(lang="es")
    assert PipelineState.read(Workspace()).model_name == "gemquad-qa-es"


@pytest.mark.parametrize(
    ("name", "below"),  # MLflow keeps a store open by its address: each has its own
    [("100%41", ""), ("what?x=1", "a"), ("c# code", ".dvc/tmp"), ("%2F?#%", ".dvc/tmp/exps/one"), ("a b é", "")],
)
def test_a_checkout_has_its_store_in_its_folder_however_that_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_store: Path, name: str, below: str
) -> None:
    folder = tmp_path / name
    (folder / below).mkdir(parents=True)
    shutil.copy(empty_store, folder / "mlflow.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    monkeypatch.setenv("DVC_ROOT", str(folder))
    monkeypatch.chdir(folder / below)
    with opened(PipelineState({"task.name": "qa", "lang": ["es"]}, {}, {})) as store:
        store.client.log_text(store.parent(), "text", "a.txt")
        assert store.client.get_experiment(store.experiment).artifact_location == (folder / "mlartifacts").as_uri()
    with sqlite3.connect(folder / "mlflow.db") as base:
        assert base.execute("SELECT count(*) FROM runs").fetchone() == (1,)
    assert [path.name for path in (folder / "mlartifacts").rglob("a.txt")] == ["a.txt"]
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert not [path for path in (folder / below).iterdir() if "%" in path.name]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(62.26789, 62.27), (1.58634, 1.586), (9.23456e-5, 9.235e-5), (0, 0), (-4.28312, -4.283), (292622, 292622)],
)
def test_values_have_the_four_digits_that_count(value: float, shown: float) -> None:
    assert readable(value) == shown
