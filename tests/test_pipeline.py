"""The whole DAG with tiny models through real DVC and real MLflow, as a user runs it."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from mlflow import MlflowClient

from checkout import Checkout
from conftest import clone_project, made_once
from gemquad.params import load_params
from gemquad.report.assemble import assemble
from gemquad.tracking.values import readable
from gemquad.workspace import Workspace

TINY = {
    "lang": "[es,hi]",
    "data.limits.gold": 24,
    "data.limits.exemplars": 6,
    "data.limits.passages": 4,
    "data.limits.dev": 6,
    "data.limits.test": 6,
    "prompting.shots": 1,
    "prompting.prompts_per_passage": 8,
    "generation.max_question_tokens": 12,
    "generation.max_answer_tokens": 6,
    "generation.dtype": "float32",
    "filter.keep_fraction": 1.0,
    "generation.require_question_mark": "false",
    "generation.require_script": "false",
    "filter.min_f1": 0.0,
    "stopping.max_rounds": 2,
    "stopping.patience": 5,
    "stopping.min_new_fraction": 0,
    "student.layers": "null",
    "student.trainable_layers": 1,
    "student.epochs": 1,
    "student.silver_epochs": 1,
    "student.dtype": "float32",
}


def tiny_settings(tiny_gemma: Path) -> dict[str, object]:
    models = {f"{role}.name": tiny_gemma for role in ("generator", "student.model")}
    wheels = {f"{role}.wheel": "null" for role in ("generator", "student.model")}
    return {**TINY, **models, **wheels}


@pytest.fixture(scope="session")
def finished(tiny_gemma: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout after one complete experiment; tests copy what they change."""
    settings = tiny_settings(tiny_gemma)

    def make(folder: Path) -> None:
        Checkout(clone_project(folder), settings, {"GEMQUAD_LIVE": "on"}).experiment()

    root = made_once(tmp_path_factory, "pipeline", make)
    return Checkout(root, settings)


@pytest.fixture
def copy(finished: Checkout, tmp_path: Path, tiny_gemma: Path) -> Checkout:
    shutil.copytree(finished.root, tmp_path / "copy", symlinks=True)
    return Checkout(tmp_path / "copy", tiny_settings(tiny_gemma))


def test_every_stage_leaves_its_result(finished: Checkout) -> None:
    synthetic = pd.read_parquet(finished.root / "data/synthetic.parquet")
    assert set(synthetic["language"]) == {"es", "hi"}
    for row in synthetic.itertuples():
        assert row.passage[row.answer_start : row.answer_start + len(row.answer)] == row.answer
    silver = pd.read_parquet(finished.root / "data/rounds/1/silver.parquet")
    assert len(silver) == len(synthetic)
    assert finished.json("metrics/rounds/2/scores.json")["test"]["hi"]["examples"] == 6
    assert (finished.root / "models/best/model.safetensors").exists()
    summary = (finished.root / "reports/summary.md").read_text(encoding="utf-8")
    assert "| hi | " in summary and "round-2" in summary and "Stopped after round 2" in summary


def test_mlflow_has_one_parent_with_its_rounds(finished: Checkout) -> None:
    (parent,) = finished.parents()
    children = finished.children(parent)
    assert set(children) == {"0", "1", "2"}
    assert parent.data.params["stopping.max_rounds"] == "2"
    lock = yaml.safe_load((finished.root / "dvc.lock").read_text(encoding="utf-8"))["stages"]
    recorded = {Path(out["path"]).stem: out["md5"] for out in lock["prepare"]["outs"]}
    digests = {one.dataset.name: one.dataset.digest for one in parent.inputs.dataset_inputs}
    assert digests["gold"] == recorded["gold"] and digests["test"] == recorded["test"]
    assert len(parent.data.tags["mlflow.source.git.commit"]) == 40
    scores = finished.json("metrics/rounds/1/scores.json")
    assert children["1"].data.metrics["test_f1_hi"] == readable(scores["test"]["hi"]["f1"])
    assert children["1"].data.metrics["silver_es"] > 0
    assert "training/loss_silver" in children["1"].data.metrics
    generation = finished.json("metrics/generation.json")
    assert parent.data.metrics["generation/pairs_es"] == generation["languages"]["es"]["synthetic_pairs"] > 0
    timing = finished.json("metrics/generation_time.json")
    assert parent.data.metrics["generation/seconds"] == readable(timing["time"]["seconds"]) > 0


def test_nothing_runs_again(copy: Checkout) -> None:
    assert copy.stages_run(copy.run("dvc", "repro")) == set()


def test_dvc_reads_metrics_and_plots(copy: Checkout) -> None:
    metrics = json.loads(copy.run("dvc", "metrics", "show", "--json"))[""]["data"]
    assert metrics.keys() == {"metrics/summary.json"}, "the answer alone"
    said = metrics["metrics/summary.json"]["data"]
    assert list(said)[:3] == ["selected", "silver", "all"] and said.keys() >= {"es", "hi"}
    assert said["selected"] == copy.json("metrics/selection.json")["system"]
    assert {"F1", "EM"} <= said["hi"].keys() and len(str(said["hi"]["F1"])) <= 5
    page = Path(copy.run("dvc", "plots", "show").strip().splitlines()[-1].removeprefix("file://"))
    drawn = page.read_text(encoding="utf-8")
    assert '"test_low"' in drawn and "cdn." not in drawn, "with intervals, and without a network"


def test_the_table_to_publish_has_power_and_the_command(copy: Checkout) -> None:
    said = copy.run("gemquad", "summary", "--format", "latex")
    assert "\\toprule" in said and "Power on test in all languages: 12 examples" in said
    assert "dvc exp run -S" in said and "generation.require\\_script=false" in said


def test_another_patience_reruns_decisions_and_logs_a_new_state(copy: Checkout) -> None:
    run = copy.stages_run(copy.experiment(stopping__patience=4))
    decided = {f"{stage}@{number}" for stage in ("decide", "track") for number in range(3)}
    assert run == decided | {"select", "report", "register"}
    parents = copy.parents()
    assert len(parents) == 2
    assert all(set(copy.children(parent)) == {"0", "1", "2"} for parent in parents)


@pytest.mark.parametrize(
    ("override", "directly", "stays"),
    [
        ("sampling.temperature=[0.9,0.9]", {"prompt"}, {"read", "prepare", "finetune", "evaluate"}),
        ("generation.batch_tokens=700", {"prompt", "tune", "generate"}, {"prepare", "finetune", "evaluate"}),
        (
            "student.learning_rate=3e-4",
            {"label", "finetune", "evaluate", "select"},
            {"prompt", "generate"},
        ),
        ("filter.min_f1=0.5", {"filter", "audit"}, {"generate", "cut", "label", "finetune", "evaluate"}),
        ("filter.keep_fraction=0.5", {"cut", "filter", "audit"}, {"generate", "label", "finetune", "evaluate"}),
        ("lang=hi", {"prepare", "prompt", "cut", "decide", "select", "intervals"}, {"finetune", "evaluate"}),
    ],
)
def test_a_parameter_invalidates_what_reads_it(
    copy: Checkout, override: str, directly: set[str], stays: set[str]
) -> None:
    copy.compose(override)
    changed = {name.split("@")[0] for name in json.loads(copy.run("dvc", "status", "--json"))}
    assert changed == directly | {"track", "report", "register"}
    assert not changed & stays


def test_rounds_after_the_stop_are_recorded_no_ops(copy: Checkout) -> None:
    output = copy.experiment(stopping__min_new_fraction=1.0, stopping__max_rounds=4)
    assert not {"finetune@0", "generate", "finetune@1", "finetune@2"} & copy.stages_run(output)
    assert copy.json("metrics/rounds/4/decision.json")["stop"]
    newest = max(copy.parents(), key=lambda run: run.info.start_time)
    assert set(copy.children(newest)) == {"0", "1", "2"}
    assert copy.json("metrics/rounds/4/silver.json") == {}
    assert not any((copy.root / "models/students/round-4").iterdir())
    assert copy.json("metrics/rounds/4/scores.json") == {}
    assert "Stopped after round 2" in (copy.root / "reports/summary.md").read_text(encoding="utf-8")
    assert "finetune@4" in copy.stages_run(output)


def test_the_page_knows_no_round_of_an_earlier_longer_run(copy: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """DVC leaves the outputs of rounds that are no more; they stood on the page as if they were of this run."""
    monkeypatch.chdir(copy.root)
    for folder in ("data/rounds", "metrics/rounds"):
        shutil.copytree(f"{folder}/2", f"{folder}/3")
    content = assemble(load_params(), Workspace())
    assert list(content.rounds) == [0, 1, 2]


def test_a_no_op_round_imports_neither_torch_nor_mlflow(copy: Checkout) -> None:
    assert copy.json("metrics/rounds/2/decision.json")["stop"]
    for stage in ("label", "filter", "audit", "finetune", "evaluate", "decide", "track"):
        module = f"gemquad.stages.{stage}"
        program = (
            f"import runpy, sys; sys.argv = {[module, '--round', '3']!r}; runpy.run_module({module!r}, run_name='__main__'); "
            "print('loaded:', sorted({'torch', 'transformers', 'mlflow'} & set(sys.modules)))"
        )
        assert "loaded: []" in copy.run(sys.executable, "-c", program)


def test_more_prompts_per_passage_generate_only_the_new_ones(copy: Checkout) -> None:
    copy.compose("prompting.prompts_per_passage=16")
    output = copy.run("dvc", "repro", "generate")
    assert "generating: 64 of 128 prompts are in the store" in output
    assert "generating: 100% 64/64 [" in output
    assert "asked" in copy.run("gemquad", "cache")


def test_a_cap_stops_the_run_and_a_higher_one_resumes_it(copy: Checkout) -> None:
    copy.compose("seed=14", "generation.batch_tokens=1000", "generation.max_tokens=5000")
    output = copy.run("dvc", "repro", "generate", ok=False)
    assert "generation stops before its cap (max_tokens 5000" in output and "Traceback" not in output
    copy.compose("seed=14", "generation.batch_tokens=1000", "generation.max_tokens=500000")
    assert "prompts are in the store" in copy.run("dvc", "repro", "generate")
    assert "64 of them in the store already; to generate: 0" in copy.run("gemquad", "estimate")


def test_another_backend_is_one_setting_away(copy: Checkout) -> None:
    copy.compose("backend=scripted")
    copy.run("dvc", "repro", "generate")
    assert copy.json("metrics/generation.json")["generator"]["backend"] == "scripted"
    copy.compose("backend=openai")
    assert "generation.rank_by=none" in copy.run("dvc", "repro", "generate", ok=False)
    copy.compose("backend=openai", "generation.rank_by=none")
    assert "OPENAI_BASE_URL" in copy.run("dvc", "repro", "generate", ok=False)


def test_systems_beside_the_rounds_are_compared_with_intervals(copy: Checkout) -> None:
    output = copy.experiment(comparison__systems="[baseline,random,likeliest]", comparison__seeds="[13,14]")
    assert {name for name in copy.stages_run(output) if name.startswith("compare")} == {
        "compare@baseline-14",
        "compare@random-13",
        "compare@random-14",
        "compare@likeliest-13",
        "compare@likeliest-14",
    }
    assert not {"finetune@0", "generate", "finetune@1", "track@0", "track@1"} & copy.stages_run(output)
    budget = copy.json("data/comparisons/budget.json")
    curve = copy.json("data/comparisons/random-14/curve.json")
    assert [entry["phase"] for entry in curve] == ["random"] * budget["silver"] + ["gold"] * budget["gold"]
    systems = {one["system"]: one for one in copy.json("metrics/intervals.json")["systems"]}
    assert {name: one["seeds"] for name, one in systems.items() if name in ("baseline", "random")} == {
        "baseline": [13],
        "random": [13, 14],
    }
    assert systems["baseline_over_seeds"]["seeds"] == [13, 14]
    assert systems["random"]["scores"]["test"]["hi"]["metrics"]["f1"].keys() == {"value", "low", "high"}
    method = f"round-{budget['round']}"
    summary = (copy.root / "reports/summary.md").read_text(encoding="utf-8")
    assert f"Test es: {method} against random " in summary and "Test hi: random against baseline " in summary


def test_a_test_passage_among_the_generation_passages_is_refused(copy: Checkout) -> None:
    """Naming the passage and both files; and possible by naming the overlap."""
    (copy.root / "own").mkdir()
    shutil.copy(copy.root / "data/sample/test.es.json", copy.root / "own/passages.es.json")
    copy.compose("data.languages.es.passages=own/passages.es.json")
    output = copy.run("dvc", "repro", "prepare", ok=False)
    first = copy.json("data/sample/test.es.json")["data"][0]["paragraphs"][0]["context"]
    assert first[:40] in output and "own/passages.es.json" in output and "data/sample/test.es.json" in output
    assert "passages-test" in output and "Traceback" not in output
    copy.compose("data.languages.es.passages=own/passages.es.json", "data.allow_overlap=[passages-test]")
    copy.run("dvc", "repro", "prepare")
    (found,) = [leak for leak in copy.json("data/prepared/overlaps.json") if leak["roles"] == "passages-test"]
    assert found["allowed"] and found["identical"] > 0


def test_queued_and_temporary_experiments_share_stores(copy: Checkout) -> None:
    """MLflow's, and that of completions: a queued experiment finds what the one before it generated."""
    copy.experiment("--temp", stopping__patience=4)
    copy.experiment("--queue", "generate", lang="hi")
    copy.run("dvc", "queue", "start")
    task = copy.run("dvc", "queue", "status").splitlines()[1].split()[0]
    log = copy.run("dvc", "queue", "logs", "--follow", task)
    assert "generating: 32 of 32 prompts are in the store" in log, "made by the experiment before, in both languages"
    parents = copy.parents()
    assert [len(copy.children(parent)) for parent in parents] == [3, 3]
    shown = list(csv.DictReader(copy.run("dvc", "exp", "show", "--csv").splitlines()))
    assert {"hi", "['es', 'hi']"} <= {row["lang"] for row in shown}
    compared = copy.run("gemquad", "experiments", "--page", "sweep.html").splitlines()
    assert any("stopping.patience=4" in line for line in compared)
    assert "stopping.patience" in (copy.root / "sweep.html").read_text(encoding="utf-8")
    assert len(compared) >= 2 + 2, "the experiment of the fixture and the temporary one"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.json", None, "missing"),
        ("blank.json", '{"data": [{"paragraphs": [{"context": " "}]}]}', '"context" is empty'),
    ],
)
def test_bad_files_end_in_one_clear_line(copy: Checkout, name: str, content: str | None, message: str) -> None:
    if content is not None:
        (copy.root / name).write_text(content, encoding="utf-8")
    output = copy.experiment(data__languages__es__passages=name, ok=False)
    assert message in output and name in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lang": "fr"}, "lang names 'fr', which has no files in data.languages (es, hi)"),
        ({"stopping__patience": 0}, "patience"),
    ],
)
def test_bad_parameters_end_in_one_clear_line(copy: Checkout, changes: dict[str, object], message: str) -> None:
    output = copy.experiment(ok=False, **changes)
    assert message in output
    assert "Traceback" not in output


def test_own_files_in_a_language_that_is_only_tested(copy: Checkout) -> None:
    (copy.root / "own").mkdir()
    for name in ("gold.en", "exemplars.es", "passages.es", "dev.es", "test.es"):
        shutil.copy(copy.root / f"data/sample/{name}.json", copy.root / f"own/{name}.json")
    german = {
        "context": "Anna wohnt in Bonn.",
        "qas": [{"id": "d", "question": "Wo?", "answers": [{"text": "Bonn", "answer_start": 14}]}],
    }
    (copy.root / "own/test.de.json").write_text(json.dumps({"data": [{"paragraphs": [german]}]}), encoding="utf-8")
    copy.compose(
        "lang=es",
        "data=files",
        "data.gold=own/gold.en.json",
        "++data.languages.es.exemplars=own/exemplars.es.json",
        f"++data.languages.es.passages={copy.root / 'own/passages.es.json'}",
        "++data.languages.es.dev=own/dev.es.json",
        "++data.languages.es.test=own/test.es.json",
        "++data.languages.de.test=own/test.de.json",
    )
    run = copy.stages_run(copy.run("dvc", "repro", "evaluate@0", "prompt"))
    assert "finetune@0" not in run, "the same gold under another name"
    assert copy.json("metrics/rounds/0/scores.json")["test"]["de"]["examples"] == 1


def test_a_deleted_store_is_filled_again_from_the_files(copy: Checkout) -> None:
    before = copy.parents()[0]
    (copy.root / "mlflow.db").unlink()
    shutil.rmtree(copy.root / "mlartifacts")
    copy.run("gemquad", "track")
    (parent,) = copy.parents()
    assert set(copy.children(parent)) == {"0", "1", "2"}
    assert parent.data.params == before.data.params and parent.data.metrics == before.data.metrics
    client = MlflowClient(tracking_uri=f"sqlite:///{copy.root / 'mlflow.db'}")
    (version,) = client.search_model_versions("name = 'gemquad-extractive_qa-es-hi'")
    assert version.tags["gemquad.round"] == str(copy.json("metrics/selection.json")["round"])
    aliases = client.get_registered_model("gemquad-extractive_qa-es-hi").aliases
    assert aliases == {"champion": version.version, "current": version.version}
    gain = copy.json("metrics/gains.json")["round-1"]["hi"]["f1"]
    assert copy.children(parent)["1"].data.metrics["gain_f1_hi_low"] == readable(gain["low"])
    silver = Path(client.download_artifacts(copy.children(parent)["1"].info.run_id, "silver_sample.json"))
    table = json.loads(silver.read_text(encoding="utf-8"))
    assert {"language", "question", "generator", "labeler", "passage"} <= set(table["columns"]) and table["data"]
    traces = client.search_traces(locations=[parent.info.experiment_id], include_spans=False)
    assert len(traces) == 60 and {trace.info.tags["gemquad.language"] for trace in traces} == {"es", "hi"}
    _loads_where_nothing_else_is(copy)


def test_what_is_not_of_these_parameters_is_not_logged(copy: Checkout) -> None:
    """The files of the last run under the parameters of the next one: a state that never was."""
    before = len(copy.runs())
    copy.compose("filter.min_f1=0.5")
    output = copy.run("gemquad", "track", ok=False)
    assert "filter@1" in output and "Run `dvc repro`" in output and "Traceback" not in output
    assert len(copy.runs()) == before


def _loads_where_nothing_else_is(copy: Checkout) -> None:
    """The registered student, in a process that knows the store alone: it brings its code, and answers as MLflow's server asks."""
    program = """
import json, sys
import mlflow
from mlflow.pyfunc.scoring_server import invocations
mlflow.set_tracking_uri(sys.argv[1])
student = mlflow.pyfunc.load_model("models:/gemquad-extractive_qa-es-hi@champion")
rows = [{"question": "¿Dónde vive Ana?", "passage": "Ana vive en Lima."}, {"question": "आना?", "passage": "आना लीमा में है।"}]
said = invocations(json.dumps({"dataframe_records": rows}), "application/json", student, student.metadata.get_input_schema())
import gemquad
print(json.dumps([gemquad.__file__, json.loads(said.response)["predictions"]]))"""
    uri = f"sqlite:///{copy.root / 'mlflow.db'}"
    command = [sys.executable, "-P", "-c", program, uri]
    done = subprocess.run(command, cwd=copy.root.parent, capture_output=True, text=True, check=True)
    code, (spanish, hindi) = json.loads(done.stdout.splitlines()[-1])
    assert Path(code).is_relative_to(copy.root / "mlartifacts")
    assert spanish["answer"] and "Ana vive en Lima."[spanish["start"] :].startswith(spanish["answer"])
    assert 0 <= hindi["score"] <= 1
