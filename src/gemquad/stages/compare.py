"""Train one system beside the rounds with one seed, and keep its answers to dev and test; the student itself is dropped."""

import tempfile
from pathlib import Path

from gemquad.commandline import run_stage
from gemquad.files import read_json, write_json
from gemquad.params import Compared, load_params
from gemquad.parquet import iterate_records, read_records, write_records
from gemquad.rounds.candidates import likelihoods
from gemquad.rounds.comparisons import TrainingData, UpdateBudget, shown_exemplars, training_phases
from gemquad.schema import Completion
from gemquad.tasks.base import AnyTask
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main(key: str) -> None:
    files, params = Workspace(), load_params()
    compared = Compared.of(key)
    task = load_task(params)
    budget = UpdateBudget(**read_json(files.budget))
    if budget.round == 0:
        print("no round was trained, so there is nothing to compare with")
        write_records(files.compared_predictions(key), task.records.prediction, [])
        write_json(files.compared_curve(key), [])
        return
    from gemquad.student.evaluation import predict
    from gemquad.student.processes import is_main, on_every_gpu
    from gemquad.student.training import Phase, fine_tune

    on_every_gpu(params.student.batch_size)
    head = task.head()
    phases = [
        Phase(phase.name, [head.input(record) for record in phase.records], updates=phase.updates)
        for phase in training_phases(compared.system, _material(files, task), budget, compared.seed)
    ]
    with tempfile.TemporaryDirectory() as folder:
        curve = fine_tune(phases, head, params.student, compared.seed, Path(folder))
        if not is_main():
            return
        splits = {
            split: read_records(path, task.records.example)
            for split, path in (("dev", files.dev), ("test", files.test))
        }
        predictions = predict(Path(folder), splits, params.student, task, head)
    write_records(files.compared_predictions(key), task.records.prediction, predictions)
    write_json(files.compared_curve(key), curve)


def _material(files: Workspace, task: AnyTask) -> TrainingData:
    labelled, synthetic = task.records.example, task.records.synthetic
    prompts = read_records(files.prompts, task.records.prompt)
    return TrainingData(
        gold=read_records(files.gold, labelled),
        exemplars=shown_exemplars(read_records(files.exemplars, labelled), prompts),
        translated=read_records(files.translated, labelled),
        synthetic=read_records(files.synthetic, synthetic),
        silver=read_records(files.compared_silver, task.records.silver),
        likelihoods=likelihoods(iterate_records(files.completions, Completion)),
    )


if __name__ == "__main__":
    run_stage(main, "key")
