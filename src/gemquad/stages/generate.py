"""Let the generator complete every prompt, read the completions and choose the synthetic pairs."""

import sys

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.files import write_result
from gemquad.generation.accounting import account, provenance, timing
from gemquad.generation.backend import load_backend
from gemquad.generation.engine import Caps, Engine
from gemquad.generation.pairs import Plan, generate_pairs
from gemquad.generation.store import Store, store_path
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.schema import Completion
from gemquad.schema.results import GENERATION, GENERATION_TIME
from gemquad.tasks.kinds import load_task
from gemquad.tasks.prompts import load_prompter


def main() -> None:
    args = parse_paths(__doc__, "prompts", "completions", "synthetic", "metrics", "timing")
    params = load_params()
    task = load_task(params.task)
    prompts = read_records(args.prompts, task.records.prompt)
    plan = Plan(load_prompter(params.task, params.prompting, params.generation), params.generation)
    backend = load_backend(params.backend, params.generator, params.generation)
    engine = Engine(backend, Store(store_path()), Caps.of(params.generation, params.prices))
    completions, pairs = generate_pairs(prompts, engine, plan)
    accounted = account(completions, pairs, params.prices, task, provenance(engine))
    for language, counts in accounted.languages.items():
        for warning in counts.warnings:
            print(f"warning: {language}: {warning}", file=sys.stderr)
    write_records(args.completions, Completion, completions)
    write_records(args.synthetic, task.records.synthetic, pairs)
    write_result(args.metrics, GENERATION, accounted)
    write_result(args.timing, GENERATION_TIME, timing(completions, len(pairs), engine.store, params.prices))


if __name__ == "__main__":
    exit_on_user_error(main)
