"""Train one system beside the rounds with one seed, and keep its answers to the test questions; the student itself is dropped."""

import tempfile
from pathlib import Path

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_json, read_records, write_json, write_records
from gemquad.rounds.comparisons import Budget, Material, courses, shown_exemplars
from gemquad.tasks.kinds import load_task


def main() -> None:
    args = parse_paths(
        __doc__,
        "budget",
        "gold",
        "exemplars",
        "prompts",
        "translated",
        "synthetic",
        "silver",
        "test",
        "predictions",
        "curve",
        system=str,
        seed=int,
    )
    params = load_params()
    task = load_task(params.task)
    example, synthetic, prediction = task.records.example, task.records.synthetic, task.records.prediction
    budget = Budget(**read_json(args.budget))
    if budget.round == 0:
        print("no round was trained, so there is nothing to compare with")
        write_records(args.predictions, prediction, [])
        write_json(args.curve, [])
        return
    from gemquad.student.evaluation import predict
    from gemquad.student.training import Phase, fine_tune
    from gemquad.tasks.heads import load_head

    material = Material(
        gold=read_records(args.gold, example),
        exemplars=shown_exemplars(
            read_records(args.exemplars, example), read_records(args.prompts, task.records.prompt)
        ),
        translated=read_records(args.translated, example),
        synthetic=read_records(args.synthetic, synthetic),
        silver=read_records(args.silver, synthetic),
    )
    head = load_head(params.task)
    phases = [
        Phase(course.name, [head.input(record) for record in course.records], updates=course.updates)
        for course in courses(args.system, material, budget, args.seed)
    ]
    with tempfile.TemporaryDirectory() as folder:
        curve = fine_tune(phases, head, params.student, args.seed, Path(folder))
        splits = {"test": read_records(args.test, example)}
        predictions = predict(Path(folder), splits, params.student, task, head)
    write_records(args.predictions, prediction, predictions)
    write_json(args.curve, curve)


if __name__ == "__main__":
    exit_on_user_error(main)
