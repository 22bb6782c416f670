"""Build the prompts and draw each one's exemplars and sampling settings."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.schema import Passage
from gemquad.tasks.kinds import load_task
from gemquad.tasks.prompts import load_prompter
from gemquad.tasks.prompts.base import Material


def main() -> None:
    args = parse_paths(__doc__, "exemplars", "passages", "out")
    params = load_params()
    records = load_task(params.task).records
    material = Material(
        languages=params.lang,
        exemplars=read_records(args.exemplars, records.example),
        passages=read_records(args.passages, Passage),
    )
    prompter = load_prompter(params.task, params.prompting, params.generation)
    write_records(args.out, records.prompt, prompter.prompts(material, params.sampling, params.seed))


if __name__ == "__main__":
    exit_on_user_error(main)
