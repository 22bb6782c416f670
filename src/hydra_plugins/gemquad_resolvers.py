"""Resolvers that expand `conf/` into the explicit tables which `foreach` in dvc.yaml needs.

Hydra imports every module of the package `hydra_plugins`; DVC finds it through `hydra.plugins_path`.
"""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf

from gemquad.params import HUB, NO_SETTINGS, Params, read_params
from gemquad.sources.entries import CATALOGUE, entry, read_catalogue


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


def expand_sources(_root_: DictConfig) -> DictConfig:
    """{"gold": PATH, "dev-es": PATH, …}: one entry per file of the data section."""
    return OmegaConf.create({use.key: _path(use.named, use.language) for use in _checked(_root_).data.uses()})


def expand_fetches(_root_: DictConfig) -> DictConfig:
    """{"xquad-de": "xquad", …}: one entry per hub data set and language of the data section."""
    named = [use for use in _checked(_root_).data.uses() if use.named.startswith(HUB)]
    catalogue = read_catalogue(_catalogue()) if named else {}
    for use in named:
        entry(catalogue, use.named.removeprefix(HUB))
    entries = [(use.named.removeprefix(HUB), use.language) for use in named]
    return OmegaConf.create({f"{name}-{language}": name for name, language in entries})


def expand_comparisons(_root_: DictConfig) -> ListConfig:
    """["random-13", …]: the students beside the rounds."""
    settings = _checked(_root_)
    return OmegaConf.create(settings.comparison.trained(settings.seed))


def expand_prompted(_root_: DictConfig) -> ListConfig:
    """["few_shot_llm-13", …]: the generator itself, asked for the answers."""
    settings = _checked(_root_)
    return OmegaConf.create(settings.comparison.prompted(settings.seed))


def _checked(root: DictConfig) -> Params:
    """The settings alone, refused here, before any stage starts, where they cannot be."""
    plain: Any = OmegaConf.to_container(root)
    settings = {key: value for key, value in plain.items() if key not in NO_SETTINGS}
    if isinstance(settings.get("data"), dict):
        settings["data"].pop("sources", None)
    return read_params(OmegaConf.to_container(OmegaConf.create(settings), resolve=True))


def _catalogue() -> Path:
    """Of the checkout that is at work: DVC and `gemquad compose` are called in it; else of this one."""
    here = [folder / CATALOGUE for folder in (Path.cwd(), *Path.cwd().parents)]
    return next((path for path in here if path.exists()), Path(__file__).parents[2] / CATALOGUE)


def _path(named: str, language: str) -> str:
    """The file itself, or where the stage `fetch` writes a hub data set."""
    return f"data/hub/{named.removeprefix(HUB)}-{language}.json" if named.startswith(HUB) else named


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
