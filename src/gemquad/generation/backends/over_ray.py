"""Another backend's work mapped over Ray Data (`ray_cluster.py`).

Batches are planned here, before anything runs, and each is completed by one worker as it stands: the pairs are those of a run
without Ray. Only this process writes to the store.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from gemquad.generation.backend import Backend, Promises, local_backend
from gemquad.generation.request import Generated, Request
from gemquad.params import BackendSettings, Generation, ModelSource
from gemquad.ray_cluster import over_ray


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
        rows = [{"batch": n, "requests": [request.to_json() for request in batch]} for n, batch in enumerate(waiting)]
        remedy = "What was generated is kept: mend it on the workers and run again."
        for row in over_ray(_Worker, self._on_a_worker(), rows, self._workers, remedy):
            yield waiting[row["batch"]], [Generated.from_json(text) for text in row["generated"]]

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
