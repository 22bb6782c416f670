"""A training while it runs: loss by step and system metrics, in an MLflow run that `track` later makes the run of the round.

Live logging never stops a training: the first error of MLflow is printed as a warning and ends the logging, and a store that does
not answer is waited for at most 30 seconds. `GEMQUAD_LIVE=off` turns it off.
"""

import logging
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from gemquad.errors import first_line
from gemquad.tracking.runs import CURVE, curve_digest, live_run
from gemquad.tracking.store import TrackingStore, opened
from gemquad.tracking.values import TRAINING, Point, curve_points, log_metrics

_SECONDS_BETWEEN_BATCHES = 5.0
_SECONDS_BETWEEN_SAMPLES = 10.0
_SECONDS_FOR_THE_STORE = 30.0
_IMPATIENT = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}
"""By itself MLflow asks a server that is down for four minutes."""


class LiveRun:
    """`with LiveRun("round-1") as live: curve = fine_tune(…, live.step); live.finished(curve)`."""

    def __init__(self, system: str) -> None:
        self._system = system
        self._followed: _Followed | None = None

    def __enter__(self) -> "LiveRun":
        if os.environ.get("GEMQUAD_LIVE") != "off":
            for name, value in _IMPATIENT.items():
                os.environ.setdefault(name, value)
            self._attempt(self._begin)
        return self

    def step(self, entry: Mapping[str, Any]) -> None:
        """Log an entry of the learning curve."""
        if followed := self._followed:
            self._attempt(lambda: followed.step(entry))

    def finished(self, curve: Sequence[Mapping[str, Any]]) -> None:
        """End the run of a completed training; `track` recognises it by this learning curve."""
        if followed := self._followed:
            self._attempt(lambda: followed.finish(curve_digest(curve)))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind and (followed := self._followed):
            self._attempt(followed.fail)

    def _begin(self) -> None:
        with opened(_SECONDS_FOR_THE_STORE) as store:
            self._followed = _Followed(store, live_run(store, self._system))

    def _attempt(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # MLflow lets those of its databases and drivers through
            self._followed = None
            print(f"warning: the training is not followed in MLflow: {first_line(error)}", file=sys.stderr)


@dataclass
class _Followed:
    """The run of a training that goes on, with what waits to be logged."""

    store: TrackingStore
    run: str
    waiting: list[Point] = field(default_factory=list)
    spoke: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

        logging.getLogger("mlflow.system_metrics").setLevel(logging.CRITICAL)  # a store that is gone is said once
        self.monitor = SystemMetricsMonitor(self.run, sampling_interval=_SECONDS_BETWEEN_SAMPLES)
        self.monitor.start()

    def step(self, entry: Mapping[str, Any]) -> None:
        self.waiting += curve_points([entry])
        if time.monotonic() - self.spoke > _SECONDS_BETWEEN_BATCHES:
            self._log()

    def finish(self, curve: str) -> None:
        self._log()
        self.monitor.finish()
        self.store.client.set_tag(self.run, CURVE, curve)
        self.store.client.set_terminated(self.run)

    def fail(self) -> None:
        self.monitor.finish()
        self.store.client.set_terminated(self.run, "FAILED")

    def _log(self) -> None:
        log_metrics(self.store.client, self.run, self.waiting, TRAINING)
        self.waiting, self.spoke = [], time.monotonic()
