"""What every backend answers to, so that engine, store and accounting know none of them.

A backend takes requests in batches and returns what it generated, batch by batch, in any order. What it cannot hold to it says
in its promises, and the run records them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gemquad.errors import UserError
from gemquad.generation.request import Generated, Request
from gemquad.params import BackendSettings, Generation, ModelSource
from gemquad.ray_cluster import ray_workers


@dataclass(frozen=True)
class Promises:
    """What a backend holds to; recorded with every run.

    Attributes:
        seeds: the same request with the same seed gives the same text, up to floating point.
        independent: a request's text does not depend on what else is running, up to floating point.
        constraint: "extract" fields are pieces of their source.
        likelihoods: `given` texts can be judged.
        ignored: settings that this backend does not apply.
    """

    seeds: bool
    independent: bool
    constraint: bool
    likelihoods: bool
    ignored: tuple[str, ...] = ()


class Backend(Protocol):
    """Where completions come from. Making one is cheap: weights are loaded when the first request comes."""

    @property
    def promises(self) -> Promises:
        """What this backend holds to."""

    @property
    def identity(self) -> dict[str, Any]:
        """What beside the request decides a completion: model, revision, precision. Part of the key in the store."""

    def batches(self, requests: Sequence[Request]) -> list[list[int]]:
        """The requests (by position) that should run together, decided by the requests alone."""

    def run(self, batches: Iterable[list[Request]]) -> Iterator[tuple[list[Request], list[Generated]]]:
        """Every batch with its results, as soon as it is done. `batches` is drawn from only as capacity frees.

        Raises:
            UserError: the model cannot be loaded or reached, or refuses a request.
        """

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text is, exactly or as an estimate where the model's tokenizer is out of reach."""


def load_backend(settings: BackendSettings, source: ModelSource, generation: Generation) -> Backend:
    """The backend that `settings.name` names; over Ray where `GEMQUAD_RAY_WORKERS` is set and it computes anything.

    Raises:
        UserError: `GEMQUAD_RAY_WORKERS` is no number, or the backend cannot keep a chat.
    """
    if source.chat and settings.name not in ("transformers", "scripted"):
        raise UserError(
            f"generator.chat=true speaks of backend=transformers, not of {settings.name}. Serve the model and set "
            "backend=openai with backend.endpoint=chat."
        )
    if settings.name != "openai" and (workers := ray_workers()):
        from gemquad.generation.backends.over_ray import RayBackend

        return RayBackend(settings, source, generation, workers)
    return local_backend(settings, source, generation)


def local_backend(settings: BackendSettings, source: ModelSource, generation: Generation) -> Backend:
    """The backend that `settings.name` names, in this process."""
    if settings.name == "openai":
        from gemquad.generation.backends.server import ServerBackend

        return ServerBackend(settings, source, generation)
    if settings.name == "vllm":
        from gemquad.generation.backends.in_vllm import VllmBackend

        return VllmBackend(source, generation)
    if settings.name == "scripted":
        from gemquad.generation.backends.scripted import ScriptedBackend

        return ScriptedBackend()
    from gemquad.generation.backends.in_process import TransformersBackend

    return TransformersBackend(source, generation)
