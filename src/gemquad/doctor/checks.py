"""Everything that `gemquad doctor` says: what the settings need, and what to change. What is installed, other doctors say."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import torch
from rich.filesize import decimal
from transformers import AutoModelForCausalLM

from gemquad.compute import compute_dtype
from gemquad.credentials import shown_address
from gemquad.doctor.finding import Finding, answer, fail, hub, ok, warn
from gemquad.doctor.forecast import forecast, read_data, unfetched
from gemquad.doctor.models import check_student, empty_model, generation_memory, halved, saved_bytes, training_memory
from gemquad.doctor.telling import lasting
from gemquad.errors import UserError, first_line
from gemquad.generation.backends.in_process import TransformersBackend
from gemquad.params import Params, load_params, read_composed
from gemquad.repository.dvc_files import damaged
from gemquad.repository.git_identity import require_git_identity
from gemquad.settings.compose import composed
from gemquad.student.crossfit import FOLDS
from gemquad.student.model import train_only_top
from gemquad.tasks.loading import load_task
from gemquad.tracking.store import default_tracking_uri

_CONTAINER = Path("/sys/fs/cgroup/memory.max")
_SERVER = "start it, and export OPENAI_BASE_URL=http://127.0.0.1:8000/v1; or -S backend=transformers"
_STORE = "start the server, or unset MLFLOW_TRACKING_URI for a store in this checkout"
_SHORTER = "-S experiment=quick for a first look; or fewer languages (-S lang=[es]), prompts or epochs"


def usable(findings: Sequence[Finding]) -> bool:
    """Whether a run can work: no finding has failed."""
    return all(finding.level != "fail" for finding in findings)


def doctor(root: Path, overrides: Sequence[str] = ()) -> Iterator[Finding]:
    """Findings about params.yaml at `root`, or about conf/ with Hydra's `overrides`; the time only where nothing else fails."""
    file = root / "params.yaml"
    try:
        params = read_composed(composed(root, [*overrides])) if overrides else load_params(file)
    except UserError as error:
        yield fail("parameters", str(error), "gemquad compose")
        return
    yield ok("parameters", f"{' '.join([f'{root}/conf with', *overrides]) if overrides else file} is valid")
    findings: list[Finding] = []
    records: dict[str, list[Any]] = {}
    checks = {
        "DVC": _dvc(root),
        "services": _services(params),
        "data": _data(params, root, records),
        "student": _student(params, root),
        "generator": _generator(params),
        "time": _time(params, root, records),
    }
    for name, check in checks.items():
        try:
            for finding in check if name != "time" or usable(findings) else ():
                findings.append(finding)
                yield finding
        except (UserError, OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
            level, said = ("fail", "") if isinstance(error, UserError | OSError) else ("warn", "not known: ")
            findings.append(Finding(level, name, f"{said}{first_line(error)}"))
            yield findings[-1]
    yield ok("more", "`accelerate env`, `dvc doctor` and, with any password of the store, `mlflow doctor --mask-envs`")


def _dvc(root: Path) -> Iterator[Finding]:
    try:
        require_git_identity(root)
    except UserError as error:
        yield warn("Git", *str(error).split(". ", 1))
    for damage in damaged(root) if (root / ".dvc").exists() else ():
        yield fail("DVC", str(damage), "gemquad watch, which mends it; by hand: docs/progress.md")


def _services(params: Params) -> Iterator[Finding]:
    uri = default_tracking_uri()
    yield answer("MLflow", uri, _STORE) if uri.startswith(("http://", "https://")) else ok("MLflow", shown_address(uri))
    if params.backend.name == "openai":
        address = os.environ.get("OPENAI_BASE_URL", "").strip()
        yield answer("server", address, _SERVER) if address else fail("server", "OPENAI_BASE_URL is not set", _SERVER)


def _data(params: Params, root: Path, records: dict[str, list[Any]]) -> Iterator[Finding]:
    """Fill `records` with what is here, by the key of its file."""
    records |= read_data(params, root)
    yield ok("data", f"{len(records)} files, all as the stages take them")
    if waiting := unfetched(params, root).values():
        yield hub()
        yield warn("data", f"still on the hub, so that the time is not known: {', '.join(waiting)}", "dvc repro fetch")


def _student(params: Params, root: Path) -> Iterator[Finding]:
    student = params.student
    model = empty_model(load_task(params).head().architecture, student.model, student.layers)
    check_student(student.model, model, student.max_length)
    train_only_top(model, student.trainable_layers)
    needs, what = partial(training_memory, model, student), f"training {student.model.name}"
    yield _fits("student", what, "student.batch_size", student.batch_size, needs)
    each, free = saved_bytes(model, compute_dtype(student.dtype)), shutil.disk_usage(root).free
    students = len(params.rounds) + (0 if params.data.gold else FOLDS)
    found = f"{students} of {decimal(each)}, {decimal(free)} of disk free"
    if students * each < free:
        yield ok("students", found)
    else:
        yield (warn if each < free else fail)("students", found, "make room, e.g. by dvc gc --workspace")
    if more := len(params.comparisons):
        advice = f"fewer comparison.systems, or -S 'comparison.seeds=[{params.seed}]'"
        yield warn("trainings", f"{more} to compare with, beside the {len(params.rounds)} of the rounds", advice)


def _generator(params: Params) -> Iterator[Finding]:
    if params.backend.name == "vllm" and not torch.cuda.is_available():
        yield fail("generator", "backend=vllm needs a GPU", "-S backend=transformers, or openai")
    elif params.backend.name in ("transformers", "vllm"):
        generation = params.generation
        if params.backend.name == "transformers":
            TransformersBackend(params.generator, generation).token_counts(["Text: one.\nQuestion:"])
        needs = partial(generation_memory, empty_model(AutoModelForCausalLM, params.generator), generation)
        yield _fits("generator", params.generator.name, "generation.batch_tokens", generation.batch_tokens, needs)


def _fits(topic: str, what: str, setting: str, value: int, needs: Callable[[int], float]) -> Finding:
    """Whether what a setting takes fits into four fifths of the memory, of the GPU if there is one; else what would."""
    limit = _CONTAINER.read_text().strip() if _CONTAINER.exists() else ""
    total, place = min(psutil.virtual_memory().total, int(limit) if limit.isdigit() else 2**63), "memory"
    if torch.cuda.is_available():
        total, place = torch.cuda.get_device_properties(0).total_memory, torch.cuda.get_device_name()
    found = f"{what} takes roughly {decimal(int(needs(value)))} of {decimal(total)} of {place}"
    smaller = halved(value, needs, 0.8 * total)
    if needs(smaller) > 0.8 * total:
        return warn(topic, found, "a smaller model, or a machine with more memory")
    return ok(topic, found) if smaller == value else warn(topic, found, f"-S {setting}={smaller}")


def _time(params: Params, root: Path, records: Mapping[str, list[Any]]) -> Iterator[Finding]:
    if unfetched(params, root):
        return
    stages = {stage: round(seconds) for stage, seconds in forecast(params, records, True).items()}
    whole = sum(stages.values())
    without = "" if "generate" in stages else f", without generate, which backend={params.backend.name} decides"
    found = f"roughly {lasting(whole)} for a whole run, by the speed just measured{without}"
    yield ok("time", found) if whole < 3600 else warn("time", found, _SHORTER)
    yield from (ok(f"time of {stage}", lasting(seconds)) for stage, seconds in stages.items() if seconds > 60)
