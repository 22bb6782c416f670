"""Resolvers that expand `conf/` into the explicit tables which `foreach` in dvc.yaml needs.

Hydra imports every module of the package `hydra_plugins`; DVC finds it through `hydra.plugins_path`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from omegaconf import DictConfig, ListConfig, OmegaConf

from gemquad.params import HUB

ROLES_BY_LANGUAGE = ("exemplars", "passages", "dev", "test", "translated")

GIVEN_BY_ROUNDS = ("baseline", "sequential")


def expand_rounds(max_rounds: int) -> DictConfig:
    """{"1": {previous: 0, labeler: baseline}, "2": {previous: 1, labeler: round-1}, …}."""
    return OmegaConf.create(
        {str(r): {"previous": r - 1, "labeler": _system(r - 1)} for r in range(1, max(int(max_rounds), 1) + 1)}
    )


def expand_systems(max_rounds: int) -> DictConfig:
    """{"0": {name: baseline}, "1": {name: round-1}, …}: everything that is evaluated."""
    return OmegaConf.create({str(r): {"name": _system(r)} for r in range(max(int(max_rounds), 1) + 1)})


class _Use(NamedTuple):
    """One file or hub data set that the data section names."""

    key: str
    role: str
    language: str
    named: str


def expand_sources(_parent_: DictConfig) -> DictConfig:
    """{"gold": {role, language, path}, "dev-es": …}: one entry per file of the data section."""
    return OmegaConf.create(
        {
            use.key: {"role": use.role, "language": use.language, "path": _path(use.named, use.language)}
            for use in _uses(_parent_)
        }
    )


def expand_fetches(_root_: DictConfig) -> DictConfig:
    """{"xquad-de": {name: xquad, language: de}, …}: one entry per hub data set and language of the data section."""
    fetches = {}
    for use in _uses(_root_.data):
        if use.named.startswith(HUB):
            name = use.named.removeprefix(HUB)
            if name not in _root_.hub:
                known = ", ".join(_root_.hub)
                raise ValueError(
                    f"{use.named} ({use.role}, {use.language}) is not in the hub catalogue, which has: {known}"
                )
            fetches[f"{name}-{use.language}"] = {"name": name, "language": use.language}
    return OmegaConf.create(fetches)


def _uses(data: DictConfig) -> Iterator[_Use]:
    yield _Use("gold", "gold", data.gold_language, data.gold)
    for role in ROLES_BY_LANGUAGE:
        for language, named in data[role].items():
            if named:
                yield _Use(f"{role}-{language}", role, language, named)


def _path(named: str, language: str) -> str:
    """The file itself, or where the stage `fetch` writes a hub data set."""
    return f"data/hub/{named.removeprefix(HUB)}-{language}.json" if named.startswith(HUB) else named


def expand_comparisons(systems: ListConfig, seeds: ListConfig, seed: int) -> DictConfig:
    """{"random-13": {system: random, seed: 13}, …}, without what the rounds give: baseline and method under their own seed."""
    return OmegaConf.create(
        {
            f"{system}-{number}": {"system": system, "seed": number}
            for system in systems
            for number in seeds
            if not (system in GIVEN_BY_ROUNDS and number == seed)
        }
    )


def _system(round_number: int) -> str:
    return f"round-{round_number}" if round_number else "baseline"


OmegaConf.register_new_resolver("rounds", expand_rounds, replace=True)
OmegaConf.register_new_resolver("comparisons", expand_comparisons, replace=True)
OmegaConf.register_new_resolver("systems", expand_systems, replace=True)
OmegaConf.register_new_resolver("sources", expand_sources, replace=True)
OmegaConf.register_new_resolver("fetches", expand_fetches, replace=True)
