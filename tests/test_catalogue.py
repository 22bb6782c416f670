from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo

from gemquad.errors import UserError
from gemquad.params import Params, load_params
from gemquad.repository.code_lock import write_lock
from gemquad.settings.compose import compose
from gemquad.sources.entries import HubSource, read_catalogue

ROOT = Path(__file__).parents[1]


def composed(tmp_path: Path, *overrides: str) -> Params:
    return load_params(compose(ROOT, list(overrides), tmp_path / "params.yaml"))


def test_a_hub_name_stands_for_the_file_that_is_fetched_once(tmp_path: Path) -> None:
    params = composed(
        tmp_path, "data=files", "lang=de", "data.gold=g.json", "++data.languages.de={dev: hub:xquad, test: hub:xquad}"
    )
    assert params.fetches == {"xquad-de": "xquad"}
    assert params.data.sources == {
        "gold": "g.json",
        "dev-de": "data/hub/xquad-de.json",
        "test-de": "data/hub/xquad-de.json",
    }


def test_without_gold_there_is_no_source_of_it(tmp_path: Path) -> None:
    params = composed(tmp_path, "task=jsts", "data=jsts-hub", "data.gold=null", "data.languages.ja.exemplars=null")
    assert list(params.data.sources) == ["dev-ja", "test-ja"]
    assert list(params.fetches) == ["jsts-dev-ja", "jsts-test-ja"]


@pytest.mark.parametrize("name", ["jsts", "jnli", "jcola", "livedoor"])
def test_a_labelled_data_set_of_the_hub_plays_every_role(tmp_path: Path, name: str) -> None:
    params = composed(tmp_path, f"task={name}", f"data={name}-hub")
    assert params.data.sources == {
        "gold": f"data/hub/{name}-ja.json",
        "exemplars-ja": f"data/hub/{name}-ja.json",
        "dev-ja": f"data/hub/{name}-dev-ja.json",
        "test-ja": f"data/hub/{name}-test-ja.json",
    }
    assert params.data.gold_language == "ja" and params.lang == ["ja"]


@pytest.mark.parametrize("name", ["jsts", "jnli", "jcola"])
def test_dev_is_no_part_of_gold(name: str) -> None:
    hub = read_catalogue(ROOT / "conf/catalogue.yaml")
    gold, dev = hub[name], hub[f"{name}-dev"]
    assert gold.data_files == dev.data_files and gold.only_rows and dev.only_rows
    assert gold.only_rows[1] <= dev.only_rows[0]
    assert hub[f"{name}-test"].data_files != gold.data_files and hub[f"{name}-test"].only_rows is None


@pytest.mark.parametrize(("task", "name"), [("jnli", "nli"), ("marc-ja", "reviews")])
def test_the_bundled_japanese_sample_is_there_by_default(tmp_path: Path, task: str, name: str) -> None:
    sources = composed(tmp_path, f"task={task}").data.sources
    assert set(sources.values()) == {
        f"data/sample/{name}.{role}.ja.jsonl" for role in ("gold", "exemplars", "dev", "test")
    }
    assert all((ROOT / path).exists() for path in sources.values())


def test_nothing_is_fetched_by_default(tmp_path: Path) -> None:
    assert composed(tmp_path).fetches == {}


def test_an_entry_of_ones_own_is_used_like_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "conf").mkdir()
    mine = "mine: {repo: owner/name, split: train, revision: main, config: null, columns: {context: text}, only_rows: [0, 9]}"
    (tmp_path / "conf/catalogue.yaml").write_text(mine, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert read_catalogue() == {
        "mine": HubSource("owner/name", "train", "main", columns={"context": "text"}, only_rows=(0, 9))
    }
    assert composed(tmp_path, "data.gold=hub:mine").fetches == {"mine-en": "mine"}


def test_an_unknown_name_is_refused_with_what_there_is(tmp_path: Path) -> None:
    message = r"^hub:xquadd is not in the hub catalogue, which has: squad, squad-dev, xquad, mlqa-dev, mlqa-test"
    with pytest.raises(UserError, match=message):
        composed(tmp_path, "++data.languages.de.test=hub:xquadd")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("mine: {repo: owner/name, split: train}", "setting 'mine.revision' is missing. Correct the entry there."),
        ("mine: {repo: o/n, split: train, revison: x}", "mine.revison: unknown setting; nearest: mine.revision. Known"),
        (
            "mine: {repo: o/n, split: train, revision: 7}",
            "mine.revision is 7; expected str, in quotes. Correct the entry",
        ),
        (
            "mine: {repo: o/n, split: t, revision: x, only_rows: [4, 2]}",
            "mine.only_rows is out of range; it must be [first,",
        ),
        ("mine: 3", "mine is 3; expected a section of settings."),
        ("mine: {", "conf/catalogue.yaml is not YAML"),
    ],
)
def test_a_mistake_in_an_entry_is_named_with_its_file(
    entry: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/catalogue.yaml").write_text(entry, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as error:
        read_catalogue()
    assert (
        message in str(error.value)
        and str(error.value).startswith("conf/catalogue.yaml")
        and "\n" not in str(error.value)
    )


def test_the_paper_takes_all_of_its_data_from_the_hub(tmp_path: Path) -> None:
    params = composed(tmp_path, "data=paper")
    roles = {key: path.removeprefix("data/hub/") for key, path in params.data.sources.items()}
    assert roles == {
        "gold": "squad-en.json",
        **{f"{role}-{code}": f"xquad-{code}.json" for role in ("exemplars", "passages") for code in ("es", "hi")},
        **{f"dev-{code}": f"mlqa-dev-{code}.json" for code in ("es", "hi")},
        **{f"test-{code}": f"mlqa-test-{code}.json" for code in ("ar", "de", "en", "es", "hi", "vi", "zh")},
    }
    assert len(params.fetches) == 12


def test_the_papers_comparisons_add_machine_translated_gold(tmp_path: Path) -> None:
    params = composed(tmp_path, "data=paper", "comparison=paper")
    assert {"mlqa-translate-train-es", "mlqa-translate-train-hi"} <= set(params.fetches)
    assert "translated-13" in params.comparisons


def test_every_entry_of_the_catalogue_says_where_it_is_from_and_its_terms() -> None:
    for name, source in read_catalogue(ROOT / "conf/catalogue.yaml").items():
        assert source.licence and (source.citation or "").startswith("@"), name
        assert bool(source.config) != bool(source.data_files), name
        assert len(source.revision) == 40 or source.revision.startswith("refs/"), name


def test_another_entry_fetches_again_what_is_of_it_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stage `fetch` of dvc.yaml under DVC itself, with a command that needs no hub."""
    monkeypatch.chdir(tmp_path)
    stage = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]["fetch"]
    stage["do"] |= {"cmd": "mkdir -p data/hub && echo ${item} > data/hub/${key}.json", "deps": []}
    Path("dvc.yaml").write_text(yaml.safe_dump({"stages": {"fetch": stage}}), encoding="utf-8")
    own = ["data=files", "lang=de", "data.gold=hub:squad"]
    test = "++data.languages.de={dev: hub:mlqa-dev, test: hub:xquad}"
    compose(ROOT, [*own, test, "++data.languages.es.test=hub:xquad"], Path("params.yaml"))
    write_lock(Path("code.lock.yaml"))
    Path("conf").mkdir()
    text = (ROOT / "conf/catalogue.yaml").read_text(encoding="utf-8")
    Path("conf/catalogue.yaml").write_text(text, encoding="utf-8")
    with Repo.init(no_scm=True) as repo:
        repo.reproduce()
        assert repo.status() == {}
        Path("conf/catalogue.yaml").write_text(text.replace("repo: google/xquad", "repo: ours/xquad"), encoding="utf-8")
        assert set(repo.status()) == {"fetch@xquad-de", "fetch@xquad-es"}
        Path("conf/catalogue.yaml").write_text(f"{text}mine: {{repo: a/b, split: c, revision: d}}\n", encoding="utf-8")
        assert repo.status() == {}


@pytest.mark.parametrize("name", ["$(touch Y)", "a b", "../a", "a;b", "", "-a", "a/b", "é", "a" * 101])
def test_an_entry_has_a_name_that_stages_and_files_may_have(tmp_path: Path, name: str) -> None:
    path = tmp_path / "catalogue.yaml"
    path.write_text(yaml.safe_dump({name: {"repo": "a/b", "split": "train", "revision": "main"}}), encoding="utf-8")
    with pytest.raises(UserError, match="it must be a name of ASCII letters, digits and"):
        read_catalogue(path)
