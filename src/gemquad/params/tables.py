"""The tables that `foreach` of dvc.yaml needs, a DVC graph being fixed before it runs: an entry per round, data set or system.

They follow from the settings, and nobody else sets them: DVC makes names of stages and files of their keys.
"""

from collections.abc import Mapping
from typing import Any

from gemquad.params.data import HUB, Use
from gemquad.params.params import Params
from gemquad.workspace import Workspace

TABLES = ("rounds", "filtered", "fetches", "comparisons", "prompted", "data.sources")
"""By dotted name; the resolvers of `hydra_plugins` expand them."""


def tables(params: Params) -> dict[str, Any]:
    """Every table that follows from the settings of `params`, by its name."""
    named = {f"{one.named.removeprefix(HUB)}-{one.language}": one for one in params.data.uses() if one.is_on_hub}
    return {
        "rounds": _rounds(params),
        "filtered": {str(number): number - 1 for number in range(1, params.stopping.max_rounds + 1)},
        "fetches": {key: use.named.removeprefix(HUB) for key, use in named.items()},
        "comparisons": params.comparison.trained(params.seed),
        "prompted": params.comparison.prompted(params.seed),
        "data.sources": {use.key: _path(use) for use in params.data.uses()},
    }


def table_in(raw: Any, name: str) -> Any:
    """What stands under a table's dotted name in the content of params.yaml, or in what it is composed of."""
    for part in name.split("."):
        raw = raw.get(part) if isinstance(raw, Mapping) else None
    return raw


def _rounds(params: Params) -> dict[str, dict[str, str]]:
    """{"0": {after, silver}, "1": …}: where a round finds the state of the loop, and what it trains on before gold.

    Round 0 has an empty silver; without gold it trains on all candidates for silver.
    """
    files = Workspace()
    rounds = {number: files.round(number) for number in range(params.stopping.max_rounds + 1)}
    silver = {number: own.silver for number, own in rounds.items()}
    if not params.data.gold:
        silver[0] = files.candidates
    return {
        str(number): {"after": own.decision_before.as_posix(), "silver": silver[number].as_posix()}
        for number, own in rounds.items()
    }


def _path(use: Use) -> str:
    """The file itself, or where the stage `fetch` writes a hub data set."""
    fetched = Workspace().fetched(f"{use.named.removeprefix(HUB)}-{use.language}").as_posix()
    return fetched if use.is_on_hub else use.named
