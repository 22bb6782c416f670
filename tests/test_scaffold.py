"""`gemquad init`: what it writes composes, can be read where it is filled, and nothing is overwritten."""

import json
import shutil
from pathlib import Path

import pytest

from checkout import Checkout
from conftest import ROOT, clone_project
from gemquad.errors import UserError
from gemquad.params import load_params
from gemquad.scaffold.language import language_files
from gemquad.scaffold.least import KEEP_FRACTION, PROMPTS_PER_PASSAGE, least
from gemquad.scaffold.task import task_files
from gemquad.scaffold.writing import write_new
from gemquad.settings.compose import compose
from gemquad.sources.squad import read_questions
from gemquad.tasks.loading import load_task


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(clone_project(tmp_path_factory.mktemp("init") / "project"), {})


def test_settings_and_files_of_a_new_language_compose(clone: Checkout, tmp_path: Path) -> None:
    said = clone.run("gemquad", "init", "fr")
    assert "  gemquad watch dvc exp run -S experiment=fr\n" in said and "  dev.json        100 solved questions" in said
    assert max(map(len, said.splitlines())) <= 80
    params = load_params(compose(clone.root, ["experiment=fr"], tmp_path / "params.yaml"))
    assert params.lang == ["fr"]
    assert params.data.sources == {
        "gold": "data/sample/gold.en.json",
        **{f"{role}-fr": f"data/own/fr/{role}.json" for role in ("exemplars", "passages", "dev", "test")},
    }
    assert params.prompting.labels["fr"] == ["Texte", "Question", "Réponse"]
    (worked,) = read_questions(clone.root / "data/own/fr/exemplars.json", "fr")
    assert worked.answers == ["whale oil"]
    for role in ("passages", "dev", "test"):
        assert json.loads((clone.root / f"data/own/fr/{role}.json").read_text(encoding="utf-8")) == {"data": []}
    assert clone.run("git", "status", "--short").split() == ["??", "conf/experiment/fr.yaml"]


@pytest.mark.parametrize("code", ["no", "pt-BR", "th", "yo", "zh-TW"])
def test_settings_of_any_language_compose(code: str, tmp_path: Path) -> None:
    """Norwegian is no YAML boolean; a variety has the labels of its language; English ones are said to be English."""
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    (tmp_path / "src").symlink_to(ROOT / "src")
    settings = language_files(code)[Path(f"conf/experiment/{code}.yaml")]
    (tmp_path / f"conf/experiment/{code}.yaml").write_text(settings, encoding="utf-8")
    params = load_params(compose(tmp_path, [f"experiment={code}"]))
    labels = {"pt-BR": "Texto", "zh-TW": "段落"}.get(code, "Passage")
    assert (params.lang, params.prompting.labels[code][0]) == ([code], labels)
    assert params.generation.require_question_mark == (code != "th")
    assert ("write them in Yoruba" in settings) == (code == "yo")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("french", r"'french' is no code of a language .*; nearest: fr \(French\)\. Run: gemquad init fr$"),
        ("jp", r"nearest: ja \(Japanese\)"),
        ("../fr", "is no code of a language"),
        ("all", r"'all' is no code of a language \(BCP-47, such as fr or pt-BR\)$"),
        ("zxx", "is no code of a language"),
    ],
)
def test_what_is_no_language_is_refused_with_the_nearest(code: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        language_files(code)


@pytest.mark.parametrize("there", ["data/own/fr/dev.json", "conf/experiment/fr.yaml"])
def test_nothing_is_overwritten_and_nothing_half_written(
    there: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(there).parent.mkdir(parents=True)
    Path(there).write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match=r"exists, and nothing is overwritten"):
        write_new(language_files("fr"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / there]
    assert Path(there).read_text(encoding="utf-8") == "mine"


def test_the_least_that_makes_sense_is_a_number() -> None:
    """170 passages times 6 prompts times 3 in 100 are 30 silver pairs; 5.6 points as `Power` of 66 passages says."""
    assert least("passages").startswith("170 or more, of 50 to 150 words")
    assert least("dev").startswith("100 solved questions or more")
    assert "5.6 points of F1 on with 200, 3.9 with 400 and 2.6 with 900" in least("test")


def test_the_least_is_reckoned_with_the_numbers_of_the_default(tmp_path: Path) -> None:
    params = load_params(compose(ROOT, [], tmp_path / "params.yaml"))
    assert (params.prompting.prompts_per_passage, params.filter.keep_fraction) == (PROMPTS_PER_PASSAGE, KEEP_FRACTION)


def test_settings_and_tables_of_a_new_task_compose_and_can_be_read(clone: Checkout, tmp_path: Path) -> None:
    said = clone.run("gemquad", "init", "pt", "--task", "tickets")
    assert "  gemquad watch dvc exp run -S task=tickets\n" in said and max(map(len, said.splitlines())) <= 80
    params = load_params(compose(clone.root, ["task=tickets"], tmp_path / "params.yaml"))
    assert (params.lang, params.task.name, params.data.gold) == (["pt"], "tickets", "data/own/tickets/gold.csv")
    task = load_task(params)
    worked = task.format.read(clone.root / "data/own/tickets/exemplars.csv", "pt", "exemplars")
    assert [one.label for one in worked] == ["billing", "technical"]
    with pytest.raises(UserError, match=r"dev\.csv"):
        task.format.read(clone.root / "data/own/tickets/dev.csv", "pt", "dev")


@pytest.mark.parametrize(("name", "code"), [("../x", "pt"), ("a b", "pt"), ("tickets", "xx")])
def test_a_task_needs_a_name_for_a_file_and_a_language(name: str, code: str) -> None:
    with pytest.raises(UserError, match=r"cannot name a task|is no code of a language"):
        task_files(name, code)
