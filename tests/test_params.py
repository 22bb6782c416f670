from pathlib import Path

import pytest
import yaml

from gemquad.compose import compose
from gemquad.errors import UserError
from gemquad.params import load_params
from gemquad.tasks.loading import load_task

ROOT = Path(__file__).parents[1]


def with_change(tmp_path: Path, section: str, key: str, value: object) -> Path:
    raw = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    (raw[section] if section else raw)[key] = value
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    return path


def test_committed_params_are_what_conf_composes_to(tmp_path: Path) -> None:
    composed = compose(ROOT, [], tmp_path / "params.yaml")
    assert composed.read_text(encoding="utf-8") == (ROOT / "params.yaml").read_text(encoding="utf-8")


def test_one_number_sets_the_rounds(tmp_path: Path) -> None:
    params = load_params(compose(ROOT, ["stopping.max_rounds=3"], tmp_path / "params.yaml"))
    assert params.rounds == {
        "0": {"after": "data/rounds/0/opening.json", "silver": "data/rounds/0/silver.parquet"},
        "1": {"after": "metrics/rounds/0/decision.json", "silver": "data/rounds/1/silver.parquet"},
        "2": {"after": "metrics/rounds/1/decision.json", "silver": "data/rounds/2/silver.parquet"},
        "3": {"after": "metrics/rounds/2/decision.json", "silver": "data/rounds/3/silver.parquet"},
    }
    assert params.filtered == {"1": 0, "2": 1, "3": 2}


def test_files_are_named_by_role_and_language(tmp_path: Path) -> None:
    overrides = ["data=files", "data.gold=g.json", "data.test.de=/abs/t.json", "data.gold_limit=800", "lang=es"]
    params = load_params(compose(ROOT, overrides, tmp_path / "params.yaml"))
    assert params.data.sources == {
        "gold": {"role": "gold", "language": "en", "path": "g.json"},
        "test-de": {"role": "test", "language": "de", "path": "/abs/t.json"},
    }
    assert params.data.limit("gold") == 800
    assert params.lang == ["es"]


@pytest.mark.parametrize("no_gold", ["data.gold=null", "data.gold="])
def test_without_gold_round_0_trains_on_the_synthetic_pairs(no_gold: str, tmp_path: Path) -> None:
    params = load_params(compose(ROOT, [no_gold], tmp_path / "params.yaml"))
    assert [one["silver"] for one in params.rounds.values()] == [
        "data/synthetic.parquet",
        "data/rounds/1/silver.parquet",
        "data/rounds/2/silver.parquet",
    ]
    assert "gold" not in params.data.sources


def test_systems_that_are_prompted_stand_apart_from_those_that_are_trained(tmp_path: Path) -> None:
    systems = "[baseline,silver_alone,zero_shot_llm,few_shot_llm]"
    overrides = [f"comparison.systems={systems}", "comparison.seeds=[13,14]"]
    params = load_params(compose(ROOT, overrides, tmp_path / "params.yaml"))
    assert list(params.comparisons) == ["baseline-14", "silver_alone-13", "silver_alone-14"]
    assert list(params.prompted) == ["zero_shot_llm-13", "few_shot_llm-13", "few_shot_llm-14"]


@pytest.mark.parametrize("name", sorted(p.stem for p in (ROOT / "conf/task").glob("[!_]*.yaml")))
def test_every_task_composes_and_can_be_prompted(name: str, tmp_path: Path) -> None:
    """Those without bundled data get files of the user."""
    own = name not in ("extractive_qa", "jnli", "marc-ja")
    files = ["data.gold=g", *(f"data.{role}.ja=f" for role in ("exemplars", "dev", "test"))] if own else []
    params = load_params(compose(ROOT, [f"task={name}", *files], tmp_path / "params.yaml"))
    assert load_task(params).name == name
    assert load_task(params).prompter
    assert params.stopping.metric in [metric.name for metric in load_task(params).metrics]


@pytest.mark.parametrize("name", sorted(p.stem for p in (ROOT / "conf/generator").glob("*.yaml")))
def test_every_generator_composes(name: str, tmp_path: Path) -> None:
    assert load_params(compose(ROOT, [f"generator={name}"], tmp_path / "params.yaml")).generator.name


@pytest.mark.parametrize("name", sorted(p.stem for p in (ROOT / "conf/student").glob("*.yaml")))
def test_every_student_composes(name: str, tmp_path: Path) -> None:
    assert load_params(compose(ROOT, [f"student={name}"], tmp_path / "params.yaml")).student.model.name


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        ("stopping", "patince", 3, "unknown setting 'patince'"),
        ("stopping", "patience", 0, "stopping.patience is out of range"),
        ("stopping", "patience", "two", "expected int"),
        ("stopping", "patience", True, "expected int"),
        ("filter", "agreement", "f2", "must be one of: exact, f1"),
        ("filter", "tolerance", -0.5, "filter.tolerance is out of range"),
        ("generation", "max_text_tokens", 0, "generation.max_text_tokens is out of range"),
        ("sampling", "top_k", [100, 50], "sampling.top_k is out of range"),
        ("sampling", "top_p", 0.9, r"a list \[low, high\]"),
        ("", "lang", [], "lang is out of range"),
        ("", "lang", ["es", "es"], "each language once"),
        ("student", "trainable_layers", -1, "student.trainable_layers is out of range"),
        ("data", "dev_limit", 0, "data.dev_limit is out of range"),
        ("data", "allow_overlap", ["passages-tset"], "data.allow_overlap is out of range"),
        ("comparison", "seeds", [13, 13], "comparison.seeds is out of range"),
        ("comparison", "systems", ["rnadom"], "'rnadom'; it must be one of: baseline, longer_baseline"),
        (
            "comparison",
            "systems",
            ["translated"],
            "data.translated is out of range.*comparison.systems names 'translated'",
        ),
        ("student", "eval_batch_size", 0, "student.eval_batch_size is out of range"),
        ("student", "stride", 9999, "student.stride is out of range"),
        ("", "student", 3, "a section of settings"),
    ],
)
def test_bad_settings_are_named(tmp_path: Path, section: str, key: str, value: object, message: str) -> None:
    with pytest.raises(UserError, match=message):
        load_params(with_change(tmp_path, section, key, value))


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["stopping.metric=f1"], r"stopping\.metric is out of range; it must be one of task\.metrics"),
        (["data.gold=null", "comparison=training_data"], r"comparison\.systems is out of range.*there is no gold"),
        (["data.exemplars.ja=null", "comparison=all"], r"data\.exemplars is out of range.*names 'few_shot_llm'"),
    ],
)
def test_settings_that_do_not_go_together_are_named(tmp_path: Path, overrides: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        load_params(compose(ROOT, ["task=jnli", *overrides], tmp_path / "params.yaml"))


def test_without_gold_the_baseline_of_the_rounds_may_be_named(tmp_path: Path) -> None:
    overrides = ["task=jnli", "data.gold=null", "comparison.systems=[baseline,sequential]"]
    assert load_params(compose(ROOT, overrides, tmp_path / "params.yaml")).comparisons == {}


def test_a_missing_setting_is_named(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("lang: es\n", encoding="utf-8")
    with pytest.raises(UserError, match="setting 'seed' is missing"):
        load_params(path)


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="gemquad compose"):
        load_params(tmp_path / "none.yaml")
    (tmp_path / "broken.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(UserError, match="not YAML"):
        load_params(tmp_path / "broken.yaml")


def test_an_unknown_override_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot compose"):
        compose(ROOT, ["stopping.patince=3"], tmp_path / "params.yaml")
