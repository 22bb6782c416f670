"""Another backend's work mapped over Ray Data: several workers of this machine, or a cluster (docs/scaling.md).

Batches are planned here, before anything runs, and each is completed by one worker as it stands: the pairs are those of a run
without Ray. Only this process writes to the store. `RAY_ADDRESS` names a cluster; without it Ray starts on this machine.
"""

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from gemquad.errors import UserError
from gemquad.generation.backend import Backend, Promises, local_backend
from gemquad.generation.request import Generated, Request
from gemquad.params import BackendSettings, Generation, ModelSource


class RayBackend:
    """The backend that the parameters name, in `workers` Ray actors."""

    def __init__(self, settings: BackendSettings, source: ModelSource, generation: Generation, workers: int) -> None:
        self._arguments = (settings, source, generation)
        self._workers = workers
        self._local: Backend = local_backend(*self._arguments)

    @property
    def promises(self) -> Promises:
        """Those of the backend that the workers run."""
        return self._local.promises

    @property
    def identity(self) -> dict[str, Any]:
        """That of the backend that the workers run: where a completion was made is no part of what it is."""
        return self._local.identity

    def batches(self, requests: Sequence[Request]) -> list[list[int]]:
        """Those of the backend that the workers run."""
        return self._local.batches(requests)

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """Those of the backend that the workers run."""
        return self._local.token_counts(texts)

    def run(self, batches: Iterable[list[Request]]) -> Iterator[tuple[list[Request], list[Generated]]]:
        """Every batch by one worker; each result as soon as its worker is done."""
        waiting = list(batches)
        if not waiting:
            return
        ray = _ray()
        rows = [{"batch": n, "requests": [request.to_json() for request in batch]} for n, batch in enumerate(waiting)]
        completed = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
            _Worker,
            fn_constructor_args=self._on_a_worker(),
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(size=self._workers),
            **_share_of_a_machine(ray, self._workers),
        )
        try:
            for row in completed.iter_rows():
                yield waiting[row["batch"]], [Generated.from_json(text) for text in row["generated"]]
        except ray.exceptions.RayError as error:
            raise UserError(
                f"a Ray worker failed: {_reason(error)}. What was generated is kept: mend it on the workers and run again."
            ) from error

    def _on_a_worker(self) -> tuple[BackendSettings, ModelSource, Generation]:
        """The precision is decided here, where it is part of the key, not by each worker's hardware."""
        settings, source, generation = self._arguments
        dtype = self.identity.get("dtype", generation.dtype)
        return settings, source, replace(generation, dtype=dtype)


class _Worker:
    """One Ray actor: it loads the backend once and completes batch after batch."""

    def __init__(self, settings: BackendSettings, source: ModelSource, generation: Generation) -> None:
        self._backend = local_backend(settings, source, generation)

    def __call__(self, rows: dict[str, Any]) -> dict[str, list[Any]]:
        batch = [Request.from_json(text) for text in rows["requests"][0]]
        ((_, results),) = self._backend.run([batch])
        return {"batch": [int(rows["batch"][0])], "generated": [[one.to_json() for one in results]]}


def _ray() -> Any:
    try:
        import ray
        import ray.data
        import ray.exceptions
    except ImportError as error:
        raise UserError("GEMQUAD_RAY_WORKERS needs Ray: pip install -e '.[ray]', or unset the variable.") from error
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if not ray.is_initialized():
        address = os.environ.get("RAY_ADDRESS")
        try:
            ray.init(address=address, log_to_driver=False, include_dashboard=False, logging_level=logging.ERROR)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise UserError(f"Ray cannot be reached at RAY_ADDRESS={address}: {error}. Check the address.") from error
    ray.data.DataContext.get_current().enable_progress_bars = False
    return ray


def _share_of_a_machine(ray: Any, workers: int) -> dict[str, float]:
    """What each worker may use: a GPU where the cluster has one for each; on a single machine an equal share of the cores."""
    machines = [node for node in ray.nodes() if node["Alive"]]
    cores = ray.cluster_resources().get("CPU", 1)
    share = {"num_cpus": max(cores // workers, 1) if len(machines) == 1 else 1}
    return {**share, "num_gpus": 1} if ray.cluster_resources().get("GPU", 0) >= workers else share


def _reason(error: BaseException) -> str:
    """The last line of the innermost cause, where Python names the error."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[-1].strip() if lines else ''}"
