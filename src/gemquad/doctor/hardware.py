"""Cores, memory, disk, accelerators, precision."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from gemquad.doctor.finding import Finding, fail, ok, size, warn
from gemquad.errors import first_line

_LITTLE_DISK = 5 * 2**30
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def cores() -> int:
    """The number of CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory() -> int:
    """Bytes of memory that processes may use: that of the machine, or the limit of this container."""
    total = int(psutil.virtual_memory().total)
    limit = _CGROUP_LIMIT.read_text().strip() if _CGROUP_LIMIT.exists() else "max"
    return min(total, int(limit)) if limit.isdigit() else total


def hardware(folders: Mapping[str, Path]) -> Iterator[Finding]:
    """Findings on processors, memory and accelerators, and on the free space for each of `folders`."""
    yield ok("cores", str(cores()))
    total = memory()
    yield ok("memory", f"{size(total)}, {size(min(total, psutil.virtual_memory().available))} of it free")
    yield from _disks(folders)
    yield from _accelerators()


def existing(folder: Path) -> Path:
    """The folder, or its nearest existing parent, which is on the same disk."""
    folder = folder.expanduser().resolve()
    return next(place for place in (folder, *folder.parents) if place.exists())


def _disks(folders: Mapping[str, Path]) -> Iterator[Finding]:
    on_device: dict[int, list[str]] = {}
    free: dict[int, int] = {}
    for purpose, folder in folders.items():
        device = existing(folder).stat().st_dev
        on_device.setdefault(device, []).append(purpose)
        free[device] = shutil.disk_usage(existing(folder)).free
    for device, purposes in on_device.items():
        message = f"{size(free[device])} free for {', '.join(purposes)}"
        if free[device] < _LITTLE_DISK:
            yield warn("disk", message, "make room: `dvc gc --workspace` drops what no run of the workspace needs")
        else:
            yield ok("disk", message)


def _accelerators() -> Iterator[Finding]:
    """GPUs and the precision that `dtype: auto` takes on them, or on the CPU."""
    try:
        import torch

        from gemquad.compute import compute_dtype, device
    except (ImportError, OSError) as error:
        yield fail("torch", f"cannot be imported: {first_line(error)}", "install it again: make env")
        return
    found = [torch.cuda.get_device_properties(number) for number in range(torch.cuda.device_count())]
    for gpu in found:
        yield ok("GPU", f"{gpu.name}, {size(gpu.total_memory)}")
    if not found:
        yield ok("GPU", "none" if device().type == "cpu" else device().type)
    dtype = str(compute_dtype("auto")).removeprefix("torch.")
    if dtype == "bfloat16":
        yield ok("precision", f"bfloat16, native on this {device().type}")
    else:
        yield warn(
            "precision",
            f"{dtype}: no native bfloat16 on this {device().type}",
            "slower than with it; what that means for a run stands below, under time",
        )


def accelerator_memory() -> int | None:
    """Bytes of the first GPU; None where there is none, or torch cannot say."""
    try:
        import torch
    except (ImportError, OSError):
        return None
    return int(torch.cuda.get_device_properties(0).total_memory) if torch.cuda.is_available() else None
