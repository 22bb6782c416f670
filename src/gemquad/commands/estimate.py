"""Forecast tokens, time and money of the generation before it runs."""

import argparse
from pathlib import Path

from gemquad.errors import UserError

EXAMPLES = ("gemquad estimate", "gemquad estimate --measure 200")


def arguments(parser: argparse.ArgumentParser) -> None:
    """How much to look at, and how much to generate for it."""
    parser.add_argument("--sample", type=int, default=64, help="prompts to count tokens of (default 64)")
    parser.add_argument("--measure", type=int, default=0, help="completions to generate, and keep, for the forecast")


def run(args: argparse.Namespace) -> None:
    """Print the forecast for data/prompts.parquet."""
    from gemquad.generation.backend import load_backend
    from gemquad.generation.engine import Caps, Engine
    from gemquad.generation.estimate import estimate
    from gemquad.generation.pairs import Plan
    from gemquad.generation.store import Store, store_path
    from gemquad.params import load_params
    from gemquad.records import read_records
    from gemquad.tasks.kinds import load_task
    from gemquad.tasks.prompts import load_prompter

    params = load_params()
    prompts = read_records(Path("data/prompts.parquet"), load_task(params.task).records.prompt)
    if not prompts or args.sample < 1 or args.measure < 0:
        raise UserError("there is nothing to estimate: data/prompts.parquet is empty, or --sample is under 1.")
    backend = load_backend(params.backend, params.generator, params.generation)
    engine = Engine(backend, Store(store_path()), Caps.of(params.generation, params.prices))
    plan = Plan(load_prompter(params.task, params.prompting, params.generation), params.generation)
    print("\n".join(estimate(prompts, engine, plan, params.prices, args.sample, args.measure).lines()))
