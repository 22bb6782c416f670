"""A training while it runs: loss by step and system metrics, in the run of its round, which `track` completes.

Live logging never stops a training: the first error of MLflow is printed as a warning and ends the logging. `GEMQUAD_LIVE=off`
turns it off. A round that is complete in MLflow is not followed when it is trained again.
"""

import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

from gemquad.errors import first_line
from gemquad.rounds.stopping import system_name
from gemquad.tracking.state import PipelineState
from gemquad.tracking.store import CONTENT, CURVE, TrackingStore, opened
from gemquad.tracking.values import curve_points, digest, readable
from gemquad.workspace import Workspace

_SECONDS_FOR_THE_STORE = 30.0


class LiveRun:
    """`with LiveRun("round-1") as live: curve = fine_tune(…, live.step); live.finished(curve)`."""

    def __init__(self, system: str) -> None:
        self._number = 0 if system == system_name(0) else int(system.rpartition("-")[2])
        self._mlflow: Any = None  # while the run goes on
        self._sent: Any = None

    def __enter__(self) -> "LiveRun":
        if os.environ.get("GEMQUAD_LIVE") != "off":
            with self._unless_mlflow_fails():
                self._begin()
        return self

    def step(self, entry: Mapping[str, Any]) -> None:
        """Log an entry of the learning curve, without waiting for the store."""
        if self._mlflow:
            with self._unless_mlflow_fails():
                values = {name: readable(value) for name, value, _ in curve_points([entry])}
                self._sent = self._mlflow.log_metrics(values, step=entry["step"], synchronous=False)

    def finished(self, curve: Sequence[Mapping[str, Any]]) -> None:
        """End the run of a completed training; `track` recognises it by this learning curve."""
        if self._mlflow:
            with self._unless_mlflow_fails():
                self._sent.wait()
                self._mlflow.set_tag(CURVE, digest(curve))
                run = self._mlflow.active_run().info.run_id
                self._end("FINISHED")
                with self._store() as store:
                    store.drop_repeated(run, self._number, digest(curve))

    def __exit__(self, *_: object) -> None:
        if self._mlflow:
            with self._unless_mlflow_fails():
                self._end("FAILED")

    def _begin(self) -> None:
        # By itself MLflow asks a server that is down for four minutes.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
        import mlflow

        with self._store() as store:
            known = store.runs(self._number)
            if any(CONTENT in run.data.tags for run in known):
                return
            for run in known:  # of a training that was interrupted: all its points come again
                store.delete_run(run.info.run_id)
            for quiet in ("mlflow.system_metrics", "mlflow.utils.async_logging"):  # a store that is gone is said once
                logging.getLogger(quiet).setLevel(logging.CRITICAL)
            mlflow.start_run(run_id=store.make_round(self._number), log_system_metrics=True)
            self._mlflow = mlflow

    def _store(self) -> AbstractContextManager[TrackingStore]:
        return opened(PipelineState.read(Workspace(), is_training=True), _SECONDS_FOR_THE_STORE)

    def _end(self, status: str) -> None:
        mlflow, self._mlflow = self._mlflow, None
        mlflow.end_run(status)

    @contextmanager
    def _unless_mlflow_fails(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # MLflow lets those of its databases and drivers through
            print(f"warning: the training is not followed in MLflow: {first_line(error)}", file=sys.stderr)
            with suppress(Exception):
                self._end("FAILED")
