"""Take the student of the best round on dev."""

from dataclasses import asdict

from gemquad.commandline import parse_paths
from gemquad.copying import link_or_copy
from gemquad.errors import exit_on_user_error
from gemquad.files import read_result, write_result
from gemquad.rounds.stopping import best_round, system_name
from gemquad.schema.results import DECISION, SELECTION, Selection


def main() -> None:
    args = parse_paths(__doc__, "decision", "students", "best", "metrics")
    decision = read_result(args.decision, DECISION)
    best = best_round(decision.history)
    link_or_copy(args.students / system_name(best.round), args.best)
    write_result(args.metrics, SELECTION, Selection(**asdict(best), stopped=decision.reason))


if __name__ == "__main__":
    exit_on_user_error(main)
