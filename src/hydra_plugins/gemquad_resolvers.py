"""Resolvers that expand `conf/` into the explicit tables which `foreach` in dvc.yaml needs.

Hydra imports every module of the package `hydra_plugins`; DVC finds it through `hydra.plugins_path`.
"""

from omegaconf import DictConfig, OmegaConf

ROLES_BY_LANGUAGE = ("exemplars", "passages", "dev", "test")


def expand_rounds(max_rounds: int) -> DictConfig:
    """{"1": {previous: 0, labeler: baseline}, "2": {previous: 1, labeler: round-1}, …}."""
    return OmegaConf.create(
        {str(r): {"previous": r - 1, "labeler": _system(r - 1)} for r in range(1, max(int(max_rounds), 1) + 1)}
    )


def expand_systems(max_rounds: int) -> DictConfig:
    """{"0": {name: baseline}, "1": {name: round-1}, …}: everything that is evaluated."""
    return OmegaConf.create({str(r): {"name": _system(r)} for r in range(max(int(max_rounds), 1) + 1)})


def expand_sources(_parent_: DictConfig) -> DictConfig:
    """{"gold": {role, language, path}, "dev-es": …}: one entry per file of the data section."""
    gold = {"role": "gold", "language": _parent_.gold_language, "path": _parent_.gold}
    per_language = {
        f"{role}-{language}": {"role": role, "language": language, "path": path}
        for role in ROLES_BY_LANGUAGE
        for language, path in _parent_[role].items()
        if path
    }
    return OmegaConf.create({"gold": gold, **per_language})


def _system(round_number: int) -> str:
    return f"round-{round_number}" if round_number else "baseline"


OmegaConf.register_new_resolver("rounds", expand_rounds, replace=True)
OmegaConf.register_new_resolver("systems", expand_systems, replace=True)
OmegaConf.register_new_resolver("sources", expand_sources, replace=True)
