"""Resolvers that expand `conf/` into the explicit tables which `foreach` in dvc.yaml needs.

Hydra imports every module of the package `hydra_plugins`; DVC finds it through `hydra.plugins_path`.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from omegaconf import DictConfig, ListConfig, OmegaConf

from gemquad.params import HUB
from gemquad.rounds.comparisons import PROMPTED
from gemquad.workspace import Workspace

ROLES_BY_LANGUAGE = ("exemplars", "passages", "dev", "test", "translated")

GIVEN_BY_ROUNDS = ("baseline", "sequential")


def expand_rounds(max_rounds: int, _root_: DictConfig) -> DictConfig:
    """{"0": {after, silver}, "1": …}: where a round finds the state of the loop, and what it trains on before gold.

    Round 0 has an empty silver; without gold it trains on all synthetic pairs.
    """
    files = Workspace()
    rounds = {number: files.round(number) for number in range(max(int(max_rounds), 1) + 1)}
    silver = {number: own.silver for number, own in rounds.items()}
    if not _root_.data.gold:
        silver[0] = files.synthetic
    return OmegaConf.create(
        {
            str(number): {"after": own.decision_before.as_posix(), "silver": silver[number].as_posix()}
            for number, own in rounds.items()
        }
    )


def expand_filtered(max_rounds: int) -> DictConfig:
    """{"1": 0, "2": 1, …}: the rounds that filter, each with the round before it."""
    return OmegaConf.create({str(number): number - 1 for number in range(1, max(int(max_rounds), 1) + 1)})


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
    if data.gold:
        yield _Use("gold", "gold", data.gold_language, data.gold)
    for role in ROLES_BY_LANGUAGE:
        for language, named in data[role].items():
            if named:
                yield _Use(f"{role}-{language}", role, language, named)


def _path(named: str, language: str) -> str:
    """The file itself, or where the stage `fetch` writes a hub data set."""
    fetched = Workspace().fetched(f"{named.removeprefix(HUB)}-{language}").as_posix()
    return fetched if named.startswith(HUB) else named


def expand_comparisons(systems: ListConfig, seeds: ListConfig, seed: int) -> DictConfig:
    """{"random-13": {system: random, seed: 13}, …}: the students beside the rounds.

    Not what the rounds give: baseline and method under their own seed.
    """
    trained = [system for system in systems if system not in PROMPTED]
    return _by_seed((s, number) for s in trained for number in seeds if s not in GIVEN_BY_ROUNDS or number != seed)


def expand_prompted(systems: ListConfig, seeds: ListConfig, seed: int) -> DictConfig:
    """{"few_shot_llm-13": {system: few_shot_llm, seed: 13}, …}; without exemplars a seed changes nothing."""
    prompted = [system for system in systems if system in PROMPTED]
    return _by_seed((s, number) for s in prompted for number in seeds if s == "few_shot_llm" or number == seed)


def _by_seed(systems: Iterable[tuple[str, int]]) -> DictConfig:
    return OmegaConf.create({f"{system}-{seed}": {"system": system, "seed": seed} for system, seed in systems})


OmegaConf.register_new_resolver("rounds", expand_rounds, replace=True)
OmegaConf.register_new_resolver("filtered", expand_filtered, replace=True)
OmegaConf.register_new_resolver("comparisons", expand_comparisons, replace=True)
OmegaConf.register_new_resolver("prompted", expand_prompted, replace=True)
OmegaConf.register_new_resolver("sources", expand_sources, replace=True)
OmegaConf.register_new_resolver("fetches", expand_fetches, replace=True)
