"""An inspection for a terminal: faults by kind with the first of each, the table of what is used, and what to do."""

from collections.abc import Iterator, Sequence

from gemquad.check.inspection import CheckedUse, Inspection
from gemquad.report.formatting import counted
from gemquad.sources.faults import Fault, Faults
from gemquad.text.characters import shown

FIRST = 3
"""Places that are shown of each kind of fault."""

Line = tuple[int, str]
"""How far a line is indented, and its text."""


def faults_of(faults: Faults, uses: Sequence[CheckedUse]) -> Iterator[Line]:
    """The faults of a file by kind, the most frequent first, and what a run puts right by itself."""
    refused = faults.refused
    roles = [f"{use.role} {use.language}" for use in uses if use.key and use.path == faults.path]
    named = f"{faults.path} ({', '.join(roles)})" if roles else str(faults.path)
    if refused:
        yield 0, f"{named}: {counted(len(refused), 'fault')}"
    for kind, every in _by_kind(refused):
        mendable = sum(fault.mend is not None for fault in every)
        yield 2, f"{len(every)} × {kind}" + (f" (--fix mends {mendable})" if mendable else "")
        for fault in every[:FIRST]:
            yield 6, f"{_place(fault)}{fault.said}"
        if len(every) > FIRST:
            yield 6, f"… {len(every) - FIRST} more"
        if every[0].remedy:
            yield 4, f"→ {every[0].remedy}"
    for kind, every in _by_kind(faults.tolerated):
        yield 0, f"{named}: {len(every)} × {kind}, which a run mends as it reads, and --fix in the file"


COLUMNS = ("role", "language", "sound", "used", "file")


def row_of(use: CheckedUse) -> tuple[str, ...]:
    """What a role has, and what a run takes of it, under `COLUMNS`."""
    role = use.role if use.key else f"as {use.role}"
    return role, use.language, str(use.rows), str(use.used), str(use.path)


def conclusions(found: Inspection, fixing: bool) -> Iterator[Line]:
    """What is wrong with the settings as a whole, what is too little, and the sum; how to mend, unless that comes next."""
    for key in found.waiting:
        yield 0, f"{key}: on the hub, not checked. `dvc repro fetch` brings it"
    for warning in found.warnings:
        yield 0, f"warning: {warning.rstrip('.')}."
    for said in found.refused:
        yield 0, f"fault: {said}"
    every = [fault for faults in found.faults.values() for fault in faults.refused]
    if not every and not found.refused:
        yield 0, "no fault"
        return
    kinds = {fault.kind for fault in every}
    sums = [f"{counted(len(every), 'fault')} of {counted(len(kinds), 'kind')}"] if every else []
    sums += [f"{counted(len(found.refused), 'fault')} of the settings"] if found.refused else []
    mendable = sum(fault.mend is not None for fault in every)
    advice = f"; the same command with --fix writes new files, {mendable} of them mended"
    yield 0, ", ".join(sums) + (advice if mendable and not fixing else "")


def _by_kind(faults: Sequence[Fault]) -> list[tuple[str, list[Fault]]]:
    """Those of a kind and a remedy together, most first."""
    groups: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        groups.setdefault((fault.kind, fault.remedy), []).append(fault)
    return sorted(((kind, every) for (kind, _), every in groups.items()), key=lambda group: -len(group[1]))


def _place(fault: Fault) -> str:
    named = f" (id {shown(fault.id)})" if fault.id else ""
    return f"{fault.place}{named}: " if fault.place else ""
