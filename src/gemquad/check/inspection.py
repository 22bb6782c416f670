"""Read all files as the stages `read`, `prepare` and `prompt` do, and go on where these would stop."""

from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gemquad.check.enough import too_little, too_little_silver
from gemquad.errors import UserError
from gemquad.params import GOLD, Params
from gemquad.schema import Example
from gemquad.sources.faults import NOTHING, Faults, Mend
from gemquad.sources.format import AnyFormat
from gemquad.sources.overlap import refusals
from gemquad.sources.roles import joined, missing_roles
from gemquad.tasks.loading import load_task
from gemquad.tasks.prompter import PromptSources


@dataclass(frozen=True)
class CheckedUse:
    """A file in a role: its sound rows, and how many of them a run takes. `key` is "" for a file that no setting names."""

    key: str
    role: str
    language: str
    path: Path
    rows: int
    used: int


@dataclass
class Inspection:
    """What was found: of each file, of the settings as a whole, and what is so little that it makes no sense."""

    faults: dict[Path, Faults] = field(default_factory=dict)
    uses: list[CheckedUse] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    """Data sets of the hub that are not here yet, by their keys."""
    refused: list[str] = field(default_factory=list)
    """What `prepare` and `prompt` will refuse though each file is sound."""
    warnings: list[str] = field(default_factory=list)

    @property
    def has_faults(self) -> bool:
        """Whether a run will be refused."""
        return bool(self.refused) or any(map(len, self.faults.values()))

    def of(self, path: Path) -> Faults:
        """The faults of a file, to add to."""
        return self.faults.setdefault(path, Faults(path))


def inspect_files(params: Params, paths: Sequence[Path]) -> Inspection:
    """The files `paths` alone, in the role that the settings give them; one that they do not name as gold, or else as passages."""
    found, format = Inspection(), load_task(params).format
    for path in paths:
        named = [key for key, own in params.data.sources.items() if Path(own).absolute() == path.absolute()]
        for key in named:
            role, language = params.data.role_of(key)
            _examples(found, format, path, role, language, key)
        if not named:
            _examples(found, format, path, GOLD, params.data.gold_language, "")
    return found


def inspect_settings(params: Params) -> Inspection:
    """Every file that the settings name and what they are together: the leak gate, roles, amounts."""
    found, records, format = Inspection(), dict[str, list[Any]](), load_task(params).format
    found.refused.extend(missing_roles(params.data, params.lang, format))
    on_hub = {use.key for use in params.data.uses() if use.is_on_hub}
    for key, path in params.data.sources.items():
        role, language = params.data.role_of(key)
        if key in on_hub and not Path(path).exists():
            found.waiting.append(key)
        else:
            every = _examples(found, format, Path(path), role, language, key, params)
            records[key] = every[: params.data.limit(role)]
            _learn(found, format, Path(path), role, key, records[key])
    roles = joined(lambda key, _: records.get(key, []), params.data, params.lang, format)
    found.refused.extend(refusals(roles.overlaps))
    for use in found.uses:
        found.warnings.extend(too_little(use.key, use.role, use.used) if use.used else ())
    if not found.waiting and not found.has_faults:
        found.refused.extend(_prompts(found, params, PromptSources(params.lang, roles.exemplars, roles.passages)))
    return found


def _examples(
    found: Inspection, format: AnyFormat, path: Path, role: str, language: str, key: str, params: Params | None = None
) -> list[Any]:
    """The sound examples of a file; a file without questions that no setting names is one of passages."""
    faults, limit = found.of(path), params.data.limit(role) if params else None
    try:
        every = format.read(path, language, role, faults)
        if not key and "passages" in format.roles and [fault.kind for fault in faults.refused] == [NOTHING]:
            role, found.faults[path] = "passages", Faults(path)
            every = format.read(path, language, role, found.of(path))
        if path.read_bytes()[:3] == BOM_UTF8:
            found.of(path).tolerate("byte order mark", "", Mend("byte order mark removed"))
    except (UserError, OSError) as error:
        faults.add("cannot be read", "", str(error).removeprefix(f"{path}: ").rstrip("."), "")
        every = []
    taken = not params or role in (GOLD, "test") or language in params.lang
    found.uses.append(CheckedUse(key, role, language, path, len(every), len(every[:limit]) if taken else 0))
    return every


def _learn(found: Inspection, format: AnyFormat, path: Path, role: str, key: str, examples: Sequence[Example]) -> None:
    """What can, and what cannot, be learnt from the labels of a file; not before all of them can be read."""
    if role == "passages" or not examples or found.of(path):
        return
    try:
        found.warnings.extend(f"{key}: {warning}" for warning in format.facts(role, examples).warnings)
    except UserError as error:
        found.refused.append(str(error))


def _prompts(found: Inspection, params: Params, sources: PromptSources[Any]) -> Iterator[str]:
    """What `prompt` refuses; where it refuses nothing, whether its prompts are enough."""
    try:
        prompts = load_task(params).prompter.prompts(sources, params.sampling, params.seed)
    except UserError as error:
        yield str(error)
    else:
        found.warnings.extend(too_little_silver(len(prompts), params.filter.keep_fraction))
