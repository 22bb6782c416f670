"""Read `params.yaml`, or what it is composed of, and refuse what cannot be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gemquad.params.params import Params
from gemquad.params.renamed import RENAMED
from gemquad.sections import read_section, read_yaml

NO_SETTINGS = ("rounds", "filtered", "comparisons", "prompted", "fetches", "data.sources")
"""Tables that the resolvers of `hydra_plugins` expand from other settings."""


def load_params(path: Path = Path("params.yaml")) -> Params:
    """Read and validate `params.yaml`.

    Raises:
        UserError: the file is missing or malformed, a key is unknown or absent, a value has the wrong type or is out of range.
    """
    raw = read_yaml(
        path, "Run `gemquad compose` in the repository root to write it.", "Run `gemquad compose` to write it again."
    )
    return read_params(raw, str(path))


def read_params(raw: Any, file: str = "params.yaml") -> Params:
    """Validate the parameters that `file` holds.

    Raises:
        UserError: as of `load_params`.
    """
    return read_section(Params, raw, file, RENAMED)


def flat_settings(raw: Any, prefix: str = "") -> dict[str, Any]:
    """The settings in `params.yaml` by dotted name, without entries that are derived from others."""
    if prefix in NO_SETTINGS:
        return {}
    if not isinstance(raw, Mapping):
        return {prefix: raw}
    flat: dict[str, Any] = {}
    for key, item in raw.items():
        flat.update(flat_settings(item, f"{prefix}.{key}" if prefix else str(key)))
    return flat
