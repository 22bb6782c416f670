"""Score a round's student on dev and test. Without silver its scores are those of the round before."""

from gemquad.carry import carry
from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_records, write_json, write_records
from gemquad.scoring.students import aggregate
from gemquad.tasks.loading import load_task


def main() -> None:
    args = parse_paths(__doc__, "student", "silver", "dev", "test", "previous-predictions", "predictions", "scores")
    params = load_params()
    task = load_task(params)
    if read_records(args.silver, task.records.synthetic):
        from gemquad.student.evaluation import predict

        splits = {split: read_records(getattr(args, split), task.records.example) for split in ("dev", "test")}
        predictions = predict(args.student, splits, params.student, task, task.head())
        write_records(args.predictions, task.records.prediction, predictions)
    else:
        carry(args.previous_predictions, args.predictions)
    write_json(args.scores, aggregate(read_records(args.predictions, task.records.prediction), task))


if __name__ == "__main__":
    exit_on_user_error(main)
