"""Score a round's student on dev and test. Without silver its scores are those of the round before."""

from gemquad.carry import carry
from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_records, write_json, write_records
from gemquad.schema import Prediction, Question, SyntheticPair
from gemquad.scoring.students import aggregate
from gemquad.tasks.base import load_task


def main() -> None:
    args = parse_paths(__doc__, "student", "silver", "dev", "test", "previous-predictions", "predictions", "scores")
    if read_records(args.silver, SyntheticPair):
        from gemquad.student.evaluation import predict

        params = load_params()
        splits = {"dev": read_records(args.dev, Question), "test": read_records(args.test, Question)}
        write_records(
            args.predictions, Prediction, predict(args.student, splits, params.student, load_task(params.task))
        )
    else:
        carry(args.previous_predictions, args.predictions)
    write_json(args.scores, aggregate(read_records(args.predictions, Prediction)))


if __name__ == "__main__":
    exit_on_user_error(main)
