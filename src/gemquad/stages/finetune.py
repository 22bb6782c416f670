"""Fine-tune the pre-trained student on silver, then on gold. Without silver the student of the round before stays."""

from gemquad.carry import carry
from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_records, write_json
from gemquad.schema import Question, SyntheticPair


def main() -> None:
    args = parse_paths(__doc__, "silver", "gold", "previous", "student", "curve")
    silver = read_records(args.silver, SyntheticPair)
    if not silver:
        carry(args.previous, args.student)
        write_json(args.curve, [])
        return
    from gemquad.student.training import Phase, fine_tune, training_examples

    params = load_params()
    gold = read_records(args.gold, Question)
    phases = [
        Phase("silver", training_examples(silver), params.student.silver_epochs),
        Phase("gold", training_examples(gold), params.student.epochs),
    ]
    write_json(args.curve, fine_tune(phases, params.student, params.seed, args.student))


if __name__ == "__main__":
    exit_on_user_error(main)
