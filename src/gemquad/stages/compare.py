"""Train one system beside the rounds with one seed, and keep its answers to the test questions; the student itself is dropped."""

import tempfile
from pathlib import Path

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_json, read_records, write_json, write_records
from gemquad.rounds.comparisons import Budget, Material, courses, shown_exemplars
from gemquad.schema import Prediction, Prompt, Question, SyntheticPair
from gemquad.tasks.base import load_task


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
    budget = Budget(**read_json(args.budget))
    if budget.round == 0:
        print("no round was trained, so there is nothing to compare with")
        write_records(args.predictions, Prediction, [])
        write_json(args.curve, [])
        return
    from gemquad.student.evaluation import predict
    from gemquad.student.training import Phase, fine_tune, training_examples

    material = Material(
        gold=read_records(args.gold, Question),
        exemplars=shown_exemplars(read_records(args.exemplars, Question), read_records(args.prompts, Prompt)),
        translated=read_records(args.translated, Question),
        synthetic=read_records(args.synthetic, SyntheticPair),
        silver=read_records(args.silver, SyntheticPair),
    )
    phases = [
        Phase(course.name, training_examples(course.records), updates=course.updates)
        for course in courses(args.system, material, budget, args.seed)
    ]
    with tempfile.TemporaryDirectory() as folder:
        curve = fine_tune(phases, params.student, args.seed, Path(folder))
        splits = {"test": read_records(args.test, Question)}
        predictions = predict(Path(folder), splits, params.student, load_task(params.task))
    write_records(args.predictions, Prediction, predictions)
    write_json(args.curve, curve)


if __name__ == "__main__":
    exit_on_user_error(main)
