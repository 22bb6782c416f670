"""Work mapped over Ray Data: several workers of this machine, or a cluster (docs/scaling.md).

`GEMQUAD_RAY_WORKERS` says how many workers there are. `RAY_ADDRESS` names a cluster; without it Ray starts on this machine.
"""

import logging
import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

from gemquad.environment import positive_number
from gemquad.errors import UserError

_WORKERS = "GEMQUAD_RAY_WORKERS"


def ray_workers() -> int:
    """The number of workers that the environment sets; 0 where the work stays in this process.

    Raises:
        UserError: the variable is not a number.
    """
    return positive_number(_WORKERS, 0)


def over_ray(
    worker: type, arguments: Sequence[Any], rows: Sequence[dict[str, Any]], workers: int, remedy: str
) -> Iterator[dict[str, Any]]:
    """Process every row by one of `workers` actors; yields each result as soon as it is done.

    Args:
        worker: a class whose objects are called with one row, as columns of one value, and return one.
        arguments: what each actor is made from.
        rows: values that Arrow knows.
        workers: actors.
        remedy: what to say of a failure: what is kept, what to do.

    Raises:
        UserError: Ray is not installed or not reached, or a worker failed.
    """
    ray = _ray()
    done = ray.data.from_items(list(rows), override_num_blocks=len(rows)).map_batches(
        worker,
        fn_constructor_args=tuple(arguments),
        batch_size=1,
        compute=ray.data.ActorPoolStrategy(size=workers),
        **_share_of_a_machine(ray, workers),
    )
    try:
        yield from done.iter_rows()
    except ray.exceptions.RayError as error:
        raise UserError(f"a Ray worker failed: {_reason(error)}. {remedy}") from error


def _ray() -> Any:
    try:
        import ray
        import ray.data
        import ray.exceptions
    except ImportError as error:
        raise UserError(f"{_WORKERS} needs Ray: pip install -e '.[ray]', or unset the variable.") from error
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # an error is raised all the same
    if not ray.is_initialized():
        address = os.environ.get("RAY_ADDRESS")
        try:
            ray.init(address=address, log_to_driver=False, include_dashboard=False, logging_level=logging.ERROR)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise UserError(f"Ray cannot be reached at RAY_ADDRESS={address}: {error}. Check the address.") from error
    ray.data.DataContext.get_current().enable_progress_bars = False
    return ray


def _share_of_a_machine(ray: Any, workers: int) -> dict[str, float]:
    """What each worker may use: a GPU where the cluster has one for each; on a single machine an equal share of the cores."""
    machines = [node for node in ray.nodes() if node["Alive"]]
    cores = ray.cluster_resources().get("CPU", 1)
    share = {"num_cpus": max(cores // workers, 1) if len(machines) == 1 else 1}
    return {**share, "num_gpus": 1} if ray.cluster_resources().get("GPU", 0) >= workers else share


def _reason(error: BaseException) -> str:
    """The first error that Ray's account names, which is the innermost; without one the account's last line."""
    account = str(error).strip()
    if named := re.search(r"^(?:\w+\.)*(\w*(?:Error|Exception): .+)", account, re.MULTILINE):
        return named[1].rstrip(".")
    return f"{type(error).__name__}: {account.splitlines()[-1] if account else ''}"
