"""Read `params.yaml`, or what it is composed of, and refuse what cannot be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.params.params import Params
from gemquad.params.renamed import RENAMED
from gemquad.params.tables import TABLES, table_in, tables
from gemquad.settings.sections import read_section
from gemquad.yaml_files import read_yaml


def load_params(path: Path = Path("params.yaml")) -> Params:
    """Read and validate `params.yaml`.

    Raises:
        UserError: the file is missing or malformed, a key is unknown or absent, a value has the wrong type or is out of range,
            a table is not what the settings make of it.
    """
    raw = read_yaml(
        path, "Run `gemquad compose` in the repository root to write it.", "Run `gemquad compose` to write it again."
    )
    return read_composed(raw, str(path))


def read_composed(raw: Any, file: str = "params.yaml") -> Params:
    """Validate all that `file` holds, the settings and the tables made from them.

    Raises:
        UserError: as of `load_params`.
    """
    params = read_params(raw, file)
    for name, table in tables(params).items():
        if table_in(raw, name) != table:
            raise UserError(
                f"{file}: {name} is not what the settings make of it, and DVC would run other stages than they ask for. It is no "
                "setting: run `gemquad compose`, with your overrides, to write it again."
            )
    return params


def read_params(raw: Any, file: str = "params.yaml") -> Params:
    """Validate the settings, with or without the tables made from them.

    Raises:
        UserError: as of `load_params`, the tables aside.
    """
    return read_section(Params, raw, file, RENAMED)


def flat_settings(raw: Any, prefix: str = "") -> dict[str, Any]:
    """The settings in `params.yaml` by dotted name, without entries that are derived from others."""
    if prefix in TABLES:
        return {}
    if not isinstance(raw, Mapping):
        return {prefix: raw}
    flat: dict[str, Any] = {}
    for key, item in raw.items():
        flat.update(flat_settings(item, f"{prefix}.{key}" if prefix else str(key)))
    return flat
