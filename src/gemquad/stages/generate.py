"""Let the generator complete every prompt, read the completions and choose the synthetic pairs."""

import sys

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.generation.accounting import account, provenance, timing
from gemquad.generation.backends.registry import load_backend
from gemquad.generation.engine import Caps, Engine
from gemquad.generation.pairs import PairPlan, generate_pairs
from gemquad.generation.store import CompletionStore, store_path
from gemquad.params import load_params
from gemquad.records import read_records, write_json, write_records
from gemquad.schema import Completion
from gemquad.tasks.loading import load_task


def main() -> None:
    args = parse_paths(__doc__, "prompts", "completions", "synthetic", "metrics", "timing")
    params = load_params()
    task = load_task(params)
    prompts = read_records(args.prompts, task.records.prompt)
    plan = PairPlan(task.prompter, params.generation)
    backend = load_backend(params.backend, params.generator, params.generation)
    engine = Engine(backend, CompletionStore(store_path()), Caps.of(params.generation, params.prices))
    completions, pairs = generate_pairs(prompts, engine, plan)
    accounted = account(completions, pairs, params.prices, task)
    for language, counts in accounted["languages"].items():
        for warning in counts["warnings"]:
            print(f"warning: {language}: {warning}", file=sys.stderr)
    write_records(args.completions, Completion, completions)
    write_records(args.synthetic, task.records.synthetic, pairs)
    write_json(args.metrics, {**accounted, "generator": provenance(engine)})
    write_json(args.timing, timing(completions, len(pairs), engine.store, params.prices))


if __name__ == "__main__":
    exit_on_user_error(main)
