"""Build the prompts and draw each one's exemplars and sampling settings."""

from gemquad.commandline import run_stage
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.schema import Passage
from gemquad.tasks.kinds import load_task
from gemquad.tasks.prompts import load_prompter
from gemquad.tasks.prompts.base import Material
from gemquad.workspace import Workspace


def main() -> None:
    files, params = Workspace(), load_params()
    records = load_task(params.task).records
    material = Material(
        languages=params.lang,
        exemplars=read_records(files.exemplars, records.example),
        passages=read_records(files.passages, Passage),
    )
    prompter = load_prompter(params.task, params.prompting, params.generation)
    write_records(files.prompts, records.prompt, prompter.prompts(material, params.sampling, params.seed))


if __name__ == "__main__":
    run_stage(main)
