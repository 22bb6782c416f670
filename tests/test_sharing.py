"""A push of both release folders, through the hub's own client, to a stand-in that speaks its protocol."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from datasets import load_dataset
from huggingface_hub import HfApi, ModelCard
from transformers import AutoModelForQuestionAnswering

import gemquad.student.gemma  # noqa: F401, registers its heads
from gemquad.errors import UserError
from gemquad.sharing import Upload, hub, push
from hub_write_standin import TOKEN, WritableHub
from released import released_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, tiny_gemma: Path) -> Path:
    return released_run(tmp_path_factory, tiny_gemma)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """The smallest folder that can be pushed."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "README.md").write_text("---\nlicense: mit\npipeline_tag: question-answering\n---\n\n# A model\n")
    return folder


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's client in this process, without its progress and its second protocol for large files."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")


@pytest.mark.usefixtures("client")
def test_both_folders_are_pushed_once_and_open_from_the_hub(run: Path, tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir()
    with WritableHub(tmp_path / "hub", owners=["ana"]) as stand_in:
        command = ["-m", "gemquad.cli", "push", "--model", "ana/reader", "--dataset", "ana/silver", "--private"]
        environment = {**os.environ, **stand_in.environment(tmp_path / "home")}
        said = subprocess.run(
            [sys.executable, *command], cwd=run, env=environment, capture_output=True, text=True, check=True
        )
        assert said.stdout.split() == [f"{stand_in.endpoint}/ana/reader", f"{stand_in.endpoint}/datasets/ana/silver"]
        assert [repository for repository, _ in stand_in.commits] == ["models/ana/reader", "datasets/ana/silver"]
        assert stand_in.private == {"models/ana/reader", "datasets/ana/silver"}
        api = HfApi(endpoint=stand_in.endpoint, token=TOKEN)
        push(Upload(run / "models/release", "model", "ana/reader"), api, private=True)
        push(Upload(run / "data/release", "dataset", "ana/silver"), api, private=True)
        assert len(stand_in.commits) == 2, "a second push of the same changes nothing"
        model = api.snapshot_download("ana/reader", local_dir=tmp_path / "model")
        silver = api.snapshot_download("ana/silver", repo_type="dataset", local_dir=tmp_path / "silver")
    assert contents(tmp_path / "hub/models/ana/reader") == contents(run / "models/release")
    assert contents(tmp_path / "hub/datasets/ana/silver") == contents(run / "data/release")
    assert type(AutoModelForQuestionAnswering.from_pretrained(model)).__name__ == "Gemma3TextForQuestionAnswering"
    assert load_dataset(silver, "hi", cache_dir=str(tmp_path))["silver"].num_rows > 0


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("client")
def test_a_file_that_is_no_longer_released_leaves_the_hub(card: Path, tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir()
    (card / "de").mkdir()
    (card / "de/silver.parquet").write_bytes(b"old")
    with WritableHub(tmp_path / "hub", owners=["ana"]) as stand_in:
        api = HfApi(endpoint=stand_in.endpoint, token=TOKEN)
        push(Upload(card, "dataset", "ana/silver"), api, private=False)
        (card / "de/silver.parquet").unlink()
        push(Upload(card, "dataset", "ana/silver"), api, private=False)
        assert stand_in.commits[1:] == [("datasets/ana/silver", ["de/silver.parquet"])]


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    ("name", "token", "message"),
    [
        ("ana/reader", "hf_expired", "does not know the token in HF_TOKEN"),
        ("ben/reader", TOKEN, "needs write access to repositories of ben"),
        ("ana/no/reader", TOKEN, "A repository of the hub is named OWNER/NAME"),
    ],
)
def test_a_refusal_says_what_to_do(card: Path, tmp_path: Path, name: str, token: str, message: str) -> None:
    (tmp_path / "hub").mkdir()
    with WritableHub(tmp_path / "hub", owners=["ana"]) as stand_in:
        with pytest.raises(UserError, match=message) as refused:
            push(Upload(card, "model", name), HfApi(endpoint=stand_in.endpoint, token=token), private=False)
        assert token not in str(refused.value)


@pytest.mark.usefixtures("client")
def test_a_public_repository_is_not_pushed_to_as_a_private_one(card: Path, tmp_path: Path) -> None:
    (tmp_path / "hub/models/ana/reader").mkdir(parents=True)
    with WritableHub(tmp_path / "hub", owners=["ana"]) as stand_in:
        with pytest.raises(UserError, match="exists and is public"):
            push(Upload(card, "model", "ana/reader"), HfApi(endpoint=stand_in.endpoint, token=TOKEN), private=True)
        assert stand_in.commits == []


@pytest.mark.usefixtures("client")
def test_a_card_that_the_hub_refuses_is_named(card: Path, tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir()
    (card / "README.md").write_text("---\nlicense: mine\npipeline_tag: question-answering\n---\n")
    said = r"README\.md: Invalid metadata(.|\n)*mine is no identifier"
    with WritableHub(tmp_path / "hub", owners=["ana"]) as stand_in, pytest.raises(UserError, match=said):
        push(Upload(card, "model", "ana/reader"), HfApi(endpoint=stand_in.endpoint, token=TOKEN), private=False)


@pytest.mark.parametrize("kind", ["model", "dataset"])
def test_the_cards_pass_the_validation_of_the_hub_library(
    run: Path, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`RepoCard.validate` asks the hub; here the stand-in answers, by the rules that the hub has published."""
    folder = "models" if kind == "model" else "data"
    with WritableHub(tmp_path, owners=[]) as stand_in:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", stand_in.endpoint)
        ModelCard.load(run / folder / "release/README.md").validate(repo_type=kind)
        with pytest.raises(ValueError, match="nowhere"):
            ModelCard("---\nlanguage: [nowhere]\n---\n").validate(repo_type=kind)


@pytest.mark.usefixtures("client")
def test_a_hub_out_of_reach_is_named(card: Path) -> None:
    with pytest.raises(UserError, match=r"the hub cannot be reached \(.*`dvc pull` there"):
        push(Upload(card, "model", "ana/reader"), HfApi(endpoint="http://127.0.0.1:9", token=TOKEN), private=False)


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="`dvc repro report` makes it"):
        Upload(tmp_path, "model", "ana/reader").files()
    monkeypatch.setenv("HF_TOKEN", " ")
    with pytest.raises(UserError, match="HF_TOKEN is not set"):
        hub()
