"""Take the student of the best round on dev."""

from dataclasses import asdict

from gemquad.carry import carry
from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.records import read_json, write_json
from gemquad.rounds.stopping import Decision, best_round, system_name


def main() -> None:
    args = parse_paths(__doc__, "decision", "students", "best", "metrics")
    decision = Decision.from_json(read_json(args.decision))
    best = best_round(decision.history)
    carry(args.students / system_name(best.round), args.best)
    write_json(args.metrics, {**asdict(best), "stopped": decision.reason})


if __name__ == "__main__":
    exit_on_user_error(main)
