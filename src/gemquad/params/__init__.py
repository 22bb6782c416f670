"""Typed, validated view of `params.yaml`, the only configuration a stage reads.

One section is one unit of invalidation: a stage names in `dvc.yaml` exactly the sections (or keys) it reads, so changing a
stopping threshold never re-trains, and changing the student never re-generates. Unknown keys are errors: a misspelt setting
must not be silently ignored. `params.yaml` is composed from `conf/` (`gemquad compose`); do not edit it by hand.
"""

from gemquad.params.data import GOLD, HUB, ROLES, Data, LanguageFiles, Limits
from gemquad.params.generation import BackendSettings, Generation, ModelSource, Precision, Prices, Sampling, Tuning
from gemquad.params.loading import flat_settings, load_params, read_composed, read_params
from gemquad.params.params import Params
from gemquad.params.renamed import RENAMED
from gemquad.params.tables import TABLES, table_in, tables
from gemquad.params.training import Compared, ComparedSystem, Comparison, Filter, Report, Stopping, Student

BESIDE_THE_ROUNDS = ("comparison", "report")
"""Sections that change nothing about the rounds."""

__all__ = [
    "BESIDE_THE_ROUNDS",
    "GOLD",
    "HUB",
    "RENAMED",
    "ROLES",
    "TABLES",
    "BackendSettings",
    "Compared",
    "ComparedSystem",
    "Comparison",
    "Data",
    "Filter",
    "Generation",
    "LanguageFiles",
    "Limits",
    "ModelSource",
    "Params",
    "Precision",
    "Prices",
    "Report",
    "Sampling",
    "Stopping",
    "Student",
    "Tuning",
    "flat_settings",
    "load_params",
    "read_composed",
    "read_params",
    "table_in",
    "tables",
]
