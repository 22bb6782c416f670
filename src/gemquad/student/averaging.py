"""The mean of several students' weights: one student, as quick as each of them.

Students that start from the same weights and are trained alike lie in one basin of the loss, so that the mean of their weights
answers about as well as the best of them (Izmailov et al. 2018, arXiv 1803.05407; Wortsman et al. 2022, arXiv 2203.05482). It
needs no dev set to choose by, which is why it serves transfer to languages without one (arXiv 2305.16834).
"""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from gemquad.copying import link_or_copy

_WEIGHTS = ".safetensors"


def average(students: Sequence[Path], target: Path) -> None:
    """Write the mean of `students`, folders of the same architecture, to the folder `target`.

    It is computed in fp32 and written in the students' dtype. All other files, the description among them, are those of the last.
    """
    target.mkdir(parents=True, exist_ok=True)
    for file in filter(Path.is_file, students[-1].iterdir()):
        if file.suffix == _WEIGHTS:
            _average_files([student / file.name for student in students], target / file.name)
        else:
            link_or_copy(file, target / file.name)


def _average_files(files: Sequence[Path], target: Path) -> None:
    target.unlink(missing_ok=True)  # it may be a link to a round's own weights
    with ExitStack() as stack:
        opened = [stack.enter_context(safe_open(file, "pt")) for file in files]
        # `keys` is called because an opened file cannot be iterated
        mean = {name: _mean([one.get_tensor(name) for one in opened]) for name in opened[-1].keys()}  # noqa: SIM118
        save_file(mean, target, opened[-1].metadata())


def _mean(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    """Of whole numbers, such as positions, the last."""
    last = tensors[-1]
    if not last.is_floating_point():
        return last
    total = torch.zeros_like(last, dtype=torch.float32)
    for tensor in tensors:
        total += tensor
    return (total / len(tensors)).to(last.dtype)
