"""The backends by `backend.name`; a backend's module is imported only when it is used."""

from collections.abc import Callable

from gemquad.errors import UserError
from gemquad.generation.backends.protocol import Backend
from gemquad.params import BackendSettings, Generation, ModelSource
from gemquad.ray_cluster import ray_workers


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

        return RayBackend(local_backend, (settings, source, generation), workers)
    return local_backend(settings, source, generation)


def local_backend(settings: BackendSettings, source: ModelSource, generation: Generation) -> Backend:
    """The backend that `settings.name` names, in this process."""
    return _BACKENDS[settings.name](settings, source, generation)


def _transformers(settings: BackendSettings, source: ModelSource, generation: Generation) -> Backend:
    from gemquad.generation.backends.in_process import TransformersBackend

    return TransformersBackend(source, generation)


def _openai(settings: BackendSettings, source: ModelSource, generation: Generation) -> Backend:
    if settings.batch:
        from gemquad.generation.backends.batched import BatchedBackend

        return BatchedBackend(settings, source, generation)
    from gemquad.generation.backends.server import ServerBackend

    return ServerBackend(settings, source, generation)


def _vllm(settings: BackendSettings, source: ModelSource, generation: Generation) -> Backend:
    from gemquad.generation.backends.in_vllm import VllmBackend

    return VllmBackend(source, generation)


def _scripted(settings: BackendSettings, source: ModelSource, generation: Generation) -> Backend:
    from gemquad.generation.backends.scripted import ScriptedBackend

    return ScriptedBackend()


_BACKENDS: dict[str, Callable[[BackendSettings, ModelSource, Generation], Backend]] = {
    "transformers": _transformers,
    "openai": _openai,
    "vllm": _vllm,
    "scripted": _scripted,
}
