"""What a DVC command is asked to run, checked before DVC starts, which says it late and in words of its libraries."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from gemquad.errors import UserError
from gemquad.params import HUB, Params, load_params, read_composed
from gemquad.settings.compose import composed
from gemquad.settings.overrides import overrides_in, quoted

_MOST_CHECKED = 20
"""Of the combinations of a sweep; composing takes a third of a second."""


def checked(words: Sequence[str]) -> list[str]:
    """The words of a command; those of `dvc exp run` with every override as Hydra reads it.

    Raises:
        UserError: an override cannot be read, a setting cannot be, or a file that a setting names is not there.
    """
    words = list(words)
    if not Path("conf/config.yaml").exists():  # another pipeline than this project's
        return words
    if words[:2] == ["dvc", "repro"] and Path("params.yaml").exists():
        _refuse(load_params(), words)
    if words[:3] != ["dvc", "exp", "run"]:
        return words
    is_queued = "--queue" in words
    for place, before, override in [*overrides_in(words)]:
        words[place] = f"{before}{quoted(override, is_queued)}"
    for overrides in islice(_sweeps([override for *_, override in overrides_in(words)], is_queued), _MOST_CHECKED):
        _refuse(read_composed(composed(Path(), overrides)), words)
    return words


def _sweeps(overrides: list[str], is_queued: bool) -> Iterator[list[str]]:
    """The overrides of each experiment: several where values are swept over."""
    if not is_queued:
        yield overrides
        return
    from dvc.utils.hydra import get_hydra_sweeps

    for combination in get_hydra_sweeps({"params.yaml": overrides}):
        yield combination["params.yaml"]


def _refuse(params: Params, words: Sequence[str]) -> None:
    """Name the settings of files that are neither here nor kept by DVC, which `--pull` would bring; and a ranking by a server."""
    missing = [
        f"{f'data.languages.{use.language}.{use.role}' if use.role != 'gold' else 'data.gold'}: {use.named}"
        for use in params.data.uses()
        if not use.named.startswith(HUB) and not Path(use.named).exists() and not _is_kept(Path(use.named))
    ]
    if missing and "--pull" not in words:
        raise UserError(f"no such file: {'; '.join(missing)}. Correct the setting, or bring the file.")
    if params.backend.name == "openai" and params.generation.rank_by != "none":
        raise UserError(
            f"generation.rank_by is {params.generation.rank_by}, and a server (backend=openai) does not tell how likely an "
            "answer is: -S generation.rank_by=none -S filter.keep_fraction=1."
        )


def _is_kept(path: Path) -> bool:
    """Whether `dvc add` made a file beside it, or beside a folder above it."""
    return any(Path(f"{one}.dvc").exists() for one in (path, *path.parents) if one.name)
