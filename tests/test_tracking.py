import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace

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

from conftest import made_once
from gemquad.errors import UserError
from gemquad.schema import Completion, Prompt
from gemquad.schema.results import (
    Decision,
    GenerationCounts,
    GenerationSpeed,
    GenerationSummary,
    GenerationTime,
    Interval,
    Intervals,
    LanguageGeneration,
    Score,
    SilverCounts,
    SystemScores,
)
from gemquad.tracking.live import LiveRun
from gemquad.tracking.register import Outcome, register
from gemquad.tracking.rounds import RoundLog, log_round
from gemquad.tracking.runs import curve_digest, parent_run
from gemquad.tracking.state import PipelineState
from gemquad.tracking.store import default_tracking_uri, opened
from gemquad.workspace import Workspace

SCORES = {"dev": {"es": {"f1": 50.0, "exact_match": 40.0, "examples": 3}}}
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
GENERATION = GenerationSummary(
    completions="abc",
    languages={"es": LanguageGeneration(**asdict(TOTAL), facts={}, warnings=[])},
    total=TOTAL,
    generator={"backend": "transformers", "promises": {"seeds": True}},
)
TIMING = GenerationTime("abc", GenerationSpeed(4.0, 30.0, 7.5, 135.0, 0.5, 0.1))
CURVE = [{"phase": "gold", "step": step, "loss": 1.0 / step, "learning_rate": 0.1} for step in (1, 2)]
LOCK = {
    "stages": {
        "prepare": {
            "outs": [
                {"path": "data/prepared/gold.parquet", "md5": "aa"},
                {"path": "data/prepared/test.parquet", "md5": "dd"},
            ]
        },
        "filter@1": {"outs": [{"path": "data/rounds/1/silver.parquet", "md5": "cc"}]},
    }
}
STUDENT = {
    "inputs": [{"name": "question", "type": "string"}, {"name": "passage", "type": "string"}],
    "outputs": [{"name": "answer", "type": "string"}],
    "example": {"question": "¿Dónde?", "passage": "Lima."},
}


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
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")  # MLflow sets it; it is restored afterwards
    monkeypatch.delenv("DVC_EXP_NAME", raising=False)
    monkeypatch.delenv("GEMQUAD_LIVE", raising=False)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    shutil.copy(empty_store, tmp_path / "mlflow.db")
    (tmp_path / "params.yaml").write_text(
        "lang: [es]\ntask: {name: qa}\nstopping: {patience: 1}\nrounds: {'1': {previous: 0}}\n"
    )
    (tmp_path / "dvc.lock").write_text(yaml.safe_dump(LOCK))
    (tmp_path / "student").mkdir()
    (tmp_path / "student/gemquad.json").write_text(json.dumps(STUDENT))
    return tmp_path


def round_log(number: int, **changes: object) -> RoundLog:
    log = RoundLog(
        number=number,
        student=Path("student"),
        scores=SCORES,
        silver={"es": SilverCounts(9, 4, 2)} if number else {},
        curve=CURVE,
        decision=Decision(False, "going on", []),
        generation=GENERATION,
        timing=TIMING,
    )
    return replace(log, **changes)


def log(number: int, **changes: object) -> None:
    log_round(round_log(number, **changes), Workspace())


BOUNDED = {"dev": {"es": Score(3, 3, {"f1": Interval(50.0, 40.0, float("nan"))})}}
OUTCOME = Outcome(
    best=1,
    dev_score=60.0,
    intervals=Intervals([SystemScores(name, "", [13], {"gold": 1}, BOUNDED) for name in ("baseline", "round-1")], []),
    gains={"round-1": {"es": {"f1": Interval(9.0, 1.0, 17.0)}}},
    summary="summary",
    card="card",
    attached=[Path("params.yaml")],
    tables={0: {"mistakes_on_dev": [{"expected": "Lima"}]}, 1: {"mistakes_on_dev": []}},
    prompts=[Prompt(f"p{n}", "es", [], "¿?", 1.0, 10, 0.9, n) for n in range(3)],
    completions=[
        Completion(f"p{n}", [], "es", "Lima", outcome, 0.0, 0.0, 1, 1, 0)
        for n, outcome in enumerate(("ok", "ok", "no question mark"))
    ],
    seed=13,
)


def finish(**changes: object) -> None:
    register(replace(OUTCOME, **changes), Workspace())


def round_and_register(**changes: object) -> None:
    log(1)
    finish(**{"tables": {1: OUTCOME.tables[1]}, **changes})


def settings(**changes: object) -> None:
    """Make params.yaml that of another pipeline state."""
    params = yaml.safe_load(Path("params.yaml").read_text())
    Path("params.yaml").write_text(yaml.safe_dump({**params, **changes}))


def versions() -> dict[str, ModelVersion]:
    found = MlflowClient(default_tracking_uri()).search_model_versions("name = 'gemquad-qa-es'")
    return {str(version.version): version for version in found}


def aliases() -> dict[str, str]:
    found = MlflowClient(default_tracking_uri()).get_registered_model("gemquad-qa-es").aliases
    return {alias: str(version) for alias, version in found.items()}


def runs() -> list[Run]:
    client = MlflowClient(default_tracking_uri())
    return list(client.search_runs([client.get_experiment_by_name("gemquad").experiment_id]))


def by_round() -> dict[str, Run]:
    found = runs()
    rounds = {run.data.tags["gemquad.round"]: run for run in found}
    assert len(rounds) == len(found), "a round is logged twice"
    return rounds


def history(run: Run, metric: str) -> list[tuple[int, float]]:
    points = MlflowClient(default_tracking_uri()).get_metric_history(run.info.run_id, metric)
    return [(point.step, point.value) for point in points]


def test_logging_twice_leaves_one_parent_and_one_child(pipeline: Path) -> None:
    better = {"dev": {"es": {**SCORES["dev"]["es"], "f1": 60.0}}}
    for _ in range(2):
        log(0)
        log(1, scores=better)
    rounds = by_round()
    assert set(rounds) == {"parent", "0", "1"}
    assert history(rounds["parent"], "dev_f1_es") == [(0, 50.0), (1, 60.0)]
    assert history(rounds["1"], "training/loss_gold") == [(1, 1.0), (2, 0.5)]
    assert rounds["1"].info.run_name == "round-1" and rounds["1"].data.metrics["silver_es"] == 4
    assert rounds["1"].data.tags["mlflow.parentRunId"] == rounds["parent"].info.run_id
    state = PipelineState.read(Workspace())
    assert rounds["parent"].info.run_name == f"{state.fingerprint[:8]}: es qa"
    params = rounds["parent"].data.params
    assert params["stopping.patience"] == "1" and not any(name.startswith("rounds") for name in params)


def test_what_is_complete_stays_and_what_changed_is_replaced(pipeline: Path) -> None:
    log(1)
    first = by_round()["1"].info.run_id
    log(1)
    assert by_round()["1"].info.run_id == first
    log(1, decision=Decision(False, "another", []))
    second = by_round()["1"]
    assert second.info.run_id != first and second.data.tags["gemquad.decision"] == "another"


def test_what_was_interrupted_between_parent_and_child_is_completed(pipeline: Path) -> None:
    (pipeline / "student/gemquad.json").rename(pipeline / "elsewhere.json")
    with pytest.raises(UserError):
        log(0)  # parent and a child without its student are there now
    (pipeline / "elsewhere.json").rename(pipeline / "student/gemquad.json")
    log(0)
    rounds = by_round()
    assert set(rounds) == {"parent", "0"} and rounds["0"].info.status == "FINISHED"


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
    client = MlflowClient(default_tracking_uri())
    for number in count(1, 3):
        settings(seed=number)
        follow("round-1")
        with killed_at_write(number, monkeypatch) as written:
            round_and_register()
        round_and_register()
        assert_logged_once(client, str(number))
        if len(written) < number:
            break
    assert number > 36 and not {run.info.status for run in runs()} - {"FINISHED"}


def assert_logged_once(client: MlflowClient, seed: str) -> None:
    of_state = [run for run in runs() if run.data.params.get("seed", seed) == seed]
    rounds = {run.data.tags["gemquad.round"]: run for run in of_state}
    assert set(rounds) == {"parent", "1"} and len(of_state) == 2, of_state
    child = rounds["1"]
    (model,) = client.search_logged_models(
        [child.info.experiment_id], filter_string=f"source_run_id = '{child.info.run_id}'"
    )
    assert model.status == "READY"
    (version,) = [one for one in versions().values() if one.run_id == child.info.run_id]
    assert version.source == f"models:/{model.model_id}" and aliases()["current"] == str(version.version)
    for run in rounds.values():
        assert history(run, "dev_f1_es") == [(1, 50.0)]
    assert history(child, "training/loss_gold") == [(1, 1.0), (2, 0.5)]
    assert [step for step, _ in history(child, "interval/dev_f1_es_high")] == [1], "a value that is not a number"
    traces = client.search_traces(locations=[child.info.experiment_id], run_id=rounds["parent"].info.run_id)
    assert sorted(trace.info.tags["mlflow.traceName"] for trace in traces) == ["p0", "p1", "p2"]
    assert "IN_PROGRESS" not in {trace.info.state for trace in traces}


def test_two_pipelines_of_one_state_at_once_share_a_parent(pipeline: Path) -> None:
    program = """
import sys
from pathlib import Path
from pydantic import TypeAdapter
from gemquad.tracking.rounds import RoundLog, log_round
from gemquad.workspace import Workspace
log_round(TypeAdapter(RoundLog).validate_json(sys.argv[1]), Workspace())"""
    (pipeline / "mlflow.db").unlink()  # both find no store at all
    logs = [json.dumps(asdict(round_log(number)), default=str) for number in (0, 1)]
    both = [subprocess.Popen([sys.executable, "-c", program, log]) for log in logs]
    assert [process.wait() for process in both] == [0, 0]
    assert set(by_round()) == {"parent", "0", "1"}


def test_of_two_parents_made_at_once_the_older_stays(pipeline: Path) -> None:
    state = PipelineState.read(Workspace())
    with opened() as store:
        first = parent_run(store, state)
        tags = {"gemquad.fingerprint": state.fingerprint, "gemquad.round": "parent"}
        store.client.create_run(store.experiment, tags=tags, start_time=2**41)
        assert parent_run(store, state) == first


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


def test_a_model_carries_code_signature_example_and_scores(pipeline: Path) -> None:
    log(1)
    client = MlflowClient(default_tracking_uri())
    experiment = client.get_experiment_by_name("gemquad").experiment_id
    (model,) = client.search_logged_models([experiment], order_by=[{"field_name": "metrics.dev_f1_es"}])
    assert model.source_run_id == by_round()["1"].info.run_id
    assert {metric.key: metric.value for metric in model.metrics}["dev_f1_es"] == 50.0
    folder = Path(model.artifact_location.removeprefix("file://"))
    assert folder.is_relative_to(pipeline / "mlartifacts")
    described = yaml.safe_load((folder / "MLmodel").read_text())
    assert json.loads(described["signature"]["inputs"])[1]["name"] == "passage"
    assert (folder / "code/gemquad/student/model.py").exists() and (folder / "artifacts/student/gemquad.json").exists()
    requirements = (folder / "requirements.txt").read_text()
    assert "torch==" in requirements and "+" not in requirements, "versions that every index has"
    assert json.loads((folder / "input_example.json").read_text())["data"] == [["¿Dónde?", "Lima."]]


def test_settings_are_logged_whatever_they_are_called_and_however_long(pipeline: Path) -> None:
    labels = {"R&D": "1", "C++": "2", "肯定": "3", "x" * 300: "4", "/a//b/": "5"}
    params = yaml.safe_dump({"lang": ["es"], "task": {"labels": labels, "words": ["w" * 7000]}}, allow_unicode=True)
    (pipeline / "params.yaml").write_text(params, encoding="utf-8")
    log(0)
    logged = {name: value for name, value in by_round()["0"].data.params.items() if name.startswith("task")}
    words = logged.pop("task.words")
    assert words.startswith("7004 characters, sha256 ") and words.endswith(": see params.yaml")
    long = next(name for name in logged if "xxx" in name)
    assert len(long) == 250 and logged.pop(long) == "4"
    assert logged == {
        "task.labels.R_26_D": "1",
        "task.labels.C_2b__2b_": "2",
        "task.labels.肯定": "3",
        "task.labels._2f_a_2f__2f_b_2f_": "5",
    }
    client = MlflowClient(default_tracking_uri())
    assert "params.yaml" in [file.path for file in client.list_artifacts(by_round()["parent"].info.run_id)]


def test_what_generation_took_is_logged_unless_it_speaks_of_other_completions(pipeline: Path) -> None:
    log(0)
    log(1, timing=replace(TIMING, completions="of another run"))
    rounds = by_round()
    assert rounds["0"].data.metrics["generation_seconds"] == 4.0
    assert rounds["0"].data.metrics["generation_outcome_no_question_mark"] == 2
    assert rounds["1"].data.metrics["generation_prompt_tokens"] == 90
    assert "generation_seconds" not in rounds["1"].data.metrics
    assert json.loads(rounds["0"].data.tags["gemquad.generator"])["promises"] == {"seeds": True}


def follow(system: str, finish: bool = True) -> None:
    with LiveRun(system) as live:
        for entry in CURVE:
            live.step(entry)
        if finish:
            live.finished(CURVE)


def test_a_training_that_was_followed_becomes_the_run_of_its_round(pipeline: Path) -> None:
    follow("round-1")
    (live,) = runs()
    assert live.data.tags["gemquad.curve"] == curve_digest(CURVE) and live.info.status == "FINISHED"
    log(1)
    child = by_round()["1"]
    assert child.info.run_id == live.info.run_id
    assert history(child, "training/loss_gold") == [(1, 1.0), (2, 0.5)]


def test_a_training_is_followed_while_it_runs(pipeline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gemquad.tracking.live._SECONDS_BETWEEN_BATCHES", 0.0)
    log(0)
    with LiveRun("round-1") as live:
        live.step(CURVE[0])
        (run,) = [run for run in runs() if run.info.run_name == "round-1"]
        assert run.info.status == "RUNNING" and history(run, "training/loss_gold") == [(1, 1.0)]
        parent = next(one for one in runs() if one.data.tags.get("gemquad.round") == "parent")
        assert run.data.tags["mlflow.parentRunId"] == parent.info.run_id


def test_trainings_that_nobody_claims_are_removed(pipeline: Path) -> None:
    follow("round-1", finish=False)
    with pytest.raises(ValueError), LiveRun("round-1"):
        raise ValueError
    log(1, curve=[{**CURVE[0], "loss": 7.0}])
    assert set(by_round()) == {"parent", "1"}


def test_without_a_store_a_training_goes_on(
    pipeline: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////proc/none/mlflow.db")
    follow("round-1")
    assert "not followed in MLflow" in capsys.readouterr().err


def test_the_fingerprint_follows_parameters_and_data(pipeline: Path) -> None:
    files = Workspace(pipeline)
    first = PipelineState.read(files).fingerprint
    assert first == PipelineState.read(files).fingerprint
    files.lock.write_text(json.dumps(LOCK).replace("aa", "bb"))
    assert PipelineState.read(files).fingerprint != first


def test_registering_twice_leaves_one_version(pipeline: Path) -> None:
    log(0)
    log(1)
    for _ in range(2):
        finish()
    (version,) = versions().values()
    assert version.tags["gemquad.round"] == "1" and aliases() == {"current": "1", "champion": "1"}
    assert MlflowClient(default_tracking_uri()).get_model_version("gemquad-qa-es", "1").description == "card"


def test_the_champion_is_the_best_by_the_same_metric_on_the_same_dev_data(pipeline: Path) -> None:
    """One that somebody else registered has no score, and one of this run whose round was replaced is gone."""
    client = MlflowClient(default_tracking_uri())
    client.create_registered_model("gemquad-qa-es")
    client.create_model_version("gemquad-qa-es", (pipeline / "student").as_uri())
    for version, (seed, score, champion) in enumerate([(1, 60.0, "2"), (2, 50.0, "2"), (3, 70.0, "4")], start=2):
        settings(seed=seed)
        round_and_register(dev_score=score)
        assert aliases() == {"current": str(version), "champion": champion}
    log(1, decision=Decision(False, "another", []))
    finish(dev_score=40.0, tables={})
    assert set(versions()) == {"1", "2", "3", "5"} and aliases() == {"current": "5", "champion": "2"}
    settings(stopping={"metric": "exact_match"})
    round_and_register(dev_score=1.0)
    assert aliases() == {"current": "6", "champion": "6"}


def test_texts_stay_within_what_databases_take(pipeline: Path) -> None:
    log(1)
    finish(card="# Card\n" + "row\n" * 5000, summary="row\n" * 5000, tables={})
    (version,) = versions().values()
    note = by_round()["parent"].data.tags["mlflow.note.content"]
    for said, limit in ((version.description, 5000), (note, 8000)):
        assert limit - 10 < len(said) <= limit
        assert said.endswith("row\n\n… The whole text is among the artefacts of the parent run.")


@pytest.mark.parametrize("broken", ["a database of another kind", "a database without its driver", "held by another"])
def test_whatever_is_wrong_with_the_store_a_training_goes_on(
    pipeline: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], broken: str
) -> None:
    monkeypatch.setattr("gemquad.tracking.live._SECONDS_FOR_THE_STORE", 0.1)
    if broken == "a database of another kind":
        (pipeline / "mlflow.db").write_text("no database\n" * 100)
    elif broken == "a database without its driver":
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "mysql+pymysql://somebody:secret@127.0.0.1/runs")
    with FileLock(pipeline / "mlflow.db.lock") if broken == "held by another" else nullcontext():
        follow("round-1")
    assert capsys.readouterr().err.count("not followed in MLflow") == 1
    if broken != "held by another":
        with pytest.raises(UserError, match="Check MLFLOW_TRACKING_URI") as raised:
            log(0)
        assert "secret" not in str(raised.value)


def test_the_environment_chooses_another_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert default_tracking_uri() == "http://127.0.0.1:5000"
