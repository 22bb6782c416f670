"""Teach the generator on gold turned round, where `tuning.epochs` says so; the paper does not. Else the folder stays empty."""

from gemquad.commandline import run_stage
from gemquad.files import write_json
from gemquad.params import load_params
from gemquad.parquet import read_records
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main() -> None:
    files, params = Workspace(), load_params()
    task, tuning = load_task(params), params.tuning
    gold = read_records(files.gold, task.records.example)
    if not tuning.epochs:
        files.generator.mkdir(parents=True, exist_ok=True)
        write_json(files.tuning, [])
        return
    from gemquad.generation.tuning import tune_generator, tuning_rows
    from gemquad.student.processes import is_main, on_every_gpu

    on_every_gpu(tuning.batch_size, "tuning.batch_size")
    rows = tuning_rows(gold, task.prompter, params.seed)
    curve = tune_generator(rows, params.generator, tuning, params.seed, files.generator, params.generation.dtype)
    if is_main():
        write_json(files.tuning, curve)


if __name__ == "__main__":
    run_stage(main)
