"""The MLflow store that all experiments of a checkout share, for one process of this machine at a time."""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from filelock import FileLock

from gemquad.checkout import main_checkout
from gemquad.errors import UserError, first_line

EXPERIMENT = "gemquad"
_KIND = {"mlflow.experimentKind": "custom_model_development"}
"""So that MLflow opens the table of runs, not the overview of traces."""
_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_ENABLE_ASYNC_TRACE_LOGGING": "false",
}
"""Nobody is told of a run and nothing is drawn; and traces are written while the store is held, not after."""
_CREDENTIALS = re.compile(r"(?<=//)[^/@]*@")
_NO_LIMIT = -1


@dataclass(frozen=True)
class TrackingStore:
    """A client, and the experiment in which everything lies."""

    client: Any
    experiment: str

    def runs(self, **tags: str) -> list[Any]:
        """The runs that have all of these tags, the oldest first; `round_` stands for `gemquad.round`."""
        wanted = " and ".join(f"tags.`gemquad.{name.rstrip('_')}` = '{value}'" for name, value in tags.items())
        found = self.client.search_runs([self.experiment], wanted, order_by=["attributes.start_time ASC"])
        return list(found)


def default_tracking_uri() -> str:
    """`MLFLOW_TRACKING_URI`, or a SQLite store in the main checkout, also from DVC's temporary workspaces."""
    return os.environ.get("MLFLOW_TRACKING_URI") or _own_uri()


def _own_uri() -> str:
    return f"sqlite:///{main_checkout() / 'mlflow.db'}"


@contextmanager
def opened(patience: float = _NO_LIMIT) -> Iterator[TrackingStore]:
    """The store, while no other process of this machine writes to it: pipelines run at once, and SQLite is made once.

    Raises:
        UserError: the store cannot be reached or written.
        TimeoutError: after `patience` seconds another process has it still.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    import mlflow
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    uri = default_tracking_uri()
    artifacts = (main_checkout() / "mlartifacts").as_uri() if uri == _own_uri() else None
    with FileLock(main_checkout() / "mlflow.db.lock", timeout=patience):
        try:
            mlflow.set_tracking_uri(uri)
            client = mlflow.MlflowClient(tracking_uri=uri)
            yield TrackingStore(client, _experiment_id(client, artifacts))
        except (MlflowException, SQLAlchemyError, ModuleNotFoundError) as error:  # a driver may be missing
            raise UserError(
                f"MLflow store {_CREDENTIALS.sub('', uri)}: {first_line(error).rstrip('.')}. "
                "Check MLFLOW_TRACKING_URI, then run `dvc repro` again: nothing is lost."
            ) from error


def _experiment_id(client: Any, artifacts: str | None) -> str:
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(EXPERIMENT)
    if found:
        return str(found.experiment_id)
    try:
        return str(client.create_experiment(EXPERIMENT, artifact_location=artifacts, tags=_KIND))
    except MlflowException:
        found = client.get_experiment_by_name(EXPERIMENT)  # a pipeline on another machine was first
        if found is None:
            raise
        return str(found.experiment_id)
