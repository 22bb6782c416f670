import json
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient

from gemquad.tracking import RoundLog, default_tracking_uri, fingerprint, log_round

SCORES = {"dev": {"es": {"f1": 50.0, "exact_match": 40.0, "examples": 3}}}
TOTAL = {
    "prompt_tokens": 90,
    "completion_tokens": 30,
    "judged_tokens": 8,
    "cost": 0.5,
    "cost_per_pair": 0.1,
    "outcomes": {"ok": 9, "no question mark": 2},
}
GENERATION = {
    "completions": "abc",
    "languages": {"es": {"synthetic_pairs": 9}},
    "total": TOTAL,
    "generator": {"backend": "transformers", "promises": {"seeds": True}},
}
TIMING = {"completions": "abc", "time": {"seconds": 4.0, "tokens_per_second": 30.0}}
LOCK = {"stages": {"prepare": {"outs": [{"path": "data/prepared/gold.parquet", "md5": "aa"}]}}}


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    (tmp_path / "params.yaml").write_text("lang: [es]\nstopping: {patience: 1}\nrounds: {'1': {previous: 0}}\n")
    (tmp_path / "dvc.lock").write_text(yaml.safe_dump(LOCK))
    (tmp_path / "student").mkdir()
    (tmp_path / "student/config.json").write_text("{}")
    return tmp_path


def log(pipeline: Path, number: int, f1: float = 50.0, timing: dict[str, object] = TIMING) -> None:
    log_round(
        RoundLog(
            number=number,
            student=pipeline / "student",
            scores={"dev": {"es": {**SCORES["dev"]["es"], "f1": f1}}},
            silver={"es": {"synthetic": 9, "silver": 4, "new": 2}} if number else {},
            curve=[{"phase": "gold", "step": step, "loss": 1.0 / step, "learning_rate": 0.1} for step in (1, 2)],
            decision={"reason": "going on"},
            generation=GENERATION,
            timing=timing,
        ),
        pipeline / "params.yaml",
        pipeline / "dvc.lock",
    )


def test_logging_twice_leaves_one_parent_and_one_child(pipeline: Path) -> None:
    for _ in range(2):
        log(pipeline, 0)
        log(pipeline, 1, f1=60.0)
    client = MlflowClient(default_tracking_uri())
    runs = client.search_runs([client.get_experiment_by_name("gemquad").experiment_id])
    by_round = {run.data.tags["gemquad.round"]: run for run in runs}
    assert len(runs) == 3 and set(by_round) == {"parent", "0", "1"}
    history = client.get_metric_history(by_round["parent"].info.run_id, "dev_f1_es")
    assert [(point.step, point.value) for point in history] == [(0, 50.0), (1, 60.0)]
    assert by_round["1"].info.run_name == "round-1"
    assert by_round["1"].data.metrics["silver_es"] == 4
    assert [p.step for p in client.get_metric_history(by_round["1"].info.run_id, "train_loss_gold")] == [1, 2]
    params = by_round["parent"].data.params
    assert params["stopping.patience"] == "1" and params["md5.data/prepared/gold.parquet"] == "aa"
    assert not any(name.startswith("rounds") for name in params)


def test_settings_are_logged_whatever_their_classes_are_called(pipeline: Path) -> None:
    labels = {"R&D": "1", "C++": "2", "肯定": "3"}
    params = yaml.safe_dump({"lang": ["es"], "task": {"labels": labels}}, allow_unicode=True)
    (pipeline / "params.yaml").write_text(params, encoding="utf-8")
    log(pipeline, 0)
    client = MlflowClient(default_tracking_uri())
    (logged, _) = client.search_runs([client.get_experiment_by_name("gemquad").experiment_id])
    assert {name: value for name, value in logged.data.params.items() if name.startswith("task")} == {
        "task.labels.R_26_D": "1",
        "task.labels.C_2b__2b_": "2",
        "task.labels.肯定": "3",
    }


def test_what_generation_took_is_logged_unless_it_speaks_of_other_completions(pipeline: Path) -> None:
    log(pipeline, 0)
    log(pipeline, 1, timing={**TIMING, "completions": "of another run"})
    client = MlflowClient(default_tracking_uri())
    runs = client.search_runs([client.get_experiment_by_name("gemquad").experiment_id])
    zero, one = (next(r for r in runs if r.data.tags["gemquad.round"] == n) for n in "01")
    assert zero.data.metrics["generation_seconds"] == 4.0
    assert zero.data.metrics["generation_outcome_no_question_mark"] == 2
    assert one.data.metrics["generation_prompt_tokens"] == 90 and "generation_seconds" not in one.data.metrics
    assert json.loads(zero.data.tags["gemquad.generator"])["promises"] == {"seeds": True}


def test_the_fingerprint_follows_parameters_and_data(pipeline: Path) -> None:
    files = (pipeline / "params.yaml", pipeline / "dvc.lock")
    first = fingerprint(*files)
    assert first == fingerprint(*files)
    files[1].write_text(json.dumps(LOCK).replace("aa", "bb"))
    assert fingerprint(*files) != first


def test_the_environment_chooses_another_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert default_tracking_uri() == "http://127.0.0.1:5000"
