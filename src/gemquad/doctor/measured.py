"""What was measured on this machine, kept beside the converted weights: the speed of models, the tokens of samples of texts.

So a forecast before a run takes seconds, without torch where all of it is known. What is kept goes by what it depends on: the
model, the settings that shape its batches, the length of its texts (to the next 64 tokens), torch, processor and GPU.
"""

import hashlib
import os
import platform
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import astuple
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar, cast

from gemquad.errors import UserError
from gemquad.files import read_json, write_json
from gemquad.params import Generation, ModelSource, Student
from gemquad.weights import cache_root

T = TypeVar("T")
_GRAIN = 64
_GPUS = Path("/proc/driver/nvidia/gpus")
"""Where NVIDIA's driver tells of each GPU without torch."""
_seen: dict[Path, Any] = {}


class Tokenizer:
    """A model's tokenizer as far as counting goes, loaded only for texts that it did not count before."""

    def __init__(self, source: ModelSource) -> None:
        self._source = source

    def __repr__(self) -> str:
        return repr(_known_as(self._source))

    def __call__(self, texts: Sequence[str]) -> dict[str, list[range]]:
        """For each text a range as long as its tokens are many."""
        counts = kept([self, *texts], lambda: _counted(self._source, texts))
        return {"input_ids": [range(int(count)) for count in counts]}


def measure_learning(student: Student, tokens: float, again: bool = False) -> tuple[int, float, float]:
    """As `models.measure_learning`, kept."""

    def measure() -> tuple[float, ...]:
        from gemquad.doctor.models import measure_learning

        return measure_learning(student, _grained(tokens))

    shape = (student.layers, student.batch_size, student.eval_batch_size, student.max_length, student.dtype)
    layers, read, learn = _speed(
        ["learn", _known_as(student.model), shape, _grained(tokens), *_machine()], measure, again
    )
    return int(layers), read, learn


def measure_writing(
    source: ModelSource, generation: Generation, tokens: float, again: bool = False
) -> tuple[float, float]:
    """As `models.measure_writing`, kept."""

    def measure() -> tuple[float, ...]:
        from gemquad.doctor.models import measure_writing

        return measure_writing(source, generation, _grained(tokens))

    shape = (generation.batch_tokens, generation.dtype)
    read, write = _speed(["write", _known_as(source), shape, _grained(tokens), *_machine()], measure, again)
    return read, write


def busy() -> bool:
    """Whether more programs are at work than there are processors; a speed that is measured meanwhile is not kept."""
    return os.getloadavg()[0] > (os.cpu_count() or 1)


def _speed(of: Sequence[object], measure: Callable[[], Sequence[float]], again: bool) -> Sequence[float]:
    def measured() -> Sequence[float]:
        if not again:
            print(f"measuring how fast this machine {of[0]}s, once: a minute at most …", file=sys.stderr, flush=True)
        return measure()

    return kept(of, measured, again, not busy())


def kept(of: Sequence[object], measure: Callable[[], T], again: bool = False, keep: bool = True) -> T:
    """What `measure` returned before for the same `of`, told apart by their text; else, or `again`, what it returns now.

    That is anything which JSON holds, and is kept in turn.
    """
    digest = hashlib.sha256(repr(of).encode(errors="replace")).hexdigest()
    file = cache_root() / "measured" / f"{digest[:32]}.json"
    if file not in _seen or again:
        with suppress(OSError, UserError, ValueError):
            if not again and file.exists():
                _seen[file] = read_json(file)
                return cast(T, _seen[file])
        _seen[file] = measure()
    found = cast(T, _seen[file])
    with suppress(OSError):
        if keep:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_json(file, found)
    return found


def _counted(source: ModelSource, texts: Sequence[str]) -> list[float]:
    return [len(ids) for ids in _loaded(source)(list(texts))["input_ids"]]


@cache
def _loaded(source: ModelSource) -> Any:
    from gemquad.generation.backends.in_process import load_tokenizer

    return load_tokenizer(source)


def _known_as(source: ModelSource) -> tuple[object, ...]:
    """What tells a model from others; of a folder also when it was written."""
    config = Path(source.name, "config.json")
    return *astuple(source), config.stat().st_mtime if config.exists() else ""


def _grained(tokens: float) -> int:
    return max(-int(-tokens // _GRAIN), 1) * _GRAIN


def _machine() -> tuple[object, ...]:
    visible = [os.environ.get(name) for name in ("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS")]
    gpus = [file.read_text() for file in sorted(_GPUS.glob("*/information"))]
    return version("torch"), platform.node(), platform.machine(), os.cpu_count(), *visible, *gpus
