"""The cards of a finished run: valid by the rules of the hub, and without a number that no file of the run has."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from datasets import load_dataset
from huggingface_hub import DatasetCard, ModelCard, metadata_load
from huggingface_hub.repocard_data import eval_results_to_model_index, model_index_to_eval_results
from jinja2 import Environment
from jinja2.meta import find_undeclared_variables

from card_rules import TASKS, problems
from conftest import ROOT, pair, with_tables
from gemquad.cards.dataset import configurations, size_category
from gemquad.cards.facts import facts, origin, template
from gemquad.cards.licences import Licence, data_licence, generator, weights
from gemquad.cards.model import model_card
from gemquad.cards.silver import Part, write_silver
from gemquad.files import read_json, write_json
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.report.content import PageContent
from gemquad.schema import Judgement, SilverPair, SyntheticPair
from gemquad.tasks.base import AnyTask
from gemquad.tracking import samples
from gemquad.views.loading import load_view
from gemquad.workspace import Workspace
from in_process import Call, run_call
from released import released_run
from test_page import CLASSES, NUMBERS, TASK, content, labelled, score, system

MODEL, DATASET = "models/release/README.md", "data/release/README.md"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, tiny_gemma: Path) -> Path:
    return released_run(tmp_path_factory, tiny_gemma)


@pytest.fixture(scope="module")
def bare(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run as if there had been no gold, and no pair had been silver: its release made again."""
    folder = tmp_path_factory.mktemp("bare") / "run"
    shutil.copytree(run, folder, symlinks=True, ignore=shutil.ignore_patterns("release"))
    judgements = read_records(folder / "data/rounds/1/judgements.parquet", Judgement)
    write_records(folder / "data/rounds/1/judgements.parquet", Judgement, [replace(j, kept=False) for j in judgements])
    write_records(folder / "data/rounds/1/silver.parquet", SilverPair, [])
    decision = read_json(folder / "metrics/rounds/1/decision.json")
    write_json(folder / "metrics/rounds/1/decision.json", {**decision, "history": decision["history"][:1]})
    intervals = read_json(folder / "metrics/intervals.json")
    intervals["systems"][0]["updates"] = {"synthetic": 9}
    write_json(folder / "metrics/intervals.json", intervals)
    params = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))
    params["data"]["gold"] = None
    (folder / "params.yaml").write_text(yaml.safe_dump(with_tables(params)), encoding="utf-8")
    with chdir(folder):
        run_call(Call("report", {}, {}))
    return folder


@pytest.fixture(params=["run", "bare"])
def either(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("card", [MODEL, DATASET])
def test_a_card_is_valid_and_the_same_when_it_is_read_and_written(either: Path, card: str) -> None:
    text = (either / card).read_text(encoding="utf-8")
    kind, reader = ("model", ModelCard) if card == MODEL else ("dataset", DatasetCard)
    assert problems(kind, text) == []
    assert str(reader(text)) == text
    assert str(either) not in text and "None" not in text


def test_the_rules_find_what_is_wrong(run: Path) -> None:
    model = (run / MODEL).read_text(encoding="utf-8")
    assert problems("model", model.replace("license: unknown", "license: gemma-terms"))
    assert problems("model", model.replace("- es\n", "- xx-nowhere\n", 1))
    assert problems("model", model.replace("type: test-es", "type: test es"))
    dataset = (run / DATASET).read_text(encoding="utf-8")
    assert problems("dataset", dataset.replace("n<1K", "72"))
    assert problems("dataset", dataset.replace("split: silver", "split: sil-ver"))
    assert problems("dataset", dataset.replace("config_name: es", "config: es"))


def test_the_metadata_name_task_languages_licence_and_data(run: Path) -> None:
    model, dataset = metadata_load(run / MODEL), metadata_load(run / DATASET)
    assert model["pipeline_tag"] == "question-answering" and dataset["task_ids"] == ["extractive-qa"]
    assert (model["language"], dataset["language"]) == (["es", "hi", "en"], ["es", "hi"])
    assert model["license"] == "unknown" and "base_model" not in model, "a folder says nothing of its licence"
    assert dataset["license"] == "cc-by-4.0", "that of the bundled passages"
    assert [config["config_name"] for config in dataset["configs"]] == ["default", "es", "hi"]


def test_the_model_index_has_the_scores_on_test(run: Path) -> None:
    index = metadata_load(run / MODEL)["model-index"]
    name, results = model_index_to_eval_results(index)
    assert eval_results_to_model_index(name, results) == index
    best = read_json(run / "metrics/selection.json")["round"]
    assert {(result.dataset_config, result.metric_type): result.metric_value for result in results} == {
        (language, metric): round(scores[metric], 2)
        for language, scores in read_json(run / f"metrics/rounds/{best}/scores.json")["test"].items()
        for metric in ("f1", "exact_match")
    }


def test_silver_opens_by_language_and_as_a_whole(run: Path, tmp_path: Path) -> None:
    counts = read_json(run / "metrics/rounds/1/silver.json")
    spanish = load_dataset(str(run / "data/release"), "es", cache_dir=str(tmp_path))
    whole = load_dataset(str(run / "data/release"), cache_dir=str(tmp_path))
    assert len(spanish["silver"]) == counts["es"]["silver"] > 0
    assert len(spanish["rejected"]) == counts["es"]["synthetic"] - counts["es"]["silver"] > 0
    assert len(whole["silver"]) == sum(count["silver"] for count in counts.values())
    for row in whole["silver"]:
        start, answer = row["answers"]["answer_start"][0], row["answers"]["text"][0]
        assert row["context"][start : start + len(answer)] == answer
    assert {"id", "question", "language", "labeler_answer", "agreement"} < set(whole["silver"].column_names)


def shared(folder: Path, judged: dict[str, bool], silver: list[SilverPair]) -> tuple[list[Part], Workspace]:
    """What is shared of the pairs a, b and c, of which some were `judged`, and of the round's `silver`."""
    files = Workspace(folder)
    write_records(files.synthetic, SyntheticPair, [pair("a"), pair("b"), pair("c")])
    said = {"votes": 1.0, "probability": 0.9, "repaired": False, "weight": 1.0}
    own = [Judgement(i, "es", "Lima", 12, 0.9, 1.0, **said, kept=kept) for i, kept in judged.items()]
    write_records(files.round(1).judgements, Judgement, own)
    write_records(files.round(1).silver, SilverPair, silver)
    return write_silver(files, 1, load_params(ROOT / "params.yaml")), files


def as_silver(made: SyntheticPair, **changes: Any) -> SilverPair:
    return SilverPair(**{**asdict(made), "weight": 1.0, **changes})


def test_a_pair_that_the_filter_did_not_judge_is_not_shared(tmp_path: Path) -> None:
    parts, _ = shared(tmp_path, {"b": True, "c": False}, [as_silver(pair("b"))])
    assert parts == [Part("es", "silver", 1), Part("es", "rejected", 1)]


def test_corrected_pairs_are_shared_as_they_are_and_without_a_judgement(tmp_path: Path) -> None:
    edited, own = as_silver(pair("b"), question="¿Y?"), as_silver(pair("mine"), language="hi")
    parts, files = shared(tmp_path, {"a": True, "b": False, "c": False}, [as_silver(pair("a")), edited, own])
    assert parts == [Part("es", "silver", 2), Part("es", "rejected", 1), Part("hi", "silver", 1)]
    spanish, hindi = (pd.read_parquet(files.released_data / f"{x}/silver.parquet") for x in ("es", "hi"))
    assert list(spanish["question"]) == [pair("a").question, "¿Y?"] and list(spanish["weight"]) == [1.0, 1.0]
    assert list(spanish["labeler_answer"].isna()) == [False, True] and list(hindi["repaired"]) == [None]
    assert list(pd.read_parquet(files.released_data / "es/rejected.parquet")["id"]) == ["c"]
    whole = load_dataset("parquet", data_files=[str(files.released_data / f"{x}/silver.parquet") for x in ("es", "hi")])
    assert whole["train"]["id"] == ["a", "b", "mine"]


def test_corrected_pairs_are_in_the_sample_of_silver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "_mistakes", lambda *_: pd.DataFrame())
    _, files = shared(tmp_path, {"a": True, "b": False}, [as_silver(pair("a")), as_silver(pair("b"))])
    found = samples.tables(1, files, load_params(ROOT / "params.yaml"))["silver_sample"]
    assert list(found["id"]) == ["a", "b"] and list(found["labeler"].isna()) == [False, True]


def test_without_silver_the_rejected_pairs_are_all(bare: Path, tmp_path: Path) -> None:
    opened = load_dataset(str(bare / "data/release"), cache_dir=str(tmp_path))
    assert {split: len(pairs) for split, pairs in opened.items()} == {"rejected": 72}
    model = " ".join((bare / MODEL).read_text(encoding="utf-8").split())
    assert " on synthetic pairs, " in model and "It is the baseline" in model and "* gold: none " in model
    assert "* epochs: 1 on synthetic " in model
    assert metadata_load(bare / MODEL)["language"] == ["es", "hi"]


NAMES = {"95%", "4.0"}
"""The level of the intervals, and of the sample's licence."""


@pytest.mark.parametrize("card", [MODEL, DATASET])
def test_every_number_of_a_card_is_in_a_file_of_the_run(either: Path, card: str) -> None:
    found = unexplained((either / card).read_text(encoding="utf-8"), either)
    assert found == []


def test_a_number_that_no_file_has_would_be_found(run: Path) -> None:
    assert unexplained("| Spanish (es) | 7654.32 (0–123456.7) | 98.7654% |", run) == ["7654.32", "123456.7", "98.7654%"]


def unexplained(text: str, run: Path) -> list[str]:
    """The numbers in `text` that are neither a value of the run's files nor part of a word of theirs; code and links left out."""
    text = re.sub(r"```.*?```|\(https:\S+\)|\S*n<\S*", "", text, flags=re.DOTALL)
    values = list(known_values(run))
    values.append((run / "reports/verdict.txt").read_text(encoding="utf-8"))  # with the numbers that power computes
    words = NAMES.union(*(value.split() for value in values if isinstance(value, str)))
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    written = [
        word for word in re.findall(r"[^\s()|,;:*`\[\]]*\d[^\s()|;:*`\[\]]*", text) if word.rstrip(",.") not in words
    ]
    parts = [part for word in written for part in re.findall(r"\d[\d,]*(?:\.\d+)?%?", word)]
    return [part for part in parts if part not in NAMES and not is_one_of(part.rstrip(","), numbers)]


def is_one_of(written: str, numbers: list[float]) -> bool:
    """Whether one of `numbers` is `written` when it is rounded as that is; with "%" a share of 0 to 1."""
    bare, scale = (written[:-1], 100) if written.endswith("%") else (written, 1)
    digits = len(bare.partition(".")[2])
    return any(
        f"{abs(number) * scale:,.{digits}f}" in (bare, f"{float(bare.replace(',', '')):,.{digits}f}")
        for number in numbers
    )


def known_values(run: Path) -> Iterator[Any]:
    """Every value and key of metrics, data cards, leaks and parameters."""
    files = [*(run / "metrics").rglob("*.json"), *(run / "data/read").glob("*.card.json")]
    for file in [*files, run / "data/prepared/overlaps.json"]:
        yield from leaves(json.loads(file.read_text(encoding="utf-8")))
    yield from leaves(yaml.safe_load((run / "params.yaml").read_text(encoding="utf-8")))


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (leaf for key, own in value.items() for leaf in (key, *leaves(own)))
    elif isinstance(value, list):
        yield from (leaf for own in value for leaf in leaves(own))
    else:
        yield value


CONFIG = {"model_type": "xlm-roberta", "architectures": ["XLMRobertaForQuestionAnswering"]}


def card_of(run: Path, made: PageContent, config: dict[str, Any] = CONFIG, **changes: Any) -> str:
    """The model card of other content than the run's, its paragraphs and list items unwrapped."""
    sources = [source("gold", "en"), *(source("test", language) for language in made.tested)]
    settings = {"decides on dev": "F1"}
    full = replace(made, **{"settings": settings, "sources": sources, **changes})
    text = model_card(full, load_params(run / "params.yaml"), config)
    return re.sub(r"(?<=[^\n|`])\n {0,2}(?=[^\n*|`\s-])", " ", text)


def test_scores_stand_with_their_intervals_and_gains(run: Path) -> None:
    lines = card_of(run, content()).splitlines()
    first = lines.index("| language | metric | score | gain over the baseline | tested on |")
    assert lines[first + 2] == (
        "| Spanish (es) | F1 | 60.9 (56.9–64.9) | +2.4 (−1.0 to +5.8) n.s. | 153 questions on 51 passages |"
    )
    assert lines[first + 4] == "| German (de) | F1 | 61.9 (57.9–65.9) | – | 153 questions on 51 passages |"
    accuracy = "| Japanese (ja) | accuracy | 63.4 (59.4–67.4) | +2.4 (+1.4 to +3.4) | 153 examples |"
    assert accuracy in card_of(run, labelled(CLASSES, 61.0))


def test_the_templates_ask_for_nothing_that_is_not_given(run: Path) -> None:
    known = {*facts(content(sources=[]), load_params(run / "params.yaml")), "card_data", "pipeline_tag", "name"}
    given = {"model": {"has_own_head", "auto_class"}, "dataset": {"pretty_name", "configs", "number"}}
    for name, own in given.items():
        assert find_undeclared_variables(Environment().parse(template(name))) <= known | own


HOSTILE = "[a](https://x.example) <img src=x> | `b` **c**\n# d"


def test_texts_of_others_are_no_markdown(run: Path) -> None:
    made = content()
    warned = replace(made.generation.languages["es"], warnings=[HOSTILE])
    gold = {**source("gold", "en", licence=HOSTILE), "path": f"/home/ana/{HOSTILE.replace('/', '')}.json"}
    test = [source("test", language) for language in made.tested]
    text = card_of(
        run,
        made,
        generation=replace(made.generation, languages={"es": warned}),
        sources=[gold, {**gold, "hub": None}, *test],
        systems=SYSTEMS,
    )
    assert text.count("\\[a\\](https://x.example) \\<img src=x\\> \\| \\`b\\` \\*\\*c\\*\\* # d") == 2
    assert "`[a](https:x.example) <img src=x> \\| 'b' **c** # d.json`" in text


SYSTEMS = [
    system("baseline", 58.5, gold=9),
    system("round-1", 60.9, silver=9, gold=9),
    system("unfiltered", 55.0, synthetic=9, gold=9),
]


def test_a_baseline_does_not_claim_what_only_the_rounds_had(run: Path) -> None:
    text = card_of(run, content(best="baseline"))
    assert " on gold in English (en) alone. It is the baseline of a run of " in text
    assert "no synthetic pair is in it" in text and "* epochs: 1 on gold\n" in text
    assert "synthetic-data" not in text and "Synthetic pairs were written" not in text
    assert "Not trained on Spanish (es) and German (de): their scores show what carries over." in text


def test_a_language_of_gold_is_one_that_the_student_was_trained_on(run: Path) -> None:
    systems = [replace(one, scores={"test": {"en": score(50.0), "es": score(40.0)}}) for one in SYSTEMS]
    assert "Not trained on" not in card_of(run, content(systems=systems))


def test_pairs_of_no_model_are_not_said_to_be_of_one(run: Path) -> None:
    params = load_params(run / "params.yaml")
    assert generator(params).name == "a script without a model"
    assert generator(replace(params, backend=replace(params.backend, name="vllm"))).name == "gemma-3-270m"
    tuning = replace(params.tuning, epochs=1, accepted="data/own/accepted.parquet")
    learnt = replace(params, backend=replace(params.backend, name="transformers"), tuning=tuning)
    assert generator(learnt).name == "gemma-3-270m, fine-tuned on gold and accepted pairs,"
    for card in (MODEL, DATASET):
        text = (run / card).read_text(encoding="utf-8")
        assert "a script without a model" in text and "gemma-3" not in text


def test_the_terms_of_the_generator_stand_beside_those_of_the_weights(run: Path) -> None:
    params = load_params(run / "params.yaml")
    params = replace(params, backend=replace(params.backend, name="transformers"))
    sources = [source("gold", "en"), source("test", "es"), source("test", "de")]
    made = content(sources=sources, settings={"decides on dev": "F1"}, systems=SYSTEMS)
    text = model_card(made, params, CONFIG)
    assert "[gemma-3-270m](https://huggingface.co/google/gemma-3-270m) wrote synthetic pairs it was trained on" in text
    assert "https://ai.google.dev/gemma/terms" in text


def test_a_run_without_test_sets_says_so(run: Path) -> None:
    untested = [replace(one, scores={"dev": one.scores["dev"]}) for one in SYSTEMS]
    assert "\n\nNo language was tested.\n\n" in card_of(run, content(systems=untested))


def test_a_path_outside_the_repository_is_no_secret() -> None:
    paths = {"/home/ana/b.json": "`b.json`", "../ana/c.json": "`c.json`", "own/d.json": "`own/d.json`"}
    assert {path: origin({"path": path, "hub": None}) for path in paths} == paths


def test_limits_are_those_of_the_run(run: Path) -> None:
    said = card_of(run, content(systems=SYSTEMS)).partition("## Limits\n\n")[2].splitlines()
    assert said == [
        "* Trained with 1 seed (13): the intervals speak of other questions and passages, not of other trainings.",
        "* Not trained on German (de): their scores show what carries over.",
        "* No other language was tested.",
        "* Passages and test share passages (1 identical, 1 nearly the same and 0 of one data set, of 51 in test), "
        "which data.allow_overlap permits.",
        "* Synthetic pairs were written by a script without a model and chosen by a student; no person has checked them.",
        "* Spanish (es): nothing is asked about Cusco.",
    ]


def source(role: str, language: str, **hub: str) -> dict[str, Any]:
    card = {
        "name": "tydiqa",
        "repo": "google/tydiqa",
        "split": "train",
        "commit": "c0ffee",
        "config": None,
        "licence": None,
    }
    return {"key": role, "role": role, "language": language, "path": "x.json", "records": 9, "hub": {**card, **hub}}


def test_data_of_the_hub_are_named_as_it_names_them(run: Path) -> None:
    tests = [
        source("test", "es", config="one"),
        source("test", "de", config="both"),
        source("test", "fi", config="both"),
    ]
    gold = source("gold", "en", repo="ana/gold", licence="CC BY-ND 2.1 JP")
    systems = [
        replace(system, scores={"test": dict.fromkeys(["es", "de", "fi"], score(50.0))}) for system in content().systems
    ]
    settings = {"decides on dev": "F1"}
    others = [source("translated", "es", repo="ana/translated"), source("passages", "es", repo="ana/passages")]
    made = content(sources=[gold, *others, *tests], systems=systems, settings=settings)
    data = ModelCard(model_card(made, load_params(run / "params.yaml"), CONFIG)).data
    assert data.datasets == ["ana/gold"], "what no selected student was trained on is not named"
    rounds = replace(made, systems=[replace(one, updates={"silver": 1, "gold": 1}) for one in systems])
    trained = ModelCard(model_card(rounds, load_params(run / "params.yaml"), CONFIG)).data
    assert trained.datasets == ["ana/gold", "ana/passages"]
    found = {(one.dataset_type, one.dataset_config, one.dataset_revision) for one in data.eval_results}
    assert found == {("google/tydiqa", config, "c0ffee") for config in ("one", "de", "fi")}
    assert problems("model", model_card(made, load_params(run / "params.yaml"), CONFIG)) == []


@pytest.mark.parametrize("task", [TASK, CLASSES, NUMBERS])
def test_a_kind_of_task_has_a_name_on_the_hub(task: AnyTask) -> None:
    hub_task = load_view(task).hub_task
    assert hub_task.task_id in TASKS[hub_task.pipeline]


def test_a_language_without_silver_has_no_such_split() -> None:
    found = configurations([Part("es", "silver", 2), Part("es", "rejected", 1), Part("hi", "rejected", 3)])
    splits = {one["config_name"]: {own["split"]: own["path"] for own in one["data_files"]} for one in found}
    assert splits["default"] == {
        "silver": ["es/silver.parquet"],
        "rejected": ["es/rejected.parquet", "hi/rejected.parquet"],
    }
    assert splits["hi"] == {"rejected": ["hi/rejected.parquet"]}
    assert configurations([]) == []


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ({"path": "data/sample/test.es.json", "hub": None}, Licence("cc-by-4.0", "CC BY 4.0")),
        ({"path": "own/test.es.json", "hub": None}, Licence("unknown", "not stated")),
        ({"path": "data/hub/x.json", "hub": {"licence": "CC BY-SA 3.0"}}, Licence("cc-by-sa-3.0", "CC BY-SA 3.0")),
        ({"path": "data/hub/x.json", "hub": {"licence": "CC0 1.0"}}, Licence("cc0-1.0", "CC0 1.0")),
        ({"path": "data/hub/x.json", "hub": {"licence": "CC BY-ND 2.1 JP"}}, Licence("other", "CC BY-ND 2.1 JP")),
    ],
)
def test_the_licence_of_data_is_that_of_its_card(card: dict[str, Any], licence: Licence) -> None:
    assert data_licence(card) == licence


def test_weights_of_the_settings_have_a_licence_and_others_none(tmp_path: Path) -> None:
    assert weights("gemma-3-270m").licence.identifier == "gemma"
    assert weights("FacebookAI/xlm-roberta-base").licence.identifier == "mit"
    assert (weights("ana/model").hub_id, weights("ana/model").licence.identifier) == ("ana/model", "unknown")
    assert (weights(str(tmp_path / "own")).name, weights(str(tmp_path / "own")).hub_id) == ("own", "")


@pytest.mark.parametrize(
    "file", sorted([*ROOT.glob("conf/generator/*.yaml"), *ROOT.glob("conf/student/*.yaml")]), ids=str
)
def test_the_terms_of_every_model_that_has_settings_are_known(file: Path) -> None:
    settings = yaml.safe_load(file.read_text(encoding="utf-8"))
    name = settings.get("model", settings)["name"]
    assert (weights(name).licence.identifier == "unknown") is (name == "microsoft/xlm-align-base")
    if weights(name).hub_id == name:
        assert f"`{name}`" in (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")


def test_the_code_of_a_card_registers_the_heads_that_transformers_lacks(run: Path) -> None:
    own = card_of(run, content(), {"model_type": "gemma3_text", "architectures": ["Gemma3TextForQuestionAnswering"]})
    assert "import gemquad.student.gemma" in own and "AutoModelForQuestionAnswering.from_pretrained" in own
    config = {"model_type": "xlm-roberta", "architectures": ["XLMRobertaForSequenceClassification"]}
    known = card_of(run, content(), config)
    assert "gemquad.student" not in known and "AutoModelForSequenceClassification" in known


def test_size_categories_are_those_of_the_hub() -> None:
    assert [size_category(n) for n in (0, 999, 1000, 99_999)] == ["n<1K", "n<1K", "1K<n<10K", "10K<n<100K"]
