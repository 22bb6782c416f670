"""Train the student on English gold alone: the baseline, and the weak labeler of round 1."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_records, write_json
from gemquad.schema import Question
from gemquad.student.training import Phase, fine_tune, training_examples


def main() -> None:
    args = parse_paths(__doc__, "gold", "student", "curve")
    params = load_params()
    gold = training_examples(read_records(args.gold, Question))
    phases = [Phase("gold", gold, params.student.epochs)]
    write_json(args.curve, fine_tune(phases, params.student, params.seed, args.student))


if __name__ == "__main__":
    exit_on_user_error(main)
