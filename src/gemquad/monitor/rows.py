"""The stages in a compact form: a row for what comes before the rounds, one for each round, one for what comes after."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from gemquad.monitor.plan import Step
from gemquad.monitor.run import Run, Status


@dataclass(frozen=True)
class Cell:
    """A stage, or its items that share a row: `over` of `items` have ended."""

    name: str
    status: Status
    over: int
    items: int


@dataclass(frozen=True)
class StageRow:
    """A row of stages; `label` names the round, or several rounds in the same state."""

    label: str
    cells: tuple[Cell, ...]


def rows(run: Run) -> list[StageRow]:
    """The rows in running order; neighbouring rounds in the same state share one."""
    steps = run.plan.steps
    rounds = sorted({step.round for step in steps if step.round is not None})
    first = next((i for i, step in enumerate(steps) if step.round is not None), len(steps))
    before = [step for step in steps[:first] if step.round is None]
    after = [step for step in steps[first:] if step.round is None]
    of_rounds = [(number, _cells(run, [step for step in steps if step.round == number])) for number in rounds]
    groups = [StageRow("", _cells(run, before)), *_merged(of_rounds), StageRow("", _cells(run, after))]
    return [row for row in groups if row.cells]


def _merged(rounds: Iterable[tuple[int, tuple[Cell, ...]]]) -> Iterator[StageRow]:
    for cells, same in groupby(rounds, key=lambda numbered: numbered[1]):
        numbers = [number for number, _ in same]
        yield StageRow(f"round {numbers[0]}" if len(numbers) == 1 else f"rounds {numbers[0]}–{numbers[-1]}", cells)


def _cells(run: Run, steps: Iterable[Step]) -> tuple[Cell, ...]:
    by_name: dict[str, list[Status]] = {}
    for step in steps:
        by_name.setdefault(step.name, []).append(run.status(step))
    return tuple(_cell(name, statuses) for name, statuses in by_name.items())


def _cell(name: str, statuses: list[Status]) -> Cell:
    """Items that differ: a failed one counts most, then one that runs, one that waits, one that ran."""
    order = (Status.FAILED, Status.RUNNING, Status.WAITING, Status.RAN, Status.RESTORED, Status.UNCHANGED)
    over = sum(status not in (Status.WAITING, Status.RUNNING) for status in statuses)
    return Cell(name, min(statuses, key=order.index), over, len(statuses))
