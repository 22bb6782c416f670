"""Choose the candidates for silver: of the synthetic pairs those whose answers the generator itself finds likeliest."""

from gemquad.commandline import run_stage
from gemquad.params import load_params
from gemquad.parquet import iterate_records, read_records, write_records
from gemquad.rounds.candidates import candidates
from gemquad.schema import Completion
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main() -> None:
    files, params = Workspace(), load_params()
    task = load_task(params)
    pairs = read_records(files.synthetic, task.records.synthetic)
    completions = iterate_records(files.completions, Completion)
    chosen = candidates(pairs, completions, params.filter.keep_fraction, task)
    write_records(files.candidates, task.records.synthetic, chosen)


if __name__ == "__main__":
    run_stage(main)
