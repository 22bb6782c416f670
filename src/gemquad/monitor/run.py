"""The run so far: the stages as DVC knows them, what they said of themselves, what the loop decided last."""

import time
from contextlib import chdir, suppress
from enum import Enum
from pathlib import Path

from gemquad.errors import UserError
from gemquad.files import read_result
from gemquad.report.formatting import signed
from gemquad.schema.results import DECISION
from gemquad.workspace import Workspace


class Status(Enum):
    """The state of a stage, as a mark and its style; items that share a cell show the one that comes first here."""

    FAILED = ("✗", "bold red")
    STOPPED = ("◼", "bold yellow")
    RUNNING = ("▶", "bold cyan")
    WAITING = ("·", "dim")
    RAN = ("✓", "green")
    PASSED_OVER = ("=", "dim")


_ENDS = {"ended": Status.RAN, "failed": Status.FAILED, "stopped": Status.STOPPED}


class Run:
    """A run: the `stages` in the order of `dvc.yaml` with all that come before each, when they `began` and how they `ended`."""

    def __init__(self, title: str) -> None:
        self.title, self.start = title, time.time()
        self.folder, self.experiment = Path.cwd(), ""
        self.stages: dict[str, set[str]] = {}
        self.began: dict[str, float] = {}
        self.ended: dict[str, tuple[Status, float]] = {}
        self.scores: list[str] = []
        self.verdict: list[str] = []
        self._ask_dvc()

    def status(self, stage: str) -> Status:
        """DVC has passed over a stage that did not begin before one that depends on it; one that was killed cannot say so."""
        if stage in self.ended:
            return self.ended[stage][0]
        if stage in self.began:
            return Status.RUNNING if stage == list(self.began)[-1] else Status.FAILED
        return Status.PASSED_OVER if any(stage in self.stages[one] for one in self.began) else Status.WAITING

    def position(self) -> str:
        waiting = sum(self.status(stage) == Status.WAITING for stage in self.stages)
        return f"stage {len(self.stages) - waiting} of {len(self.stages)}"

    def take(self, stage: str, what: str, at: float, folder: str, experiment: str) -> None:
        """A stage `began`, `ended`, `failed` or `stopped` where a checkout or experiment is, which has set params.yaml by then."""
        if not self.began:
            self.folder, self.experiment = Path(folder), experiment
            self._ask_dvc()
        self.stages.setdefault(stage, set())
        if what == "began":
            self.began.setdefault(stage, at)  # torchrun starts it twice
        else:
            self.ended[stage] = (_ENDS[what], at)
        if (stage, what) == ("report", "ended"):
            self.verdict = self.read_verdict()
        self._read_scores()

    def read_verdict(self) -> list[str]:
        """Whether to ship the student, then a sentence for each language, as the report says; nothing where there is none."""
        with suppress(OSError, ValueError):
            first, *others = Workspace(self.folder).verdict.read_text(encoding="utf-8").splitlines()
            answers = [line.removeprefix("* ") for line in others if line.startswith("* ")]
            return [line.replace("**", "") for line in [first, *answers]]
        return []

    def _ask_dvc(self) -> None:
        """Where DVC cannot tell the stages, it says so itself; the view must end no run, whatever is in the way of reading."""
        from dvc.repo import Repo
        from networkx import descendants

        with suppress(Exception), chdir(self.folder), Repo() as repo:
            found, graph = repo.index.stages, repo.index.graph
            self.stages = {one.addressing: {other.addressing for other in descendants(graph, one)} for one in found}

    def _read_scores(self) -> None:
        """Those of the last round that is decided. They are kept: an experiment's own workspace is gone when it ends."""
        settled = [stage for stage in self.stages if self.status(stage) in (Status.RAN, Status.PASSED_OVER)]
        with suppress(OSError, UserError, ValueError, IndexError):
            number = int([stage for stage in settled if stage.startswith("decide@")][-1].partition("@")[2])
            decision = read_result(Workspace(self.folder).round(number).decision, DECISION)
            baseline, *scores = [one.dev_score for one in decision.history]
            gains = [f", round {n} {one:.1f} ({signed(one - baseline)})" for n, one in enumerate(scores, start=1)]
            self.scores = [f"dev: baseline {baseline:.1f}{''.join(gains)}"]
            self.scores += [f"stopped after {decision.reason}"] if decision.stop else []
