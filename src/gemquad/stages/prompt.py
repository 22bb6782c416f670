"""Build the prompts and draw each one's exemplars and sampling settings."""

from gemquad.commandline import run_stage
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.schema import Passage
from gemquad.tasks.loading import load_task
from gemquad.tasks.prompter import PromptSources
from gemquad.workspace import Workspace


def main() -> None:
    files, params = Workspace(), load_params()
    task = load_task(params)
    sources = PromptSources(
        languages=params.lang,
        exemplars=read_records(files.exemplars, task.records.example),
        passages=read_records(files.passages, Passage),
    )
    write_records(files.prompts, task.records.prompt, task.prompter.prompts(sources, params.sampling, params.seed))


if __name__ == "__main__":
    run_stage(main)
