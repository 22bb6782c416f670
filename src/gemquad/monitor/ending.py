"""What stands below the live view once the run is over: stages and times, whether to ship the student, what to do next."""

import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap

from gemquad.monitor.run import Run, Status
from gemquad.monitor.view import clock
from gemquad.report.formatting import counted
from gemquad.repository.run_state import other_than_defaults, to_commit

_NEXT = """next:
  reports/index.html      the page: whether to ship the student, and why
  gemquad predict --help  ask the student, models/best
  gemquad ui              this run beside others, in MLflow"""
_ELSEWHERE = {"--dry", "--help", "-h", "--queue", "--temp"}
"""Options with which a command runs nothing in this workspace."""


def ending(run: Run, command: Sequence[str], status: int, interrupted: bool, width: int) -> str:
    """The lines for a command that ended with `status`; sentences are broken at `width` columns."""
    rows = [*_stages(run, Status.STOPPED if interrupted else Status.FAILED), *run.scores]
    is_run = _is_run(run, command)
    if not status and not is_run:
        return "\n".join(rows)
    if not status:
        for sentence in _verdict(run, command):
            rows += ["", *wrap(sentence, width, subsequent_indent="  ", break_on_hyphens=False)]
        return "\n".join([*rows, "", _next(run, command)])
    again = f"gemquad watch {shlex.join(command)}"
    if interrupted:
        rows += [
            "",
            "interrupted; everything finished is kept, completions and checkpoints too",
            f"go on with: {again}",
        ]
    else:
        rows += ["", f"next: mend what failed, then go on with: {again}"]
    is_experiment = is_run and "exp" in command and run.folder == Path.cwd()
    if is_experiment and (left := other_than_defaults()):
        rows += [
            f"params.yaml keeps this run's settings: {left}. `dvc repro` would take them; defaults: gemquad compose"
        ]
    return "\n".join(rows)


def _stages(run: Run, killed: Status) -> list[str]:
    """The stages that ran with their times, and how many did not; `killed` are those that could not tell how they ended."""
    now, width = time.time(), max(map(len, run.began), default=0)
    ends = {stage: run.ended.get(stage, (killed, now)) for stage in run.began}
    rows = [f"{one:{width}}  {end.name.lower():7}  {clock(at - run.began[one])}" for one, (end, at) in ends.items()]
    names = [end.name.lower() for end, _ in ends.values()] + ["not run"] * (len(run.stages) - len(ends))
    counts = ", ".join(f"{names.count(name)} {name}" for name in dict.fromkeys(names))
    return [*rows, f"{counted(len(run.stages), 'stage')} in {clock(now - run.start)}: {counts}"]


def _next(run: Run, command: Sequence[str]) -> str:
    if run.folder != Path.cwd():
        return f"next: dvc exp apply {run.experiment}"
    if not _reported(run, command):
        return "next: gemquad watch, which runs the stages that are left"
    return "\n".join(filter(None, [_NEXT, to_commit()]))


def _is_run(run: Run, command: Sequence[str]) -> bool:
    """Whether stages ran, or DVC was to run them in this workspace and found nothing to do."""
    is_asked = " ".join(command).startswith(("dvc repro", "dvc exp run"))
    return bool(run.began) or (is_asked and _ELSEWHERE.isdisjoint(command))


def _reported(run: Run, command: Sequence[str]) -> bool:
    """Whether the report is of this run: it was made, or DVC found it made; with nothing to do, unless stages were named."""
    named = {word.partition("@")[0] for word in command} & {stage.partition("@")[0] for stage in run.stages}
    return run.status("report") in (Status.RAN, Status.PASSED_OVER) or not (run.began or named)


def _verdict(run: Run, command: Sequence[str]) -> list[str]:
    """By the report that the run made, read then, because the workspace of an experiment may be gone; else by that at hand."""
    if run.verdict or run.folder != Path.cwd() or not _reported(run, command):
        return run.verdict
    return run.read_verdict()
