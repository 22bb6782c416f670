"""Score the baseline on dev and test; its dev score opens the loop as round 0."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.files import write_json, write_result
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.rounds.stopping import open_loop
from gemquad.schema.results import DECISION, SCORES, SILVER
from gemquad.scoring.students import aggregate, mean_over_languages
from gemquad.student.evaluation import predict
from gemquad.tasks.heads import load_head
from gemquad.tasks.kinds import load_task


def main() -> None:
    args = parse_paths(__doc__, "student", "dev", "test", "predictions", "scores", "silver", "seen", "decision")
    params = load_params()
    task = load_task(params.task)
    splits = {split: read_records(getattr(args, split), task.records.example) for split in ("dev", "test")}
    predictions = predict(args.student, splits, params.student, task, load_head(params.task))
    scores = aggregate(predictions, task)
    write_records(args.predictions, task.records.prediction, predictions)
    write_result(args.scores, SCORES, scores)
    write_result(args.silver, SILVER, {})
    write_json(args.seen, [])
    dev_score = mean_over_languages(scores["dev"], params.stopping.metric, params.lang)
    write_result(args.decision, DECISION, open_loop(dev_score))


if __name__ == "__main__":
    exit_on_user_error(main)
