"""Build the prompts and draw each one's exemplars and sampling settings."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_records, write_records
from gemquad.schema import Passage
from gemquad.tasks.loading import load_task
from gemquad.tasks.prompter import PromptSources


def main() -> None:
    args = parse_paths(__doc__, "exemplars", "passages", "out")
    params = load_params()
    task = load_task(params)
    sources = PromptSources(
        languages=params.lang,
        exemplars=read_records(args.exemplars, task.records.example),
        passages=read_records(args.passages, Passage),
    )
    write_records(args.out, task.records.prompt, task.prompter.prompts(sources, params.sampling, params.seed))


if __name__ == "__main__":
    exit_on_user_error(main)
