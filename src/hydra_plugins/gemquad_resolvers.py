"""Resolvers that expand `conf/` into the explicit tables which `foreach` in dvc.yaml needs.

Hydra imports every module of the package `hydra_plugins`; DVC finds it through `hydra.plugins_path`.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from omegaconf import DictConfig, ListConfig, OmegaConf

from gemquad.params import HUB
from gemquad.rounds.comparisons import PROMPTED

ROLES_BY_LANGUAGE = ("exemplars", "passages", "dev", "test", "translated")

GIVEN_BY_ROUNDS = ("baseline", "sequential")


def expand_rounds(max_rounds: int, _root_: DictConfig) -> DictConfig:
    """{"1": {previous: 0, before: baseline, labeler: baseline}, "2": {previous: 1, before: round-1, labeler: round-1}, …}.

    Without gold the baseline is trained on the very pairs that round 1 judges, so round 1 has cross-fitted labelers instead.
    """
    rounds = {
        str(r): {"previous": r - 1, "before": _system(r - 1), "labeler": _system(r - 1)}
        for r in range(1, max(int(max_rounds), 1) + 1)
    }
    if not _root_.data.gold:
        rounds["1"]["labeler"] = "crossfit"
    return OmegaConf.create(rounds)


def expand_baseline(_root_: DictConfig) -> DictConfig:
    """{examples, record}: what the baseline is trained on, gold or, without any, the synthetic pairs."""
    if not _root_.data.gold:
        return OmegaConf.create({"examples": "data/synthetic.parquet", "record": "synthetic"})
    return OmegaConf.create({"examples": "data/prepared/gold.parquet", "record": "gold"})


def expand_crossfit(_root_: DictConfig) -> DictConfig:
    """{crossfit: {synthetic}} without gold, else nothing."""
    return OmegaConf.create({"crossfit": {"synthetic": "data/synthetic.parquet"}} if not _root_.data.gold else {})


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
    if data.gold:
        yield _Use("gold", "gold", data.gold_language, data.gold)
    for role in ROLES_BY_LANGUAGE:
        for language, named in data[role].items():
            if named:
                yield _Use(f"{role}-{language}", role, language, named)


def _path(named: str, language: str) -> str:
    """The file itself, or where the stage `fetch` writes a hub data set."""
    return f"data/hub/{named.removeprefix(HUB)}-{language}.json" if named.startswith(HUB) else named


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


def _system(round_number: int) -> str:
    return f"round-{round_number}" if round_number else "baseline"


OmegaConf.register_new_resolver("rounds", expand_rounds, replace=True)
OmegaConf.register_new_resolver("baseline", expand_baseline, replace=True)
OmegaConf.register_new_resolver("crossfit", expand_crossfit, replace=True)
OmegaConf.register_new_resolver("comparisons", expand_comparisons, replace=True)
OmegaConf.register_new_resolver("prompted", expand_prompted, replace=True)
OmegaConf.register_new_resolver("systems", expand_systems, replace=True)
OmegaConf.register_new_resolver("sources", expand_sources, replace=True)
OmegaConf.register_new_resolver("fetches", expand_fetches, replace=True)
