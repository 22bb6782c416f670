"""Forecast tokens, time and money of the generation before it runs.

The forecast is for data/prompts.parquet, which `dvc repro prompt` makes in seconds, and the present settings. Where no completion
tells how long one takes, the speed of this machine is measured.
"""

import argparse
from typing import TYPE_CHECKING

from gemquad.errors import UserError
from gemquad.workspace import Workspace

if TYPE_CHECKING:
    from gemquad.generation.estimate import Pace
    from gemquad.params import Params

EXAMPLES = ("gemquad estimate", "gemquad estimate --measure 200")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The size of the sample to inspect, and how many completions to generate for the estimate."""
    parser.add_argument("--sample", type=int, default=64, metavar="N", help="prompts to count tokens of (default 64)")
    parser.add_argument(
        "--measure",
        type=int,
        default=0,
        metavar="N",
        help="completions to generate, and keep, for the forecast (default 0)",
    )


def run(args: argparse.Namespace) -> None:
    """Print the forecast for data/prompts.parquet."""
    from gemquad.generation.backends.registry import load_backend
    from gemquad.generation.engine import Caps, Engine
    from gemquad.generation.estimate import estimate
    from gemquad.generation.pairs import PairPlan
    from gemquad.generation.store import CompletionStore, store_path
    from gemquad.params import load_params
    from gemquad.parquet import read_records
    from gemquad.tasks.loading import load_task

    if args.sample < 1 or args.measure < 0:
        raise UserError("--sample must be 1 or more, --measure 0 or more.")
    params, path = load_params(), Workspace().prompts
    if not path.exists():
        raise UserError(f"{path} does not exist. `dvc repro prompt` makes it, in seconds.")
    task = load_task(params)
    prompts = read_records(path, task.records.prompt)
    if not prompts:
        raise UserError(f"{path} is empty, so nothing will be generated. Look at prompting in params.yaml.")
    backend = load_backend(params.backend, params.generator, params.generation)
    engine = Engine(backend, CompletionStore(store_path()), Caps.of(params.generation, params.prices))
    plan = PairPlan(task.prompter, params.generation)
    pace = _pace(params) if params.backend.name == "transformers" else None
    print("\n".join(estimate(prompts, engine, plan, params.prices, args.sample, args.measure, pace).lines()))


def _pace(params: "Params") -> "Pace":
    """The time by this machine's speed, measured when it is asked for."""

    def pace(read: float, written: float, request: float) -> float:
        from gemquad.doctor.models import measure_writing

        to_read, to_write = measure_writing(params.generator, params.generation, request)
        return read * to_read + written * to_write

    return pace
