"""Resolvers that expand `conf/` into the explicit tables which `foreach` in dvc.yaml needs.

Hydra imports every module of the package `hydra_plugins`; DVC finds it through `hydra.plugins_path`.
"""

from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from omegaconf import DictConfig, OmegaConf

from gemquad.errors import UserError
from gemquad.params import TABLES, Params, read_params, table_in, tables
from gemquad.sources.entries import CATALOGUE, entry, read_catalogue

_OF_THE_ENVIRONMENT = ("oc.env", "oc.decode", "env")


def expand(name: str, *, _root_: DictConfig) -> Any:
    """The table `name`, from settings that are refused here, before any stage starts, where they cannot be."""
    plain: Any = OmegaConf.to_container(_root_)
    every = tables(_checked(plain))
    for other, table in every.items():
        if table_in(plain, other) not in (f"${{{_resolver(other)}:}}", table):
            raise UserError(f"params.yaml: {other} is no setting: it is made from others. Leave it out.")
    made = every[name]
    if name == "fetches" and made:
        catalogue = read_catalogue(_catalogue())
        for data_set in made.values():
            entry(catalogue, data_set)
    return OmegaConf.create(made)


def refuse(name: str, *_: Any) -> NoReturn:
    """In place of OmegaConf's own: what the environment holds may be a secret, and params.yaml is shown, logged and shared.

    Raises:
        UserError: always.
    """
    raise UserError(
        f"${{{name}:…}} would write a variable of the environment, perhaps a secret, into params.yaml, which is logged and "
        "shared. Write the value itself; keys and passwords are read from the environment where they are used."
    )


def _resolver(table: str) -> str:
    return table.rpartition(".")[2]


def _checked(plain: dict[str, Any]) -> Params:
    """The settings alone."""
    settings = {key: value for key, value in plain.items() if key not in TABLES}
    if isinstance(settings.get("data"), dict):
        settings["data"] = {key: value for key, value in settings["data"].items() if key != "sources"}
    return read_params(OmegaConf.to_container(OmegaConf.create(settings), resolve=True))


def _catalogue() -> Path:
    """Of the checkout that is at work: DVC and `gemquad compose` are called in it; else of this one."""
    here = [folder / CATALOGUE for folder in (Path.cwd(), *Path.cwd().parents)]
    return next((path for path in here if path.exists()), Path(__file__).parents[2] / CATALOGUE)


for _name in TABLES:
    OmegaConf.register_new_resolver(_resolver(_name), partial(expand, _name), replace=True)
for _name in _OF_THE_ENVIRONMENT:
    OmegaConf.register_new_resolver(_name, partial(refuse, _name), replace=True)
