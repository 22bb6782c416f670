"""Whose terms apply: of the weights that the project has settings for (THIRD_PARTY.md), and of data by their data cards."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gemquad.params import Params

SAMPLE = "data/sample/"
_HUB_ID = re.compile(r"[\w-]+/[\w.-]+")


@dataclass(frozen=True)
class Licence:
    """A licence: its identifier on the hub, and its name in words."""

    identifier: str
    title: str


@dataclass(frozen=True)
class Weights:
    """Pre-trained weights: their name, their id on the hub or "" where they have none, and their licence."""

    name: str
    hub_id: str
    licence: Licence


NOT_STATED = Licence("unknown", "not stated")
_GEMMA = Licence(
    "gemma",
    "[Gemma Terms of Use](https://ai.google.dev/gemma/terms), "
    "[Prohibited Use Policy](https://ai.google.dev/gemma/prohibited_use_policy)",
)
_APACHE, _MIT = Licence("apache-2.0", "Apache License 2.0"), Licence("mit", "MIT")
_KNOWN = {
    "gemma-3-270m": ("google/gemma-3-270m", _GEMMA),
    "qwen2.5-coder-1.5b-instruct": ("Qwen/Qwen2.5-Coder-1.5B-Instruct", _APACHE),
    "Qwen/Qwen3-14B-Base": ("Qwen/Qwen3-14B-Base", _APACHE),
    "FacebookAI/xlm-roberta-base": ("FacebookAI/xlm-roberta-base", _MIT),
}
_SCRIPT = Weights("a script without a model", "", Licence("unknown", "none"))
_OF_DATA = ("apache-2.0", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cc0-1.0", "mit")
"""Identifiers of the hub (https://huggingface.co/docs/hub/repositories-licenses) that data cards come to."""


def weights(name: str) -> Weights:
    """The weights that params.yaml names; a folder is named without its path, and its licence is not known here."""
    if name in _KNOWN:
        return Weights(name, *_KNOWN[name])
    is_folder = Path(name).exists() or not _HUB_ID.fullmatch(name)
    return Weights(Path(name).name, "" if is_folder else name, NOT_STATED)


def generator(params: Params) -> Weights:
    """The weights that wrote the synthetic pairs; with `backend=scripted` there are none."""
    return _SCRIPT if params.backend.name == "scripted" else weights(params.generator.name)


def data_licence(source: Mapping[str, Any]) -> Licence:
    """The licence of a source according to its data card; of local files only the bundled sample's is known."""
    if source["path"].startswith(SAMPLE):
        return Licence("cc-by-4.0", "CC BY 4.0")
    licence = (source["hub"] or {}).get("licence")
    if not licence:
        return NOT_STATED
    identifier = re.sub(r"[^a-z0-9.]+", "-", licence.lower()).strip("-")
    return Licence(identifier if identifier in _OF_DATA else "other", licence)
