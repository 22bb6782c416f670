"""Let the generator complete every prompt, align the answers and choose the synthetic pairs."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.generation.accounting import account, provenance, timing
from gemquad.generation.backend import load_backend
from gemquad.generation.engine import Caps, Engine
from gemquad.generation.pairs import Plan, generate_pairs
from gemquad.generation.store import Store, store_path
from gemquad.params import load_params
from gemquad.records import read_records, write_json, write_records
from gemquad.schema import Completion, Prompt, SyntheticPair
from gemquad.tasks.base import load_task


def main() -> None:
    args = parse_paths(__doc__, "prompts", "completions", "synthetic", "metrics", "timing")
    params = load_params()
    prompts = read_records(args.prompts, Prompt)
    plan = Plan(params.prompting, params.generation, load_task(params.task))
    backend = load_backend(params.backend, params.generator, params.generation)
    engine = Engine(backend, Store(store_path()), Caps.of(params.generation, params.prices))
    completions, pairs = generate_pairs(prompts, engine, plan)
    write_records(args.completions, Completion, completions)
    write_records(args.synthetic, SyntheticPair, pairs)
    write_json(args.metrics, {**account(completions, pairs, params.prices), "generator": provenance(engine)})
    write_json(args.timing, timing(completions, len(pairs), engine.store, params.prices))


if __name__ == "__main__":
    exit_on_user_error(main)
