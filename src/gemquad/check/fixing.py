"""Write what can be mended without guessing as new files beside the user's own, and say which settings use them."""

import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from gemquad.check.inspection import Inspection
from gemquad.check.lines import Line
from gemquad.errors import UserError
from gemquad.files import write_text
from gemquad.report.formatting import counted
from gemquad.sources.faults import Faults
from gemquad.sources.mending import mended


def fix(found: Inspection) -> Iterator[Line]:
    """Write `NAME.fixed.json` for each file in which something can be mended; what was done, by kind with counts.

    Raises:
        UserError: one of these files exists; then none is written.
    """
    targets = {path: _target(path) for path, faults in found.faults.items() if faults.mendable}
    for target in targets.values():
        if target.exists():
            raise UserError(
                f"{target} exists and is not overwritten. Move or delete it, then run the same command again."
            )
    if not targets:
        yield 0, "nothing is mended: nothing can be without guessing"
    for path, target in targets.items():
        write_text(target, mended(path, found.faults[path]))
        yield from _done(found.faults[path], target)
    settings = [f"{_setting(use.key)}={targets[use.path]}" for use in found.uses if use.key and use.path in targets]
    if settings:
        yield 0, f"with the settings as they are and these: {shlex.join(settings)}"


def left(found: Inspection) -> int:
    """The number of faults that are left after `fix`."""
    return len(found.refused) + sum(not fault.mend for faults in found.faults.values() for fault in faults.refused)


def _target(path: Path) -> Path:
    return path.with_name(f"{path.stem}.fixed{path.suffix}")


def _done(faults: Faults, target: Path) -> Iterator[Line]:
    rest = sum(not fault.mend for fault in faults.refused)
    yield 0, f"{target}: {faults.path}, mended" + (f"; {counted(rest, 'fault')} left" if rest else "")
    for how, times in Counter(fault.mend.how for fault in faults.mendable if fault.mend).most_common():
        yield 2, f"{times} × {how}"


def _setting(key: str) -> str:
    """The setting of a key such as `gold` or `dev-zh-TW`."""
    role, _, language = key.partition("-")
    return f"++data.languages.{language}.{role}" if language else f"data.{role}"
