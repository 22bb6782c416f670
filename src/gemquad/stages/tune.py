"""Teach the generator on gold turned round, then on accepted pairs, where `tuning.epochs` says so; the paper does not.

Else the folder stays empty.
"""

from gemquad.commandline import run_stage
from gemquad.files import write_json
from gemquad.generation.accepted import read_accepted
from gemquad.params import load_params
from gemquad.parquet import read_records
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main() -> None:
    files, params = Workspace(), load_params()
    task, tuning = load_task(params), params.tuning
    gold, silver = read_records(files.gold, task.records.example), task.records.silver
    own, given = files.round(0).silver, tuning.accepted
    pairs = read_accepted(given, silver) if tuning.has_accepted else read_records(own, silver)
    if not tuning.epochs:
        files.generator.mkdir(parents=True, exist_ok=True)
        write_json(files.tuning, [])
        return
    from gemquad.generation.tuning import tune_generator, tuning_rows
    from gemquad.student.processes import is_main, on_every_gpu

    on_every_gpu(tuning.batch_size, "tuning.batch_size")
    rows, accepted = (tuning_rows(examples, task.prompter, params.seed) for examples in (gold, pairs))
    curve = tune_generator(
        rows, params.generator, tuning, params.seed, files.generator, params.generation.dtype, accepted=accepted
    )
    if is_main():
        write_json(files.tuning, curve)


if __name__ == "__main__":
    run_stage(main)
