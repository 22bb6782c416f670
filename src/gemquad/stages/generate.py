"""Let the generator complete every prompt, align the answers and choose the synthetic pairs."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.generation.engine import Plan, account, generate_pairs
from gemquad.generation.transformers_backend import load_decoder
from gemquad.params import load_params
from gemquad.records import read_records, write_json, write_records
from gemquad.schema import Completion, Prompt, SyntheticPair
from gemquad.tasks.base import load_task


def main() -> None:
    args = parse_paths(__doc__, "prompts", "completions", "synthetic", "metrics")
    params = load_params()
    prompts = read_records(args.prompts, Prompt)
    decoder = load_decoder(params.generator, params.generation.dtype)
    plan = Plan(params.prompting, params.generation, load_task(params.task))
    completions, pairs = generate_pairs(prompts, decoder, plan)
    write_records(args.completions, Completion, completions)
    write_records(args.synthetic, SyntheticPair, pairs)
    write_json(args.metrics, account(completions, pairs))


if __name__ == "__main__":
    exit_on_user_error(main)
