"""Score a round's student on dev and test. Without silver its scores are those of the round before."""

from gemquad.commandline import parse_paths
from gemquad.copying import link_or_copy
from gemquad.errors import exit_on_user_error
from gemquad.files import write_result
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.schema.results import SCORES
from gemquad.scoring.students import aggregate
from gemquad.tasks.kinds import load_task


def main() -> None:
    args = parse_paths(__doc__, "student", "silver", "dev", "test", "previous-predictions", "predictions", "scores")
    params = load_params()
    task = load_task(params.task)
    if read_records(args.silver, task.records.synthetic):
        from gemquad.student.evaluation import predict
        from gemquad.tasks.heads import load_head

        splits = {split: read_records(getattr(args, split), task.records.example) for split in ("dev", "test")}
        predictions = predict(args.student, splits, params.student, task, load_head(params.task))
        write_records(args.predictions, task.records.prediction, predictions)
    else:
        link_or_copy(args.previous_predictions, args.predictions)
    write_result(args.scores, SCORES, aggregate(read_records(args.predictions, task.records.prediction), task))


if __name__ == "__main__":
    exit_on_user_error(main)
