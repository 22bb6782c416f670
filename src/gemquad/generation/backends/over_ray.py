"""Another backend's work mapped over Ray Data (`ray_cluster.py`).

Batches are planned here, before anything runs, and each is completed by one worker as it stands: the pairs are those of a run
without Ray. Only this process writes to the store.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from gemquad.generation.backends.protocol import Backend, Capabilities
from gemquad.params import BackendSettings, Generation, ModelSource
from gemquad.ray_cluster import over_ray
from gemquad.tasks.requests import GenerationResult, Request

Arguments = tuple[BackendSettings, ModelSource, Generation]
Make = Callable[[BackendSettings, ModelSource, Generation], Backend]
"""Makes the backend that the arguments name, in this process or in a worker."""


class RayBackend:
    """The backend that `make` makes of `arguments`, in `workers` Ray actors."""

    def __init__(self, make: Make, arguments: Arguments, workers: int) -> None:
        self._make, self._arguments, self._workers = make, arguments, workers
        self._local = make(*arguments)

    @property
    def capabilities(self) -> Capabilities:
        """The capabilities of the workers' backend."""
        return self._local.capabilities

    @property
    def identity(self) -> dict[str, Any]:
        """The identity of the workers' backend, so that completions are keyed alike wherever they were made."""
        return self._local.identity

    def batches(self, requests: Sequence[Request]) -> list[list[int]]:
        """The batches of the workers' backend."""
        return self._local.batches(requests)

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """The token counts of the workers' backend."""
        return self._local.token_counts(texts)

    def run(self, batches: Iterable[list[Request]]) -> Iterator[tuple[list[Request], list[GenerationResult]]]:
        """Complete each batch on one worker; yields a batch as soon as its worker is done."""
        waiting = list(batches)
        if not waiting:
            return
        rows = [{"batch": n, "requests": [request.to_json() for request in batch]} for n, batch in enumerate(waiting)]
        remedy = "What was generated is kept: mend it on the workers and run again."
        for row in over_ray(_BackendWorker, self._on_a_worker(), rows, self._workers, remedy):
            yield waiting[row["batch"]], [GenerationResult.from_json(text) for text in row["generated"]]

    def _on_a_worker(self) -> tuple[Make, BackendSettings, ModelSource, Generation]:
        """The precision is decided here, where it is part of the key, not by each worker's hardware."""
        settings, source, generation = self._arguments
        dtype = self.identity.get("dtype", generation.dtype)
        return self._make, settings, source, replace(generation, dtype=dtype)


class _BackendWorker:
    """One Ray actor: it loads the backend once and completes batch after batch."""

    def __init__(self, make: Make, *arguments: Any) -> None:
        self._backend = make(*arguments)

    def __call__(self, rows: dict[str, Any]) -> dict[str, list[Any]]:
        batch = [Request.from_json(text) for text in rows["requests"][0]]
        ((_, results),) = self._backend.run([batch])
        return {"batch": [int(rows["batch"][0])], "generated": [[one.to_json() for one in results]]}
