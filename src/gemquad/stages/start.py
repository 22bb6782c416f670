"""Score the baseline on dev and test; its dev score opens the loop as round 0."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_records, write_json, write_records
from gemquad.rounds.stopping import open_loop
from gemquad.scoring.students import aggregate, mean_over_languages
from gemquad.student.evaluation import predict
from gemquad.tasks.loading import load_task


def main() -> None:
    args = parse_paths(__doc__, "student", "dev", "test", "predictions", "scores", "silver", "seen", "decision")
    params = load_params()
    task = load_task(params)
    splits = {split: read_records(getattr(args, split), task.records.example) for split in ("dev", "test")}
    predictions = predict(args.student, splits, params.student, task, task.head())
    scores = aggregate(predictions, task)
    write_records(args.predictions, task.records.prediction, predictions)
    write_json(args.scores, scores)
    write_json(args.silver, {})
    write_json(args.seen, [])
    dev_score = mean_over_languages(scores["dev"], params.stopping.metric, params.lang)
    write_json(args.decision, open_loop(dev_score).to_json())


if __name__ == "__main__":
    exit_on_user_error(main)
