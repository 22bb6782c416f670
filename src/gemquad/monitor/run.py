"""The run so far: states and times of the stages, and what the loop decided last."""

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from gemquad.errors import UserError
from gemquad.files import read_result
from gemquad.monitor.lines import Kind, StageEvent, is_ordinary, parse
from gemquad.monitor.plan import Step, read_plan
from gemquad.schema.results import DECISION, Decision

_TAIL = 5


class Status(Enum):
    """The status of a stage; the value is its name in the summary."""

    WAITING = "waiting"
    RUNNING = "running"
    RAN = "ran"
    UNCHANGED = "unchanged"
    RESTORED = "from cache"
    FAILED = "failed"


_FOUND = {Kind.RUNNING: Status.RUNNING, Kind.UNCHANGED: Status.UNCHANGED, Kind.RESTORED: Status.RESTORED}


@dataclass(frozen=True)
class StageState:
    """The state of a stage that DVC has reached; `seconds` is set when it ends."""

    status: Status
    began: float
    seconds: float = 0.0


class Run:
    """The state of a run, from DVC's output. `where` returns DVC's working folder: that of an experiment, or the checkout."""

    def __init__(self, where: Callable[[], Path], now: float) -> None:
        self._where = where
        self.began = now
        self.plan = read_plan(where())
        self.experiment = ""
        self.current: str | None = None
        self.decision: Decision | None = None
        self.tail: deque[str] = deque(maxlen=_TAIL)
        self._states: dict[str, StageState] = {}

    def read(self, line: str, now: float) -> StageEvent | None:
        """Update the state by one line printed at `now` (seconds of any clock); returns the event in the line, if any."""
        event = parse(line)
        if event:
            self._take(event, now)
        elif is_ordinary(line):
            self.tail.append(line.rpartition("\r")[2])
        return event

    def end(self, status: int, now: float) -> None:
        """Note that the command ended with exit `status`, and with it the running stage."""
        self._leave(Status.FAILED if status else Status.RAN, now)

    def status(self, step: Step) -> Status:
        """The status of a step; waiting until DVC reaches it."""
        state = self._states.get(step.address)
        return state.status if state else Status.WAITING

    def seconds(self, step: Step, now: float) -> float:
        """The duration of a step, up to `now` while it runs."""
        state = self._states[step.address]
        return now - state.began if state.status == Status.RUNNING else state.seconds

    @property
    def reached(self) -> list[Step]:
        """The steps that DVC has reached, in that order."""
        steps = {step.address: step for step in self.plan.steps}
        return [steps[address] for address in self._states]

    def _take(self, event: StageEvent, now: float) -> None:
        if event.kind in _FOUND:
            self._leave(Status.RAN, now)
            self._enter(event.names[0], _FOUND[event.kind], now)
        elif event.kind == Kind.FAILED:
            self._fail(event.names, now)
        elif event.kind == Kind.EXPERIMENT:
            self.experiment = event.names[0]
        else:
            self._leave(Status.RAN, now)

    def _enter(self, address: str, status: Status, now: float) -> None:
        """DVC comes to a stage. By the first, `dvc exp run -S` has written params.yaml."""
        if not self._states:
            self.plan = read_plan(self._where())
        self.plan = self.plan.including(address)
        self._states[address] = StageState(status, now)
        self.current = address
        if status == Status.UNCHANGED:
            self._leave(status, now)

    def _leave(self, status: Status, now: float) -> None:
        """The stage under way, if any, is over: with `status` if it ran, else as DVC found it."""
        if self.current is None:
            return
        found = self._states[self.current]
        ended = status if found.status == Status.RUNNING else found.status
        self._states[self.current] = StageState(ended, found.began, now - found.began)
        step = next(step for step in self.plan.steps if step.address == self.current)
        self.current = None
        if step.decision and ended != Status.FAILED:
            self._read_decision(step.decision)

    def _fail(self, addresses: tuple[str, ...], now: float) -> None:
        """DVC names what failed: what runs, what it could not begin, or at the very end all that failed on the way."""
        self._leave(Status.FAILED if not addresses or self.current in addresses else Status.RAN, now)
        for address in addresses:
            self.plan = self.plan.including(address)
            before = self._states.get(address, StageState(Status.FAILED, now))
            self._states[address] = replace(before, status=Status.FAILED)

    def _read_decision(self, path: Path) -> None:
        with suppress(OSError, UserError):
            self.decision = read_result(self._where() / path, DECISION)
