"""Build the prompts and draw each one's exemplars and sampling settings."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.generation.prompts import build_prompts
from gemquad.params import load_params
from gemquad.records import read_records, write_records
from gemquad.schema import Passage, Prompt, Question
from gemquad.tasks.base import load_task


def main() -> None:
    args = parse_paths(__doc__, "exemplars", "passages", "out")
    params = load_params()
    exemplars = read_records(args.exemplars, Question)
    passages = read_records(args.passages, Passage)
    prompts = build_prompts(exemplars, passages, params.prompting, params.sampling, params.seed, load_task(params.task))
    write_records(args.out, Prompt, prompts)


if __name__ == "__main__":
    exit_on_user_error(main)
