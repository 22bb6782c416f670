"""The MLflow store that all experiments of a checkout share, for one process of this machine at a time, and the runs in it."""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from filelock import FileLock

from gemquad.credentials import shown_address
from gemquad.errors import UserError, first_line
from gemquad.repository.checkout import main_checkout
from gemquad.repository.git import git
from gemquad.rounds.stopping import system_name
from gemquad.tracking.state import PipelineState

PARENT, ROUND, FINGERPRINT = "parent", "gemquad.round", "gemquad.fingerprint"
CONTENT, CURVE = "gemquad.content", "gemquad.curve"
"""Digests that a round's run has when it is complete: of all that was logged, and of the training that was followed in it."""
_EXPERIMENT = "gemquad"
_MEANING = re.compile("[%?#]")
_KIND = {"mlflow.experimentKind": "custom_model_development"}  # MLflow then opens the table of runs, not traces


@dataclass(frozen=True)
class TrackingStore:
    """A client, the experiment in which everything lies, and the state whose runs are asked for."""

    client: Any
    experiment: str
    state: PipelineState

    def parent(self) -> str:
        """The id of the state's parent run, found or made. Where two machines made one at once, the older stays."""
        if not self.runs(PARENT):
            experiment = os.environ.get("DVC_EXP_NAME") or self.state.fingerprint[:8]
            made = self._make(PARENT, f"{self.state.model_name} · {experiment}")
            if made != self.runs(PARENT)[0].info.run_id:
                self.client.delete_run(made)
        return str(self.runs(PARENT)[0].info.run_id)

    def runs(self, of: int | str) -> list[Any]:
        """The runs of a round, or those of `PARENT`, the oldest first: one at most, where nothing was interrupted."""
        wanted = f"tags.`{FINGERPRINT}` = '{self.state.fingerprint}' and tags.`{ROUND}` = '{of}'"
        return list(self.client.search_runs([self.experiment], wanted, order_by=["attributes.start_time ASC"]))

    def make_round(self, number: int) -> str:
        """The id of a new run for a round, below the parent."""
        return self._make(number, system_name(number), {"mlflow.parentRunId": self.parent()})

    def drop_repeated(self, run: str, number: int, curve: str) -> None:
        """Delete the run of a training that another run of the round has complete, by its curve, and a parent made for it alone.

        Whoever trains again what comes out the same (`dvc repro -f finetune`, after newer code) logs nothing else: to DVC nothing
        has changed. Where something has, `track` makes both runs again.
        """
        wanted = f"tags.`{CURVE}` = '{curve}' and tags.`{ROUND}` = '{number}'"
        same = self.client.search_runs([self.experiment], wanted)
        if not any(CONTENT in other.data.tags for other in same):
            return
        self.delete_run(run)
        parent = self.parent()
        if not self.client.search_runs([self.experiment], f"tags.`mlflow.parentRunId` = '{parent}'"):
            self.delete_run(parent)

    def delete_run(self, run: str) -> None:
        """Delete a run with its models."""
        self.delete_models(run)
        self.client.delete_run(run)

    def delete_models(self, run: str) -> None:
        """Delete the models of a run."""
        for model in self.client.search_logged_models([self.experiment], filter_string=f"source_run_id = '{run}'"):
            self.client.delete_logged_model(model.model_id)

    def _make(self, of: int | str, name: str, tags: dict[str, str] | None = None) -> str:
        commit = (git("rev-parse", "HEAD") or "unknown").strip()
        own = {FINGERPRINT: self.state.fingerprint, ROUND: str(of), "mlflow.source.git.commit": commit}
        return str(self.client.create_run(self.experiment, tags={**own, **(tags or {})}, run_name=name).info.run_id)


def default_tracking_uri() -> str:
    """`MLFLOW_TRACKING_URI`, or a SQLite store in the main checkout, also from DVC's temporary workspaces."""
    return os.environ.get("MLFLOW_TRACKING_URI") or _own_store()


def _own_store() -> str:
    """The SQLite store, relative where the checkout's own path has what means something else in an address.

    MLflow would make an absolute path's folders under their names in the address, beside the real ones.
    """
    file = str(main_checkout() / "mlflow.db")
    return (
        f"sqlite:///{_MEANING.sub(lambda odd: quote(odd[0]), os.path.relpath(file) if _MEANING.search(file) else file)}"
    )


@contextmanager
def opened(state: PipelineState, patience: float = -1) -> Iterator[TrackingStore]:
    """The store, while no other process of this machine writes to it: pipelines run at once, and SQLite is made once.

    A `UserError` says that it cannot be reached or written, a `TimeoutError` that another has it still after `patience` seconds.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_ENABLE_ASYNC_TRACE_LOGGING", "false")  # traces are written while the store is held
    import mlflow
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    uri, folder = default_tracking_uri(), main_checkout()
    try:
        urlsplit(uri)
    except ValueError as error:
        raise UserError(
            f"MLFLOW_TRACKING_URI is no address: {first_line(error)}. Set it again, or unset it."
        ) from error
    with FileLock(folder / "mlflow.db.lock", timeout=patience):
        try:
            mlflow.set_tracking_uri(uri)
            client = mlflow.MlflowClient(tracking_uri=uri)
            if not client.get_experiment_by_name(_EXPERIMENT):
                artifacts = (folder / "mlartifacts").as_uri() if uri == _own_store() else None
                with suppress(MlflowException):  # a pipeline on another machine may be first
                    client.create_experiment(_EXPERIMENT, artifact_location=artifacts, tags=_KIND)
            yield TrackingStore(client, mlflow.set_experiment(_EXPERIMENT).experiment_id, state)
        except (MlflowException, SQLAlchemyError, ModuleNotFoundError) as error:  # a driver may be missing
            raise UserError(
                f"MLflow store {shown_address(uri)}: {first_line(error).rstrip('.')}. "
                "Check MLFLOW_TRACKING_URI, then run `dvc repro` again: nothing is lost."
            ) from error
