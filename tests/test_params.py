import shutil
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from gemquad.errors import UserError
from gemquad.params import RENAMED, TABLES, Compared, Params, load_params
from gemquad.settings.compose import compose
from gemquad.tasks.loading import load_task

ROOT = Path(__file__).parents[1]


BAD_NAMES = [
    "a/b",
    "a:b",
    "a'b",
    'a"b',
    "../x",
    "..",
    "a\nb",
    "a\tb",
    " a",
    "a ",
    "-a",
    "a%b",
    "x" * 101,
    "a`b`",
    "$(a)",
]


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
    german = "++data.languages.de.test=/abs/t.json"
    overrides = ["data=files", "data.gold=g.json", german, "data.limits.gold=800", "lang=de"]
    params = load_params(compose(ROOT, overrides, tmp_path / "params.yaml"))
    assert params.data.sources == {"gold": "g.json", "test-de": "/abs/t.json"}
    assert [params.data.role_of(key) for key in params.data.sources] == [("gold", "en"), ("test", "de")]
    assert params.data.limit("gold") == 800
    assert params.lang == ["de"]


@pytest.mark.parametrize("no_gold", ["data.gold=null", "data.gold="])
def test_without_gold_round_0_trains_on_the_candidates(no_gold: str, tmp_path: Path) -> None:
    params = load_params(compose(ROOT, [no_gold], tmp_path / "params.yaml"))
    assert [one["silver"] for one in params.rounds.values()] == [
        "data/candidates.parquet",
        "data/rounds/1/silver.parquet",
        "data/rounds/2/silver.parquet",
    ]
    assert "gold" not in params.data.sources


def test_systems_that_are_prompted_stand_apart_from_those_that_are_trained(tmp_path: Path) -> None:
    systems = "[baseline,silver_alone,zero_shot_llm,few_shot_llm]"
    overrides = [f"comparison.systems={systems}", "comparison.seeds=[13,14]"]
    params = load_params(compose(ROOT, overrides, tmp_path / "params.yaml"))
    assert params.comparisons == ["baseline-14", "silver_alone-13", "silver_alone-14"]
    assert params.prompted == ["zero_shot_llm-13", "few_shot_llm-13", "few_shot_llm-14"]
    assert Compared.of("silver_alone-14") == ("silver_alone", 14)


@pytest.mark.parametrize("name", sorted(p.stem for p in (ROOT / "conf/task").glob("[!_]*.yaml")))
def test_every_task_composes_and_can_be_prompted(name: str, tmp_path: Path) -> None:
    """Those without bundled data get files of the user."""
    own = name not in ("extractive_qa", "jnli", "marc-ja")
    files = ["data.gold=g", "++data.languages.ja={exemplars: f, dev: f, test: f}"] if own else []
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
        ("stopping", "patince", 3, r"params\.yaml: stopping\.patince: unknown setting; nearest: stopping\.patience"),
        ("stopping", "patience", 0, "stopping.patience is out of range"),
        ("stopping", "patience", "two", "expected int"),
        ("stopping", "patience", True, "expected int"),
        ("filter", "agreement", "f2", "must be one of: exact, f1"),
        ("filter", "keep_fraction", 0, "filter.keep_fraction is out of range; it must be over 0, at most 1"),
        ("filter", "tolerance", -0.5, "filter.tolerance is out of range"),
        ("generation", "max_text_tokens", 0, "generation.max_text_tokens is out of range"),
        ("sampling", "top_k", [100, 50], "sampling.top_k is out of range"),
        (
            "tuning",
            "trainable_layers",
            0,
            "tuning.trainable_layers is out of range; it must be 1 or more, or null for all",
        ),
        ("sampling", "top_p", 0.9, r"a list \[low, high\]"),
        ("", "lang", [], "lang is out of range"),
        ("", "lang", ["es", "es"], "each language once"),
        ("student", "trainable_layers", -1, "student.trainable_layers is out of range"),
        ("data", "limits", {"dev": 0}, "data.limits.dev is out of range"),
        ("data", "allow_overlap", ["passages-tset"], "data.allow_overlap is out of range"),
        ("comparison", "seeds", [13, 13], "comparison.seeds is out of range"),
        ("comparison", "systems", ["rnadom"], "'rnadom'; it must be one of: baseline, longer_baseline"),
        (
            "comparison",
            "systems",
            ["translated"],
            "data.languages is out of range.*comparison.systems names 'translated'",
        ),
        ("student", "eval_batch_size", 0, "student.eval_batch_size is out of range"),
        ("student", "stride", 9999, "student.stride is out of range"),
        ("", "student", 3, "a section of settings"),
        ("", "seed", 2**32, "seed is out of range; it must be 0 to 4294967295"),
        ("", "seed", -1, "seed is out of range"),
        ("comparison", "seeds", [13, -1], "comparison.seeds is out of range; it must be 0 to 4294967295"),
        ("student", "learning_rate", float("inf"), "student.learning_rate is inf; expected a finite number"),
        ("student", "weight_decay", float("nan"), "student.weight_decay is nan; expected a finite number"),
        ("student", "weight_decay", -5.0, "student.weight_decay is out of range; it must be 0 or more"),
        ("stopping", "min_improvement", -1.0, "stopping.min_improvement is out of range; it must be 0 or more"),
        ("stopping", "max_rounds", 10**9, "stopping.max_rounds is out of range; it must be 1 to 1000"),
        ("generation", "stop_logit_bias", float("-inf"), "generation.stop_logit_bias is -inf; expected a finite"),
        ("generation", "max_cost", float("inf"), "generation.max_cost is inf; expected a finite number"),
        ("sampling", "temperature", [0.1, float("inf")], "sampling.temperature is inf; expected a finite number"),
        ("generator", "parts", -1, "generator.parts is out of range"),
        ("generator", "name", " ", "generator.name is out of range; it must be a name"),
        ("generator", "name", "a\0b", "generator.name holds a control character"),
        ("data", "gold", " ", "data.gold is out of range; it must be a path; or hub: and the name"),
        ("data", "gold", "hub:$(touch Y)", "data.gold is out of range; it must be a path; or hub: and the name"),
        ("data", "gold", "a\0b.json", "data.gold holds a control character"),
        ("data", "languages", {"es": {"dev": ""}}, "data.languages.es.dev is out of range; it must be a path"),
        ("data", "languages", {"es": {"dev": "hub:../x"}}, "data.languages.es.dev is out of range"),
        ("data", "gold_language", "en\n", "data.gold_language has 'en.n', which is no language code"),
        ("task", "name", "", "task.name is out of range; it must be 1 to 100 letters, digits, blanks and"),
        *(("task", "name", name, "task.name is out of range") for name in BAD_NAMES),
    ],
)
def test_bad_settings_are_named(tmp_path: Path, section: str, key: str, value: object, message: str) -> None:
    with pytest.raises(UserError, match=message):
        load_params(with_change(tmp_path, section, key, value))


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["stopping.metric=f1"], r"stopping\.metric is out of range; it must be one of the task's metrics, acc"),
        (
            ["tuning.epochs=1", "backend=scripted"],
            r"tuning\.epochs is out of range; it must be 0 with backend=scripted, because a generator learns in this process",
        ),
        (
            ["tuning.epochs=1", "data.gold=null"],
            r"tuning\.epochs is out of range; it must be 0, because there is no gold",
        ),
        (
            ["tuning.accepted=data/own/accepted.parquet"],
            r"tuning\.epochs is out of range; it must be over 0, because tuning\.accepted names pairs to learn from",
        ),
        (
            ["tuning.epochs=1", "tuning.accepted=data/../data/rounds/1/silver.parquet"],
            r"tuning\.accepted is out of range; it must be no file that this run itself writes from what the generator "
            r"wrote: copy data/\.\./data/rounds/1/silver\.parquet to data/own/accepted\.parquet, say, and name that",
        ),
        (
            ["tuning.epochs=1", "tuning.accepted=data/comparisons/silver.parquet"],
            r"copy data/comparisons/silver\.parquet to d",
        ),
        (["data.gold=null", "comparison=training_data"], r"comparison\.systems is out of range.*there is no gold"),
        (
            ["data.languages.ja.exemplars=null", "comparison=all"],
            r"data\.languages is out of range.*names 'few_shot_llm'",
        ),
        (
            ["filter.weights=informative"],
            r"generation\.blind_answers is out of range; it must be true, because filter\.weights=informative",
        ),
        (
            [
                "task=jsts",
                "data=files",
                "data.gold=g",
                "++data.languages.ja={exemplars: f, dev: f, test: f}",
                "filter.weights=informative",
                "generation.blind_answers=true",
            ],
            r"filter\.weights is out of range; it must be none, agreement or value",
        ),
        (
            ["filter.keep_fraction=0.5"],
            r"filter\.keep_fraction is out of range; it must be 1, because with generation\.rank",
        ),
        (
            ["comparison.systems=[likeliest]"],
            r"generation\.rank_by is out of range; it must be answer or answer_gain, because .*names 'likeliest'",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_named(tmp_path: Path, overrides: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        load_params(compose(ROOT, ["task=jnli", *overrides], tmp_path / "params.yaml"))


def test_without_gold_the_baseline_of_the_rounds_may_be_named(tmp_path: Path) -> None:
    overrides = ["task=jnli", "data.gold=null", "comparison.systems=[baseline,sequential]"]
    assert load_params(compose(ROOT, overrides, tmp_path / "params.yaml")).comparisons == []


@pytest.mark.parametrize(
    ("overrides", "taught"),
    [
        ([], ""),
        (["tuning.epochs=1"], "gold"),
        (["tuning.epochs=1", "tuning.accepted=data/own/accepted.parquet"], "gold and accepted pairs"),
        (["tuning.epochs=1", "tuning.accepted=mine.parquet", "data.gold=null"], "accepted pairs"),
    ],
)
def test_what_the_generator_learns_from_is_told(tmp_path: Path, overrides: list[str], taught: str) -> None:
    assert load_params(compose(ROOT, overrides, tmp_path / "params.yaml")).taught == taught


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
    with pytest.raises(UserError, match=r"stopping\.patince: unknown setting; nearest: stopping\.patience\."):
        compose(ROOT, ["stopping.patince=3"], tmp_path / "params.yaml")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("student.epoch=2", "params.yaml: student.epoch: unknown setting; nearest: student.epochs."),
        ("stduent=gemma-270m", "params.yaml: stduent: unknown setting; nearest: student."),
        (
            "prompting.labels.fr=[Texte,Question,Réponse]",
            "prompting.labels.fr is not among the settings in conf/ yet. To add it write a plus before it: +prompting.labels.fr=",
        ),
        (
            "filter.allow_empty=true",
            "filter.allow_empty is not among the settings in conf/ yet. To add it write a plus",
        ),
        ("task=jnly", "there is no conf/task/jnly.yaml; nearest: jnli. For task=… there are: covid-tweets,"),
        (
            "experiment=fr",
            "there is no conf/experiment/fr.yaml. For experiment=… there are: paper, quick. `gemquad init fr` makes it",
        ),
        (
            "lang=fr",
            "params.yaml: lang names 'fr', which has no files in data.languages (es, hi). `gemquad init fr` makes files",
        ),
        (
            "data=files",
            "params.yaml: lang names 'es', which has no files in data.languages (none has). `gemquad init es`",
        ),
    ],
)
def test_what_conf_does_not_have_is_answered_with_what_it_has(tmp_path: Path, override: str, message: str) -> None:
    with pytest.raises(UserError) as error:
        compose(ROOT, [override], tmp_path / "params.yaml")
    assert str(error.value).startswith(message)


MISTAKES = [
    ("+lnag=es", "lnag: unknown setting; nearest: lang."),
    ("seed=x", "seed is 'x'; expected int."),
    ("+task.kindd=x", "task.kindd: unknown setting; nearest: task.kind."),
    ("task.kind=extractive", "task.kind is 'extractive'; it must be one of: extractive_qa, text_classification, pair_"),
    ("+prompting.oder=x", "prompting.oder: unknown setting; nearest: prompting.order."),
    ("+prompting.prompts=9", "prompting.prompts: unknown setting; nearest: prompting.prompts_per_passage."),
    (
        "prompting.shots=-1",
        "prompting.shots is out of range; it must be 0 or more. Set it with `dvc exp run -S prompting.sh",
    ),
    ("prompting.shots=two", "prompting.shots is 'two'; expected int. Set it with `dvc exp run -S prompting.shots=…`."),
    ("prompting.labels.es=[Texto]", "prompting.labels.es is out of range; it must be [passage, question, answer]."),
    ("+data.gold_langauge=en", "data.gold_langauge: unknown setting; nearest: data.gold_language."),
    ("++data.languages.de.tset=x", "data.languages.de.tset: unknown setting; nearest: data.languages.de.test."),
    ("data.limits.gold=0", "data.limits.gold is out of range; it must be 1 or more, or null for all."),
    ("sampling.top_p=[0.9,0.5]", "sampling.top_p is out of range; it must be [low, high] within 0 to 1."),
    ("+generator.whel=x", "generator.whel: unknown setting; nearest: generator.wheel."),
    ("tuning.epochs=-1", "tuning.epochs is out of range; it must be 0 or more."),
    ("generation.answer=gredy", "generation.answer is 'gredy'; it must be one of: greedy, sample (nearest: greedy)."),
    (
        "backend.name=vlm",
        "backend.name is 'vlm'; it must be one of: transformers, openai, vllm, scripted (nearest: vllm).",
    ),
    ("prices.hour=-1", "prices.hour is out of range; it must be 0 or more."),
    ("student.epochs=-1", "student.epochs is out of range; it must be over 0."),
    ("+student.epochz=2", "student.epochz: unknown setting; nearest: student.epochs."),
    ("+student.model.nam=x", "student.model.nam: unknown setting; nearest: student.model.name."),
    ("filter.min_f1=80", "filter.min_f1 is out of range; it must be 0 to 1."),
    ("filter.labelers=2", "filter.labelers is out of range; it must be 1, or 3 or more."),
    ("filter.min_votes=0", "filter.min_votes is out of range; it must be over 0, at most 1."),
    (
        "filter.repair=true",
        "filter.repair needs labelers that agree with each other: set filter.labelers to 3 or more.",
    ),
    ("stopping.max_rounds=two", "stopping.max_rounds is 'two'; expected int."),
    (
        "stopping.metric=accuracy",
        "stopping.metric is out of range; it must be one of the task's metrics, f1, exact_match,",
    ),
    ("comparison.systems=[rnadom]", "comparison.systems is 'rnadom'; it must be one of: baseline,"),
    ("report.pairs=-1", "report.pairs is out of range; it must be 0 or more, or null for all."),
    ("lang=spanish", "lang has 'spanish', which is no language code (BCP-47); nearest: es."),
    ("lang=[es,xx-nonsense]", "lang has 'xx-nonsense', which is no language code (BCP-47); nearest: "),
    ("++data.languages.all.test=x", "data.languages.all has 'all', which names all languages together in results; "),
    ("++data.languages.jp.test=x", "data.languages.jp has 'jp', which is no language code (BCP-47); nearest: ja."),
    (
        "data.gold_language=english",
        "data.gold_language has 'english', which is no language code (BCP-47); nearest: en.",
    ),
]


@pytest.mark.parametrize(("override", "message"), MISTAKES)
def test_what_cannot_be_is_refused_when_it_is_composed(tmp_path: Path, override: str, message: str) -> None:
    """And params.yaml is as it was."""
    target = tmp_path / "params.yaml"
    target.write_text("as before", encoding="utf-8")
    with pytest.raises(UserError) as error:
        compose(ROOT, [override], target)
    assert str(error.value).startswith(f"params.yaml: {message}")
    assert "\n" not in str(error.value)
    assert target.read_text(encoding="utf-8") == "as before"


def test_every_section_has_a_mistake_above() -> None:
    named = {override.lstrip("+").split("=")[0].split(".")[0] for override, _ in MISTAKES}
    assert {field.name for field in fields(Params)} - set(TABLES) <= named


@pytest.mark.parametrize(
    ("override", "now"),
    [
        ("generation.answer_ending_bonus=1", "generation.answer_ending_bonus is now generation.stop_logit_bias"),
        ("generation.keep_fraction=1", "generation.keep_fraction is now filter.keep_fraction"),
        ("data.exemplars.es=x", "data.exemplars.es is now data.languages.es.exemplars"),
        ("data.gold_limit=3", "data.gold_limit is now data.limits.gold"),
        ("hub.xquad.revision=x", "hub.xquad.revision is now the entry `xquad` of conf/catalogue.yaml"),
        (
            "+generation.answer_ending_bonus=1",
            "generation.answer_ending_bonus: this setting is now generation.stop_logit_b",
        ),
        ("+data.exemplars.es=x", "data.exemplars: this setting is now data.languages.LANGUAGE.exemplars"),
        ("+data.test_limit=3", "data.test_limit: this setting is now data.limits.test"),
        ("+hub.mine={repo: a}", "hub: this setting is now the file conf/catalogue.yaml"),
    ],
)
def test_an_old_name_is_answered_with_the_new_one(tmp_path: Path, override: str, now: str) -> None:
    with pytest.raises(UserError) as error:
        compose(ROOT, [override], tmp_path / "params.yaml")
    assert now in str(error.value)


def test_a_file_of_an_earlier_version_names_what_is_new(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"data\.gold_limit: this setting is now data\.limits\.gold\. docs/migration\.md"
    ):
        load_params(with_change(tmp_path, "data", "gold_limit", None))


def test_new_names_are_settings_and_stand_in_the_documentation(tmp_path: Path) -> None:
    page = (ROOT / "docs/migration.md").read_text(encoding="utf-8")
    for old, new in RENAMED.items():
        shown = old.replace("*", "LANGUAGE") if old.startswith("data.") else old.replace("*", "NAME")
        assert f"`{shown}`" in page, old
        if "*" not in old and "conf/" not in new:
            value = "x" if "LANGUAGE" in new else 1
            compose(ROOT, [f"++{new.replace('LANGUAGE', 'es')}={value}"], tmp_path / "params.yaml")


@pytest.mark.parametrize("lang", ["no", "[no,es]", "'no'"])
def test_norwegian_stays_norwegian(lang: str, tmp_path: Path) -> None:
    """YAML reads `no` as false; Hydra writes it in quotes."""
    entry = "++data.languages.no={dev: d}"
    assert "no" in load_params(compose(ROOT, [f"lang={lang}", entry], tmp_path / "params.yaml")).lang
    files = compose(ROOT, ["lang=no", "++data.languages.no={dev: d, test: t}"], tmp_path / "params.yaml")
    assert load_params(files).data.files("dev") == {
        **{code: f"data/sample/dev.{code}.json" for code in ("es", "hi")},
        "no": "d",
    }


def test_norwegian_without_quotes_is_named(tmp_path: Path) -> None:
    path = compose(ROOT, ["lang=no", "++data.languages.no={dev: d}"], tmp_path / "params.yaml")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("lang: 'no'", "lang: no"), encoding="utf-8")
    with pytest.raises(
        UserError, match=r"lang is False; expected a list; YAML reads yes, no, on and off as true and false"
    ):
        load_params(path)
    path.write_text(text.replace("    'no':\n", "    no:\n"), encoding="utf-8")
    with pytest.raises(UserError, match=r"data\.languages\.false: YAML reads yes, no, on and off .* in quotes"):
        load_params(path)


def test_a_language_is_added_as_one_entry_and_keeps_its_own_code(tmp_path: Path) -> None:
    entry = "+data.languages.zh-TW={exemplars: e, passages: p, dev: d, test: t}"
    params = load_params(compose(ROOT, ["lang=zh-TW", entry], tmp_path / "params.yaml"))
    assert {key: path for key, path in params.data.sources.items() if key.endswith("zh-TW")} == {
        "exemplars-zh-TW": "e",
        "passages-zh-TW": "p",
        "dev-zh-TW": "d",
        "test-zh-TW": "t",
    }
    assert params.data.role_of("dev-zh-TW") == ("dev", "zh-TW")


def test_params_yaml_holds_parameters_on_few_lines() -> None:
    assert len((ROOT / "params.yaml").read_text(encoding="utf-8").splitlines()) <= 180


def test_a_key_that_no_table_has_is_a_user_error(tmp_path: Path) -> None:
    """A stage that is called by hand with a mistyped key."""
    params = load_params(compose(ROOT, [], tmp_path / "params.yaml"))
    with pytest.raises(UserError, match=r"data\.sources of params\.yaml has no 'dev-fr'\. It has: gold, exemplars-es,"):
        params.data.role_of("dev-fr")
    with pytest.raises(UserError, match=r"fetches of params\.yaml has no 'xquad-fr'\. It has: none"):
        params.fetched("xquad-fr")
    for key in ("random", "random-x", "rnadom-13"):
        with pytest.raises(UserError, match=rf"'{key}' names no compared system and seed"):
            Compared.of(key)


@pytest.mark.parametrize(
    ("table", "value"),
    [
        ("rounds", {"0;touch X;": {"after": "a", "silver": "b"}}),
        ("filtered", {"1": 1}),
        ("fetches", {"$(touch Y)-en": "squad"}),
        ("comparisons", ["random-13;touch X"]),
        ("prompted", ["zero_shot_llm-13"]),
        ("data.sources", {"gold;touch X;": "f"}),
    ],
)
def test_a_table_that_the_settings_do_not_make_is_refused(tmp_path: Path, table: str, value: object) -> None:
    section, _, key = table.rpartition(".")
    with pytest.raises(UserError, match=rf"params\.yaml: {table} is not what the settings make of it.*gemquad compose"):
        load_params(with_change(tmp_path, section, key, value))
    with pytest.raises(UserError, match=f"{table} is no(t what the settings make of it| setting)"):
        compose(changed_conf(tmp_path, **{table: value}), [], tmp_path / "composed.yaml")
    assert not (tmp_path / "composed.yaml").exists()


def test_tables_that_replace_all_others_are_refused(tmp_path: Path) -> None:
    """So that no resolver is asked."""
    tables: dict[str, object] = {name: [] if name in ("comparisons", "prompted") else {} for name in TABLES}
    with pytest.raises(UserError, match=r"params\.yaml: rounds is not what the settings make of it"):
        compose(changed_conf(tmp_path, **tables), [], tmp_path / "composed.yaml")


def changed_conf(folder: Path, **settings: object) -> Path:
    """A folder with the project's `conf` and resolvers, and an experiment of another's in it that is chosen."""
    for name in ("conf", "src/hydra_plugins"):
        shutil.copytree(ROOT / name, folder / name, dirs_exist_ok=True)
    raw: dict[str, object] = {}
    for name, value in settings.items():
        section, _, key = name.rpartition(".")
        raw |= {section: {key: value}} if section else {key: value}
    text = "# @package _global_\n" + yaml.safe_dump(raw)
    (folder / "conf/experiment/foreign.yaml").write_text(text, encoding="utf-8")
    config = (folder / "conf/config.yaml").read_text(encoding="utf-8")
    (folder / "conf/config.yaml").write_text(
        config.replace("experiment: null", "experiment: foreign"), encoding="utf-8"
    )
    return folder


@pytest.mark.parametrize("kind", ["oc.env", "oc.decode", "env"])
@pytest.mark.parametrize("place", ["task.name", "data.gold"])
def test_no_variable_of_the_environment_comes_into_the_parameters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, place: str
) -> None:
    monkeypatch.setenv("A_SECRET", "s3cret")
    text = f"${{{kind}:A_SECRET}}"
    for root, overrides in ((ROOT, [f"{place}={text}"]), (changed_conf(tmp_path, **{place: text}), [])):
        with pytest.raises(UserError) as error:
            compose(root, overrides, tmp_path / "params.yaml")
        assert str(error.value).startswith(f"${{{kind}:…}} would write a variable of the environment, perhaps a secret")
        assert "s3cret" not in str(error.value) and not (tmp_path / "params.yaml").exists()


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("[Passage,Question,Réponse]", ["Passage", "Question", "Réponse"]),
        ("[文章, 質問 ,答え]", ["文章", "質問", "答え"]),
        ("[Passage,'Question',Answer]", ["Passage", "Question", "Answer"]),
    ],
)
def test_words_of_other_languages_need_no_quotes_of_hydra(tmp_path: Path, value: str, read: list[str]) -> None:
    composed = compose(ROOT, [f"+prompting.labels.fr={value}"], tmp_path / "params.yaml")
    assert yaml.safe_load(composed.read_text(encoding="utf-8"))["prompting"]["labels"]["fr"] == read


@pytest.mark.parametrize(
    "name",
    [
        "données.json",
        "a(b).json",
        "a=b.json",
        "a b.json",
        "a#b&c;d.json",
        "~/x.json",
        "`touch X`",
        "é\\",
        "a{b}.json",
        "é?*!|",
    ],
)
def test_names_of_files_need_no_quotes_of_hydra(tmp_path: Path, name: str) -> None:
    assert load_params(compose(ROOT, [f"data.gold={name}"], tmp_path / "params.yaml")).data.gold == name


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("data.gold=it's.json", 'cannot be read. Hydra wants quotes of its own around a value .* "data.gold='),
        ("+prompting.labels.fr={a: é}", "cannot be read"),
        ("data.gold=é,b", "cannot be read"),
        ("++data.languages.é.test=x", "cannot be read.*a key cannot be quoted"),
        ("seed", "cannot be read"),
        ("lang=es,hi", r"has several values, and params.yaml takes one. A list is written in brackets, KEY=\[a,b\]"),
        ("seed=range(1,3)", "has several values"),
    ],
)
def test_an_override_that_is_unclear_is_answered_with_how_to_quote(tmp_path: Path, override: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        compose(ROOT, [override], tmp_path / "params.yaml")


@pytest.mark.parametrize("name", ["jnli", "covid-tweets", "Ärger 2.0", "語", "x" * 100, "a_b+c"])
def test_a_task_may_be_called_so(tmp_path: Path, name: str) -> None:
    assert load_params(with_change(tmp_path, "task", "name", name)).task.name == name


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a: 1\na: 2", "the key 'a' stands there twice"),
        (f"a: {'9' * 5000}", "Exceeds the limit"),
        (f"a: {'[' * 400}{']' * 400}", "nested too deeply"),
        ("a: &a [*a]", "nested more than 50 deep"),
        ("a: !!int ''", "string index out of range"),
        ("a: !!python/name:os.system x", "could not determine a constructor"),
    ],
)
def test_a_broken_file_of_conf_is_named(tmp_path: Path, line: str, message: str) -> None:
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    (tmp_path / "conf/task/mine.yaml").write_text(f"{line}\n")
    with pytest.raises(UserError) as error:
        compose(tmp_path, [], tmp_path / "params.yaml")
    assert str(error.value).startswith(f"{tmp_path}/conf/task/mine.yaml is not YAML: ") and message in str(error.value)
    assert str(error.value).endswith(". Correct it.")
