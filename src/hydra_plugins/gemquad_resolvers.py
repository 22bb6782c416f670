"""Resolvers that expand `conf/` into the explicit tables which `foreach` in dvc.yaml needs.

Hydra imports every module of the package `hydra_plugins`; DVC finds it through `hydra.plugins_path`.
"""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf

from gemquad.params import HUB, NO_SETTINGS, Params, read_params
from gemquad.sources.entries import CATALOGUE, entry, read_catalogue
from gemquad.workspace import Workspace


def expand_rounds(max_rounds: int, _root_: DictConfig) -> DictConfig:
    """{"0": {after, silver}, "1": …}: where a round finds the state of the loop, and what it trains on before gold.

    Round 0 has an empty silver; without gold it trains on all candidates for silver.
    """
    files = Workspace()
    rounds = {number: files.round(number) for number in range(max(int(max_rounds), 1) + 1)}
    silver = {number: own.silver for number, own in rounds.items()}
    if not _root_.data.gold:
        silver[0] = files.candidates
    return OmegaConf.create(
        {
            str(number): {"after": own.decision_before.as_posix(), "silver": silver[number].as_posix()}
            for number, own in rounds.items()
        }
    )


def expand_filtered(max_rounds: int) -> DictConfig:
    """{"1": 0, "2": 1, …}: the rounds that filter, each with the round before it."""
    return OmegaConf.create({str(number): number - 1 for number in range(1, max(int(max_rounds), 1) + 1)})


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
    fetched = Workspace().fetched(f"{named.removeprefix(HUB)}-{language}").as_posix()
    return fetched if named.startswith(HUB) else named


OmegaConf.register_new_resolver("rounds", expand_rounds, replace=True)
OmegaConf.register_new_resolver("filtered", expand_filtered, replace=True)
OmegaConf.register_new_resolver("comparisons", expand_comparisons, replace=True)
OmegaConf.register_new_resolver("prompted", expand_prompted, replace=True)
OmegaConf.register_new_resolver("sources", expand_sources, replace=True)
OmegaConf.register_new_resolver("fetches", expand_fetches, replace=True)
