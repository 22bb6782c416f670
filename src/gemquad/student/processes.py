"""One training in several processes of a machine, one for each GPU. They share each batch, so its size stays what it is."""

import os
import sys
from collections.abc import Callable
from typing import TypeVar

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list

from gemquad.compute import device
from gemquad.errors import UserError

PROCESSES = "GEMQUAD_PROCESSES"
"""The environment variable with the number of processes of a training; as many as there are GPUs unless set."""

T = TypeVar("T")


def on_every_gpu(batch_size: int, setting: str = "student.batch_size") -> None:
    """Become one process for each GPU, if there are several: torchrun starts the module that is running anew, and so often.

    `setting` is what messages call the batch size.

    Raises:
        UserError: a batch cannot be split evenly, or `GEMQUAD_PROCESSES` is not a number.
    """
    if "RANK" in os.environ:
        if os.environ["RANK"] != "0":
            os.environ["GEMQUAD_LIVE"] = "off"
        return
    count = _count()
    if count < 2:
        return
    if batch_size % count:
        raise UserError(
            f"{setting} is {batch_size}, which {count} processes cannot share evenly. Set it to a multiple of "
            f"{count}, or {PROCESSES} to another number, e.g. 1."
        )
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(count)]
    module = sys.modules["__main__"].__spec__
    assert module, "stages are run as modules"
    os.execv(sys.executable, [sys.executable, *launcher, "-m", module.name, *sys.argv[1:]])


def is_main() -> bool:
    """Whether this is the process that writes files."""
    return os.environ.get("RANK", "0") == "0"


def agreed(say: Callable[[], T]) -> T:
    """The main process's value of a condition, shared with all processes; they wait for it."""
    if "RANK" not in os.environ:
        return say()
    PartialState(cpu=device().type == "cpu")
    values: list[T] = broadcast_object_list([say() if is_main() else None])
    return values[0]


def _count() -> int:
    setting = os.environ.get(PROCESSES, str(max(torch.cuda.device_count(), 1)))
    if not setting.isdecimal():
        raise UserError(f"{PROCESSES} is '{setting}', not a number of processes. Set it to e.g. 2.")
    return int(setting)
