"""What settings of earlier versions are called now; docs/migration.md says the same."""

from gemquad.params.data import GOLD

_ROLES = ("exemplars", "passages", "dev", "test", "translated")
"""The roles of those versions."""

RENAMED = {
    "generation.answer_ending_bonus": "generation.stop_logit_bias",
    "generation.keep_fraction": "filter.keep_fraction",
    **{f"data.{role}.*": f"data.languages.*.{role}" for role in _ROLES},
    **{f"data.{role}": f"data.languages.LANGUAGE.{role}" for role in _ROLES},
    **{f"data.{role}_limit": f"data.limits.{role}" for role in (GOLD, *_ROLES)},
    "hub.*": "the entry `*` of conf/catalogue.yaml",
    "hub": "the file conf/catalogue.yaml",
}
"""By dotted name, the first that fits; `*` is any one part of it."""
