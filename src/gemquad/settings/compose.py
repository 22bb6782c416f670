"""Write params.yaml from conf/, in the same way and with the same text as `dvc exp run` does."""

import re
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gemquad.errors import UserError
from gemquad.files import write_text
from gemquad.params import RENAMED, read_composed
from gemquad.settings.overrides import quoted
from gemquad.settings.setting_errors import new_name
from gemquad.text.languages import is_language
from gemquad.yaml_files import read_yaml

_WRAPPED = re.compile(r"UserError raised while resolving interpolation: (.*?)(?: full_key: .*)?$")
"""What OmegaConf makes of a `UserError` of our resolvers, in one line."""
_ABSENT = re.compile(r"Could not override '(.+?)'\. To append to your config use")
"""Hydra's words for an override without a plus of what conf/ does not have."""
_NO_FILE = re.compile(r"Could not find '([^/']+)/(.+?)' Available options in '.*?': (.*?) Config search path")
"""Hydra's words for the choice of a file that is not in a folder of conf/."""


def compose(root: Path, overrides: list[str], target: Path | None = None) -> Path:
    """Compose `conf/config.yaml` under `root` with Hydra `overrides` into `target` (default: `root/params.yaml`).

    Raises:
        UserError: an override names no setting, cannot be parsed, or gives a setting a value that it cannot have. `target` is
            then as it was.
    """
    from dvc.utils.hydra import compose_and_dump
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    target = target or root / "params.yaml"
    overrides = [quoted(override) for override in overrides]
    # Hydra names no file, takes a key twice, and fails on what no YAML file should hold.
    for file in sorted((root / "conf").rglob("*.yaml")):
        read_yaml(file, "", "Correct it.")
    try:
        with TemporaryDirectory() as folder:
            written = Path(folder, target.name)
            conf, plugins = (str((root / name).resolve()) for name in ("conf", "src"))
            compose_and_dump(written, conf, None, "config", plugins, overrides)
            read_composed(read_yaml(written, "", ""))
            write_text(target, written.read_text(encoding="utf-8"))
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        reason = " ".join(str(error).split())
        if ours := _WRAPPED.search(reason):
            raise UserError(ours[1]) from error
        if absent := _NO_FILE.search(reason):
            raise UserError(_no_such_choice(*absent.groups())) from error
        if (absent := _ABSENT.search(reason)) and not new_name(absent[1], RENAMED):
            raise UserError(_unknown(root, absent[1], overrides)) from error
        keys = [override.partition("=")[0].lstrip("+~") for override in overrides]
        renamed = [f" {key} is now {new} (docs/migration.md)." for key in keys if (new := new_name(key, RENAMED))]
        raise UserError(
            f"cannot compose params.yaml: {reason}. The settings are in conf/.{''.join(renamed)}"
        ) from error
    return target


def composed(root: Path, overrides: list[str]) -> Any:
    """What `compose` would write; params.yaml stays as it is.

    Raises:
        UserError: as of `compose`.
    """
    with TemporaryDirectory() as folder:
        return read_yaml(compose(root, overrides, Path(folder, "params.yaml")), "", "")


def _no_such_choice(folder: str, name: str, known: str) -> str:
    near = get_close_matches(name, known.split(), n=1)
    hint = f"; nearest: {near[0]}" if near else ""
    own = f" `gemquad init {name}` makes it for that language." if folder == "experiment" and is_language(name) else ""
    choices = [choice for choice in known.split() if not choice.startswith("_")]
    return f"there is no conf/{folder}/{name}.yaml{hint}. For {folder}=… there are: {', '.join(choices)}.{own}"


def _unknown(root: Path, key: str, overrides: list[str]) -> str:
    """What is wrong with overriding `key`, which conf/ does not have: it is no setting, or one that has to be added with a plus."""
    added = [f"++{one}" if one.partition("=")[0] == key else one for one in overrides]
    try:
        composed(root, added)
    except UserError as error:
        return str(error)
    return f"{key} is not among the settings in conf/ yet. To add it write a plus before it: +{key}=VALUE."
