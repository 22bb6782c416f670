"""The run on a terminal: where it is, the stages, the scores so far, the last lines of output."""

from collections.abc import Sequence

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Column, Table
from rich.text import Text

from gemquad.monitor.rows import Cell, rows
from gemquad.monitor.run import Run, Status
from gemquad.monitor.summary import announcement, duration, scores
from gemquad.progress import JobState

_BAR = 20
_MARKS = {
    Status.WAITING: ("·", "dim"),
    Status.RUNNING: ("▶", "bold cyan"),
    Status.RAN: ("✓", "green"),
    Status.UNCHANGED: ("=", "dim"),
    Status.RESTORED: ("↺", "green"),
    Status.FAILED: ("✗", "bold red"),
}


def view(run: Run, jobs: Sequence[JobState], title: str, now: float) -> RenderableType:
    """One frame of the view, for a terminal of any width."""
    parts = [_header(run, title, now), _running(run, jobs, now), _stages(run), _scores(run), _tail(run)]
    return Group(*(part for part in parts if part is not None))


def _header(run: Run, title: str, now: float) -> Text:
    facts = [run.experiment, announcement(run) if run.reached else "", duration(now - run.began)]
    return Text.assemble((title, "bold"), *(f" · {fact}" for fact in facts if fact), overflow="ellipsis")


def _running(run: Run, jobs: Sequence[JobState], now: float) -> RenderableType | None:
    """The stage under way with its time, and every job in it with a bar."""
    step = next((step for step in run.plan.steps if step.address == run.current), None)
    if step is None:
        return None
    mark, style = _MARKS[run.status(step)]
    return Group("", Text(f"{mark} {step.address}  {duration(run.seconds(step, now))}", style), _jobs(jobs))


def _jobs(jobs: Sequence[JobState]) -> Table:
    """A line for each; where there is little room, label and bar give way to the numbers."""
    table = Table.grid("", Column(max_width=_BAR), *(Column(no_wrap=True) for _ in range(3)), padding=(0, 1))
    for job in jobs:
        label = Text(f"  {job.label}", no_wrap=True, overflow="ellipsis")
        pace = [] if job.seconds_left is None else [f"{job.rate:.1f}/s", f"{duration(job.seconds_left)} left"]
        numbers = (Text(text) for text in (f"{job.done}/{job.total} {job.unit}", *pace))
        table.add_row(label, ProgressBar(total=job.total, completed=job.done), *numbers)
    return table


def _stages(run: Run) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="bold", no_wrap=True, min_width=len("rounds 1–9"))
    table.add_column()
    for row in rows(run):
        table.add_row(row.label, Columns([_cell(cell) for cell in row.cells], padding=(0, 2)))
    return Group("", table)


def _cell(cell: Cell) -> Text:
    mark, style = _MARKS[cell.status]
    count = f" {cell.over}/{cell.items}" if cell.items > 1 else ""
    return Text(f"{cell.name}{count} {mark}", style, no_wrap=True)


def _scores(run: Run) -> RenderableType | None:
    return Group("", Text(scores(run.decision, run.plan.metric), "bold")) if run.decision else None


def _tail(run: Run) -> RenderableType | None:
    if not run.tail:
        return None
    return Group("", *(_output(line) for line in run.tail))


def _output(line: str) -> Text:
    style = "yellow" if line.startswith("WARNING") else "dim"
    return Text.from_ansi(line, style=style, no_wrap=True, overflow="ellipsis")
