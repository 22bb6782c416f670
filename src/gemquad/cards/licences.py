"""Whose terms apply: of the weights that the project has settings for (THIRD_PARTY.md), and of data by their data cards."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gemquad.params import Params

SAMPLE = "data/sample/"
_HUB_ID = re.compile(r"[\w-]+/[\w.-]+")


class Licence(NamedTuple):
    """A licence: its identifier on the hub, and its name in words."""

    identifier: str
    title: str


class Weights(NamedTuple):
    """Pre-trained weights: their name, their id on the hub or "" where they have none, and their licence."""

    name: str
    hub_id: str
    licence: Licence


NOT_STATED = Licence("unknown", "not stated")
_GEMMA_PAGES = "[Gemma Terms of Use]({0}/terms), [Prohibited Use Policy]({0}/prohibited_use_policy)"
_GEMMA = Licence("gemma", _GEMMA_PAGES.format("https://ai.google.dev/gemma"))
_APACHE, _MIT = Licence("apache-2.0", "Apache License 2.0"), Licence("mit", "MIT")
_ON_THE_HUB = {
    _APACHE: ("Qwen/Qwen3-14B-Base", "Qwen/Qwen3-8B", "Qwen/Qwen3-4B-Instruct-2507", "Qwen/Qwen3-1.7B"),
    _MIT: ("FacebookAI/xlm-roberta-base", "FacebookAI/xlm-roberta-large", "microsoft/mdeberta-v3-base"),
    _GEMMA: ("google/gemma-3-1b-it", "google/gemma-3-4b-it", "google/gemma-3-12b-it"),
    Licence("llama3.2", "Llama 3.2 Community License"): ("meta-llama/Llama-3.2-3B-Instruct",),
    Licence("cc-by-nc-4.0", "CC BY-NC 4.0"): ("CohereLabs/aya-expanse-8b",),
}
_KNOWN = {
    "gemma-3-270m": ("google/gemma-3-270m", _GEMMA),
    "qwen2.5-coder-1.5b-instruct": ("Qwen/Qwen2.5-Coder-1.5B-Instruct", _APACHE),
    **{name: (name, licence) for licence, names in _ON_THE_HUB.items() for name in names},
}
_OF_DATA = ("apache-2.0", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cc0-1.0", "mit")
"""Identifiers of the hub (https://huggingface.co/docs/hub/repositories-licenses) that data cards come to."""


def weights(name: str) -> Weights:
    """The weights that params.yaml names; a folder is named without its path, and its licence is not known here."""
    is_folder = Path(name).exists() or not _HUB_ID.fullmatch(name)
    hub_id, licence = _KNOWN.get(name, ("" if is_folder else name, NOT_STATED))
    return Weights(name if name in _KNOWN else Path(name).name, hub_id, licence)


def generator(params: Params) -> Weights:
    """The weights that wrote the synthetic pairs; with `backend=scripted` there are none."""
    script = Weights("a script without a model", "", Licence("unknown", "none"))
    own = weights(params.generator.name)
    if params.taught:
        own = own._replace(name=f"{own.name}, fine-tuned on {params.taught},")
    return script if params.backend.name == "scripted" else own


def data_licence(source: Mapping[str, Any]) -> Licence:
    """The licence of a source according to its data card; of local files only the bundled sample's is known."""
    if source["path"].startswith(SAMPLE):
        return Licence("cc-by-4.0", "CC BY 4.0")
    if not (licence := (source["hub"] or {}).get("licence")):
        return NOT_STATED
    identifier = re.sub(r"[^a-z0-9.]+", "-", licence.lower()).strip("-")
    return Licence(identifier if identifier in _OF_DATA else "other", licence)
