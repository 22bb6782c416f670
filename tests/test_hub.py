"""The hub's real clients against a stand-in for it, in processes of their own: they read their environment only once."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from pyarrow import parquet

from conftest import with_tables
from gemquad.errors import UserError
from gemquad.settings.compose import compose
from gemquad.sources.entries import HubSource
from gemquad.sources.hub import Wanted, _declared, _licence, _matching, _metadata
from gemquad.sources.squad import read_card, read_questions
from hub_standin import HubStandIn
from paper_hub import Rows, write_dataset, write_rows
from test_architecture import MODULES, imports

ROOT = Path(__file__).parents[1]
CATALOGUE = yaml.safe_load((ROOT / "conf/catalogue.yaml").read_text(encoding="utf-8"))
QUESTIONS = [
    *("squad", "squad-dev", "xquad", "mlqa-dev", "mlqa-test", "mlqa-translate-train"),
    *("tydiqa-goldp", "tydiqa-goldp-train", "indicqa"),
]
LABELLED = [name for name in CATALOGUE if name not in QUESTIONS]
PASSAGE = "Ana vive en Lima. Eva vive en Quito."
PROGRAM = """
import json, sys
from gemquad.errors import UserError
from gemquad.settings.sections import read_section
from gemquad.sources.catalogue import fetch
from gemquad.sources.entries import HubSource
from gemquad.tasks.loading import load_saved_task

for name, language, source, task in json.load(sys.stdin):
    try:
        catalogue = read_section(dict[str, HubSource], {name: source}, "conf/catalogue.yaml", remedy="Correct it.")
        data = fetch(catalogue, name, language, load_saved_task(task).format)
        print(json.dumps(data))
    except UserError as error:
        print(json.dumps({"error": str(error)}))
"""
MINE = {"repo": "owner/mine", "split": "train", "revision": "main"}
TEXTS = MINE | {"data_files": "texts.jsonl"}


def task(name: str) -> dict[str, Any]:
    """The `task` section that a file of conf/task makes."""
    return yaml.safe_load((ROOT / f"conf/task/{name}.yaml").read_text(encoding="utf-8"))["task"]


QA = task("extractive_qa")
JOBS: dict[str, tuple[Any, ...]] = {
    **{name: (name, "hi" if name == "indicqa" else "en", CATALOGUE[name]) for name in QUESTIONS},
    **{name: (name, "ja", CATALOGUE[name], task(name.split("-")[0])) for name in LABELLED},
    "unlabelled": ("mine", "ja", TEXTS, task("jcola")),
    "other columns": ("mine", "ja", TEXTS | {"columns": {"uid": "sentence", "sentence": "label"}}, task("jcola")),
    "no task column": ("mine", "ja", TEXTS, task("jnli")),
    "no labels": ("mine", "ja", TEXTS | {"only_rows": [1, 4]}, task("jcola")),
    "no rows there": ("mine", "ja", TEXTS | {"only_rows": [4, 2]}, task("jcola")),
    "inferred": ("mine", "es", MINE | {"split": "test"}),
    "not UTF-8": ("mine", "es", MINE | {"data_files": "latin.json"}),
    "no rows": ("mine", "es", MINE | {"data_files": "words.json"}),
    "not Parquet": ("mine", "es", MINE | {"data_files": "fake.parquet"}),
    "no split": ("mine", "es", MINE | {"split": "dev"}),
    "renamed": (
        "mine",
        "es",
        MINE | {"data_files": "other/*.jsonl", "columns": {"context": "text", "question": "asked", "id": "nr"}},
    ),
    "articles": ("mine", "es", MINE | {"data_files": "articles.json"}),
    "no column": ("mine", "es", MINE | {"data_files": "other/*.jsonl", "columns": {"question": "asked"}}),
    "nothing usable": ("mine", "es", MINE | {"data_files": "empty.json"}),
    "not JSON": ("mine", "es", MINE | {"data_files": "broken.json"}),
    "no file": ("mine", "es", MINE | {"data_files": "*.csv"}),
    "no config": ("xquad", "fr", CATALOGUE["xquad"]),
    "no such split": ("xquad", "en", CATALOGUE["xquad"] | {"split": "train"}),
    "several configs": ("xquad", "en", CATALOGUE["xquad"] | {"config": None}),
    "no language": ("tydiqa-goldp", "es", CATALOGUE["tydiqa-goldp"]),
    "no repository": ("mine", "es", MINE | {"repo": "owner/none"}),
    "no revision": ("mine", "es", MINE | {"revision": "v9"}),
    "no hub id": ("mine", "es", MINE | {"repo": "a/b/c"}),
    "script": ("mlqa", "en", {"repo": "facebook/mlqa-script", "split": "train", "revision": "main"}),
}


def row(identifier: str = "q1", answer: str = "Lima", start: int = 12) -> dict[str, Any]:
    answers = {"text": [answer], "answer_start": [start]}
    return {"id": identifier, "title": "t", "context": PASSAGE, "question": f"¿{identifier}?", "answers": answers}


def write_labelled(folder: Path, **columns: pa.Array) -> None:
    """A split as the hub's converter writes it."""
    folder.mkdir(parents=True)
    parquet.write_table(pa.table(columns), folder / "0000.parquet")


def _write_labelled_sets(folder: Path) -> None:
    """JGLUE, JCoLA and livedoor News: in the train sets as many rows as the catalogue takes, the first and the last with text."""
    jglue = folder / "datasets/shunk031/JGLUE"
    for split in ("train", "validation"):
        for name, rows, first, kind in (("JSTS", 12451, 3.8, pa.float32()), ("JNLI", 20073, 1, pa.int64())):
            count = rows if split == "train" else 2
            write_labelled(
                jglue / name / split,
                sentence_pair_id=pa.array([str(n) for n in range(count)]),
                sentence1=pa.array(["犬がいます。", *[""] * (count - 2), "猫がいます。"]),
                sentence2=pa.array(["鳥がいます。", *[""] * (count - 2), "馬がいます。"]),
                label=pa.array([first, *[0] * (count - 2), 2], kind),
            )
    for split in ("train", "validation", "validation_out_of_domain"):
        count = 6919 if split == "train" else 2
        write_labelled(
            jglue / "JCoLA" / split,
            uid=pa.array(range(count)),
            label=pa.array([1, *[0] * (count - 1)]),
            sentence=pa.array(["本を読んだ。", *[None] * (count - 2), "本が読んだ。"], pa.string()),
        )
    for split in ("train", "validation", "test"):
        titles, categories = pa.array([f"{split}の見出し", "新しい映画"]), pa.array(["smax", "movie-enter"])
        news = folder / "datasets/llm-book/livedoor-news-corpus/livedoor-news-corpus"
        write_labelled(news / split, title=titles, content=pa.array(["本文", "本文"]), category=categories)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubStandIn]:
    """Every data set of the catalogue in its own layout, and some of a user."""
    folder = tmp_path_factory.mktemp("hub")
    rows = [row("q1"), row("q2", "Quito", 0)]
    write_dataset(folder, "rajpurkar/squad", {"plain_text": {"train": rows, "validation": rows}}, "cc-by-sa-4.0")
    write_dataset(
        folder, "google/xquad", {f"xquad.{code}": {"validation": rows} for code in ("en", "es")}, "cc-by-sa-4.0"
    )
    write_dataset(folder, "google/xtreme", {"MLQA.en.en": {"validation": rows, "test": rows[:1]}}, ["mit", "other"])
    write_rows(folder / "datasets/facebook/mlqa/mlqa-translate-train.en/train/0000.parquet", rows)
    several: Rows = [row("arabic-1"), row("english-1"), row("english-2")]
    goldp = {"secondary_task": {"train": several, "validation": several[:2]}}
    write_dataset(folder, "google-research-datasets/tydiqa", goldp, "apache-2.0")
    _write_json(folder / "datasets/ai4bharat/IndicQA", "data/indicqa.hi.json", _indicqa(), script="IndicQA.py")
    _write_json(folder / "datasets/facebook/mlqa-script", "README.md", "", script="mlqa.py")
    _write_users_files(folder / "datasets/owner/mine")
    _write_labelled_sets(folder)
    with HubStandIn(folder) as hub:
        yield hub


def _write_json(repository: Path, name: str, content: Any, script: str = "") -> None:
    path = repository / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")
    if script:
        (repository / script).write_text("raise SystemExit('a loading script ran')")


def _indicqa() -> dict[str, Any]:
    """IndicQA nests as SQuAD does, numbers its questions, and has some without an answer."""
    qas = [
        {"id": 1, "question": "¿1?", "answers": [{"text": "Lima", "answer_start": 12}], "category": "SHORT"},
        {"id": 2, "question": "¿2?", "answers": [{"text": "", "answer_start": None}], "category": "NO"},
    ]
    return {"version": "1", "data": [{"title": "t", "paragraphs": [{"context": PASSAGE, "qas": qas}]}]}


def _write_users_files(repository: Path) -> None:
    """No README: the split is in the files' names; beside them other columns, and files that are no use."""
    _write_json(repository, "data/train.json", [row("q1")])
    _write_json(repository, "data/test.json", [row("q8"), row("q9")])
    theirs = {"nr": 7, "text": PASSAGE, "asked": "¿7?", "answers": [{"text": "Lima", "answer_start": 12}]}
    _write_json(
        repository, "other/a.jsonl", json.dumps(theirs) + "\n" + json.dumps(theirs | {"nr": "x", "asked": "2020-01-01"})
    )
    texts = [("a", "本を読んだ。", 1), ("b", "本が読んだ。", -1), ("c", " ", 1), ("d", "本", None), ("e", "\ud800", 0)]
    named = [dict(zip(("uid", "sentence", "label"), row, strict=True)) for row in texts]
    _write_json(repository, "texts.jsonl", "\n".join(map(json.dumps, named)))
    _write_json(repository, "articles.json", _indicqa()["data"])
    _write_json(repository, "empty.json", [row(answer="Cusco")])
    _write_json(repository, "broken.json", '{"id": 1,')
    _write_json(repository, "words.json", ["Lima"])
    _write_json(repository, "fake.parquet", "Lima")
    (repository / "latin.json").write_bytes('["ñ"]'.encode("latin-1"))


@pytest.fixture(scope="module")
def results(hub: HubStandIn, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every job's document and card, or error, from one process."""
    environment = os.environ | hub.environment(tmp_path_factory.mktemp("home"))
    jobs = json.dumps([(*job, QA) if len(job) == 3 else job for job in JOBS.values()])
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, input=jobs, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(JOBS, map(json.loads, done.stdout.splitlines()), strict=True))


def questions(result: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Id, first answer and its offset of every question."""
    return [
        (qa["id"], qa["answers"][0]["text"], qa["answers"][0]["answer_start"])
        for article in result["data"]
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("squad", [("q1", "Lima", 12), ("q2", "Quito", 30)]),
        ("squad-dev", [("q1", "Lima", 12), ("q2", "Quito", 30)]),
        ("xquad", [("q1", "Lima", 12), ("q2", "Quito", 30)]),
        ("mlqa-dev", [("q1", "Lima", 12), ("q2", "Quito", 30)]),
        ("mlqa-test", [("q1", "Lima", 12)]),
        ("mlqa-translate-train", [("q1", "Lima", 12), ("q2", "Quito", 30)]),
        ("tydiqa-goldp", [("english-1", "Lima", 12)]),
        ("tydiqa-goldp-train", [("english-1", "Lima", 12), ("english-2", "Lima", 12)]),
        ("indicqa", [("1", "Lima", 12)]),
        ("inferred", [("q8", "Lima", 12), ("q9", "Lima", 12)]),
        ("articles", [("1", "Lima", 12)]),
        ("renamed", [("7", "Lima", 12), ("x", "Lima", 12)]),
    ],
)
def test_every_data_set_is_read_in_its_own_layout(
    name: str, expected: list[tuple[str, str, int]], results: dict[str, dict[str, Any]]
) -> None:
    assert questions(results[name]) == expected


def test_a_text_that_looks_like_a_date_stays_a_text(results: dict[str, dict[str, Any]]) -> None:
    (paragraph,) = results["renamed"]["data"][0]["paragraphs"]
    assert [qa["question"] for qa in paragraph["qas"]] == ["¿7?", "2020-01-01"]


PAIRS = [("犬がいます。", "鳥がいます。"), ("猫がいます。", "馬がいます。")]


@pytest.mark.parametrize(
    ("name", "ids", "texts", "labels"),
    [
        ("jsts", ["0"], PAIRS[:1], [3.8]),
        ("jsts-dev", ["12450"], PAIRS[1:], [2.0]),
        ("jsts-test", ["0", "1"], PAIRS, [3.8, 2.0]),
        ("jnli", ["0"], PAIRS[:1], ["contradiction"]),
        ("jnli-dev", ["20072"], PAIRS[1:], ["neutral"]),
        ("jnli-test", ["0", "1"], PAIRS, ["contradiction", "neutral"]),
        ("jcola", [0], [("本を読んだ。",)], [1]),
        ("jcola-dev", [6918], [("本が読んだ。",)], [0]),
        ("jcola-test", [0, 1], [("本を読んだ。",), ("本が読んだ。",)], [1, 0]),
        ("jcola-ood", [0, 1], [("本を読んだ。",), ("本が読んだ。",)], [1, 0]),
        ("livedoor", [], [("trainの見出し",), ("新しい映画",)], ["smax", "movie-enter"]),
        ("livedoor-dev", [], [("validationの見出し",), ("新しい映画",)], ["smax", "movie-enter"]),
        ("livedoor-test", [], [("testの見出し",), ("新しい映画",)], ["smax", "movie-enter"]),
    ],
)
def test_labelled_rows_are_written_as_published_with_the_columns_of_the_task(
    name: str, ids: list[Any], texts: list[tuple[str, ...]], labels: list[Any], results: dict[str, dict[str, Any]]
) -> None:
    columns = JOBS[name][3]["columns"]
    pairs = [columns["text"], *([columns["second"]] if "second" in columns else [])]
    rows = results[name]["rows"]
    assert [row[columns["id"]] for row in rows if "id" in columns] == ids
    assert [tuple(row[column] for column in pairs) for row in rows] == texts
    assert [row[columns["label"]] for row in rows] == labels
    assert all(set(row) == set(columns.values()) for row in rows)


def test_every_entry_of_the_catalogue_is_among_them() -> None:
    assert set(LABELLED) == {
        *(f"{name}{part}" for name in ("jsts", "jnli", "jcola", "livedoor") for part in ("", "-dev", "-test")),
        "jcola-ood",
    }


def test_a_row_without_text_or_label_is_dropped_and_counted(results: dict[str, dict[str, Any]]) -> None:
    assert results["unlabelled"]["rows"] == [{"uid": "a", "sentence": "本を読んだ。", "label": 1}]
    card = results["unlabelled"]["card"]
    dropped = {"broken Unicode": 1, "no label": 2, "no text": 1}
    assert (card["rows"], card["kept"], card["dropped"], list(card["dropped"])) == (5, 1, dropped, list(dropped))
    assert "moved_answers" not in card


def test_the_card_says_which_rows_were_taken(results: dict[str, dict[str, Any]]) -> None:
    card = results["jnli-dev"]["card"]
    assert (card["only_rows"], card["rows"], card["kept"]) == ([18010, 20073], 2063, 1)


def test_a_card_says_what_it_is_and_what_was_kept(results: dict[str, dict[str, Any]]) -> None:
    assert results["indicqa"]["card"] == {
        "name": "indicqa",
        "language": "hi",
        "repo": "ai4bharat/IndicQA",
        "config": None,
        "split": "test",
        "data_files": "data/indicqa.hi.json",
        "only_rows": None,
        "revision": "570d90ae4f7b64fe4fdd5f42fc9f9279b8c9fd9d",
        "commit": "570d90ae4f7b64fe4fdd5f42fc9f9279b8c9fd9d",
        "licence": "CC0 1.0",
        "licence_on_hub": None,
        "citation": CATALOGUE["indicqa"]["citation"],
        "rows": 2,
        "kept": 1,
        "dropped": {"no answer": 1},
        "moved_answers": 0,
        "renamed_ids": 0,
    }
    card = results["squad"]["card"]
    assert (card["config"], card["licence_on_hub"], card["moved_answers"]) == ("plain_text", "cc-by-sa-4.0", 1)


def test_the_card_of_a_branch_names_the_commit_it_stood_at(hub: HubStandIn, results: dict[str, dict[str, Any]]) -> None:
    card = results["mlqa-translate-train"]["card"]
    assert card["revision"] == "refs/convert/parquet"
    assert card["commit"] == hub.repository("datasets", "facebook/mlqa", "refs/convert/parquet").commit


def test_only_the_files_of_the_split_are_downloaded(hub: HubStandIn, results: dict[str, dict[str, Any]]) -> None:
    assert results
    fetched = {
        request.rsplit("/", 2)[-2] for request in hub.asked if request.startswith("GET /large/datasets/google/xquad")
    }
    assert fetched == {"xquad.en"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "no split",
            "there is no split 'dev', only: train, test. Set `split: NAME` below `mine` in conf/catalogue.yaml",
        ),
        (
            "no column",
            "there is no column 'context', only: nr, text, asked, answers. Say which it is: `columns: {context: THEIRS}` b",
        ),
        ("other columns", "column 'sentence' holds int, e.g. 1; expected text. Name another column in task.columns"),
        (
            "no task column",
            "there is no column 'sentence_pair_id', only: uid, sentence, label. Correct task.columns (conf/task), or say which "
            "column stands for it, `columns: {sentence_pair_id: THEIRS}` below `mine` in conf/catalogue.yaml",
        ),
        ("no labels", "of 3 rows none is usable, {'no label': 2, 'no text': 1}. Choose another"),
        ("no rows there", "conf/catalogue.yaml: mine.only_rows is out of range; it must be [first, end], 0 or more."),
        ("nothing usable", "of 1 rows none is usable, {'answer not in the passage': 1}. Choose another"),
        ("not JSON", "broken.json, line 1, column 10: not JSON ("),
        ("not UTF-8", "latin.json is not UTF-8 (byte 2). Name another"),
        ("no rows", "'Lima' stands where a row is expected. Name another"),
        ("not Parquet", "fake.parquet is not Parquet: "),
        ("no file", "no Parquet or JSON file matches *.csv. Name its files, `data_files: GLOB` below `mine`"),
        (
            "no config",
            "there is no configuration 'xquad.fr', only: xquad.en, xquad.es. Set `config: NAME` below `xquad` in conf/",
        ),
        (
            "no such split",
            "there is no split 'train', only: validation. Set `split: NAME` below `xquad` in conf/catalogue.yaml",
        ),
        ("several configs", "there is no configuration 'default', only: xquad.en, xquad.es. Set"),
        ("no language", "hub:tydiqa-goldp has nothing in 'es'; it has: ar, bn, en, fi, id, ko, ru, sw, te. Choose one"),
        ("no repository", "the hub has no such data set, or does not show it to you. Check the name"),
        ("no revision", "revision v9): there is no such revision. Name a commit"),
        ("no hub id", "A hub id is OWNER/NAME"),
        ("script", "A loading script is never run; what the hub made of one is often at revision refs/convert/parquet"),
    ],
)
def test_what_is_wrong_is_said_with_what_there_is(name: str, message: str, results: dict[str, dict[str, Any]]) -> None:
    assert message in results[name]["error"]


def run_stage(folder: Path, environment: dict[str, str], name: str = "xquad") -> subprocess.CompletedProcess[str]:
    (folder / "conf").mkdir(exist_ok=True)
    (folder / "conf/catalogue.yaml").write_bytes((ROOT / "conf/catalogue.yaml").read_bytes())
    shutil.copy(ROOT / "code.lock.yaml", folder)
    params = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))
    params["data"]["languages"]["es"]["test"] = f"hub:{name}"
    text = yaml.safe_dump(with_tables(params), allow_unicode=True)
    (folder / "params.yaml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "gemquad.stages.fetch", "--key", f"{name}-es"]
    return subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def test_what_was_fetched_once_is_there_without_a_network(hub: HubStandIn, tmp_path: Path) -> None:
    compose(ROOT, [], tmp_path / "params.yaml")
    environment = hub.environment(tmp_path / "home")
    output = tmp_path / "data/hub/xquad-es.json"
    first = run_stage(tmp_path, environment)
    assert (first.returncode, first.stderr) == (0, "")
    written = output.read_bytes()
    assert [question.id for question in read_questions(output, "es")] == ["q1", "q2"]
    assert read_card(output)["kept"] == 2

    offline = run_stage(tmp_path, environment | {"HF_HUB_OFFLINE": "1"})
    assert offline.returncode == 0, offline.stderr
    assert output.read_bytes() == written


def test_without_a_network_and_without_a_copy_the_way_out_is_named(tmp_path: Path) -> None:
    compose(ROOT, [], tmp_path / "params.yaml")
    nobody = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path / "home"), "NO_PROXY": "127.0.0.1"}
    done = run_stage(tmp_path, nobody)
    assert done.returncode == 1
    assert re.sub(r"reached \(.*?\)", "reached (…)", done.stderr) == (
        "error: hub:xquad for es (google/xquad, config xquad.es, split validation, revision "
        "51adfef1c1287aab1d2d91b5bead9bcfb9c68583) is not in the hub's cache, and the hub cannot be reached (…). On "
        "a machine with a network, with the same params.yaml, run `dvc repro fetch@xquad-es`; then bring the result here "
        "with `dvc push` there and `dvc pull` here (dvc.lock comes along), or copy its HF_HOME (default ~/.cache/huggingface). "
        "Or name a file of your own in its place, e.g. -S ++data.languages.es.test=PATH.\n"
    )


def test_an_unknown_name_lists_the_catalogue(tmp_path: Path) -> None:
    compose(ROOT, [], tmp_path / "params.yaml")
    done = run_stage(tmp_path, {}, name="xquadd")
    assert "hub:xquadd is not in the hub catalogue, which has: squad, squad-dev, xquad, mlqa-dev" in done.stderr


BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefghijklmnop", "bcdefghijklmnopq", strict=False)
)


@pytest.mark.parametrize(
    ("readme", "said"),
    [
        (f"configs: {'[' * 3000}", "nested too deeply"),
        (f"size: {'9' * 5000}", "Exceeds the limit"),
        ("made: 2020-13-45", "month must be in 1..12"),
        ("a: !!int ''", "string index out of range"),
        ("a: !!timestamp x", "has no attribute"),
        ("a: !!bool x", "'x'"),
        ("a: !!python/object/apply:os.system [touch X]", "could not determine a constructor"),
        ("a: [", "while parsing a flow node"),
        ("- a", "metadata that are no mapping"),
        ("a: 1\na: 2", "the key 'a' stands there twice"),
        ("a: " + "x" * 2**18, "over 262144 characters of metadata"),
        ("configs: [{data_files: 5}]", "has odd data_files: Input should be a valid string"),
        ("configs: [{data_files: [{split: [a], path: b}]}]", "has odd data_files: "),
        ("configs: [{data_files: [{path: b}]}]", "has odd data_files: "),
        ("configs: [{data_files: {train: b}}]", "has odd data_files: "),
        (
            BOMB + "configs: [{data_files: *q}]",
            "nested more than 50 deep or of more than 100000 values, aliases counted",
        ),
    ],
)
def test_a_readme_that_cannot_be_read_names_the_way_without_it(readme: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_bytes(f"---\n{readme}\n---\n".encode())
    wanted = Wanted("mine", "es", HubSource(**MINE))
    with pytest.raises(UserError) as error:
        _declared(_metadata(file, wanted), wanted)
    assert "(owner/mine, split train, revision main): README.md " in str(error.value)
    assert said in str(error.value) and len(str(error.value)) < 2000
    assert str(error.value).endswith("Name the files, `data_files: GLOB` below `mine` in conf/catalogue.yaml.")
    by_glob = Wanted("mine", "es", HubSource(**TEXTS))
    assert _licence(_metadata(file, by_glob)) is None


@pytest.mark.parametrize(
    ("readme", "globs", "licence"),
    [
        ("license: mit\nconfigs: 5", [], "mit"),
        ("license: [mit, other]\nconfigs:\n- 5\n- {data_files: a/*}", ["a/*"], ["mit", "other"]),
        (
            "license: {name: mit}\nconfigs: [{config_name: no, data_files: b}, {config_name: [a], data_files: c}]",
            ["b"],
            None,
        ),
        ("configs: [{data_files: [{split: train, path: [a, b]}, c]}]", ["a", "b", "c"], None),
        ("", [], None),
    ],
)
def test_what_a_readme_says_beside_the_point_is_passed_over(
    readme: str, globs: list[str], licence: object, tmp_path: Path
) -> None:
    file, wanted = tmp_path / "README.md", Wanted("mine", "es", HubSource(**MINE))
    file.write_text(f"---\n{readme}\n---\n")
    metadata = _metadata(file, wanted)
    assert (_declared(metadata, wanted), _licence(metadata)) == (globs, licence)


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "../secret.json",
            "a/../../secret.json",
            "..",
            "{outside}/secret.json",
            "file://{outside}/secret.json",
            "~/secret.json",
        ),
        *(
            "local://{outside}/secret.json",
            "https://127.0.0.1:9/x.json",
            "zip://a.json::http://127.0.0.1:9/x",
            "C:\\secret.json",
        ),
        *("hf://datasets/x/y/*", "s3://a/b", "***.json"),
    ],
)
def test_no_pattern_of_a_readme_reaches_outside_of_its_repository(pattern: str, tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    for file in ("secret.json", "inside/a.json"):
        (tmp_path / file).write_text("{}")
    wanted = Wanted("mine", "es", HubSource(**MINE))
    with pytest.raises(
        UserError, match=r"names no files there: .* Name the files, `data_files: GLOB` below `mine` in conf/"
    ):
        _matching(tmp_path / "inside", [pattern.format(outside=tmp_path)], wanted)
    assert _matching(tmp_path / "inside", ["a.json", "**", "none"], wanted) == [tmp_path / "inside/a.json"]


def test_only_the_hub_module_of_the_method_imports_datasets() -> None:
    users = {module for module in MODULES if any(name.split(".")[0] == "datasets" for name in imports(module))}
    assert users - {"gemquad.scoring.mlqa.mlqa"} == {"gemquad.sources.hub"}  # that one is a plug-in of `evaluate`
