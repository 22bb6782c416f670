"""Train one system beside the rounds with one seed, and keep its answers to the test examples; the student itself is dropped."""

import tempfile
from argparse import Namespace
from pathlib import Path

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import Compared, load_params
from gemquad.records import read_json, read_records, write_json, write_records
from gemquad.rounds.comparisons import Budget, Material, courses, shown_exemplars
from gemquad.tasks.kinds import load_task
from gemquad.tasks.kinds.base import AnyTask

MATERIAL = ("gold", "exemplars", "prompts", "translated", "synthetic", "silver")


def main() -> None:
    args = parse_paths(__doc__, "budget", *MATERIAL, "test", "predictions", "curve", key=str)
    compared = Compared.of(args.key)
    params = load_params()
    task = load_task(params.task)
    budget = Budget(**read_json(args.budget))
    if budget.round == 0:
        print("no round was trained, so there is nothing to compare with")
        write_records(args.predictions, task.records.prediction, [])
        write_json(args.curve, [])
        return
    from gemquad.student.evaluation import predict
    from gemquad.student.processes import is_main, on_every_gpu
    from gemquad.student.training import Phase, fine_tune
    from gemquad.tasks.heads import load_head

    on_every_gpu(params.student.batch_size)
    head = load_head(params.task)
    phases = [
        Phase(course.name, [head.input(record) for record in course.records], updates=course.updates)
        for course in courses(compared.system, _material(args, task), budget, compared.seed)
    ]
    with tempfile.TemporaryDirectory() as folder:
        curve = fine_tune(phases, head, params.student, compared.seed, Path(folder))
        if not is_main():
            return
        splits = {"test": read_records(args.test, task.records.example)}
        predictions = predict(Path(folder), splits, params.student, task, head)
    write_records(args.predictions, task.records.prediction, predictions)
    write_json(args.curve, curve)


def _material(args: Namespace, task: AnyTask) -> Material:
    labelled, synthetic = task.records.example, task.records.synthetic
    prompts = read_records(args.prompts, task.records.prompt)
    return Material(
        gold=read_records(args.gold, labelled),
        exemplars=shown_exemplars(read_records(args.exemplars, labelled), prompts),
        translated=read_records(args.translated, labelled),
        synthetic=read_records(args.synthetic, synthetic),
        silver=read_records(args.silver, synthetic),
    )


if __name__ == "__main__":
    exit_on_user_error(main)
