"""Choose the round that the comparisons stand beside, and count its updates."""

from gemquad.commandline import parse_paths
from gemquad.copying import link_or_copy
from gemquad.errors import exit_on_user_error
from gemquad.files import read_json, read_result, write_json
from gemquad.rounds.comparisons import budget_of
from gemquad.rounds.stopping import best_trained_round
from gemquad.schema.results import DECISION


def main() -> None:
    args = parse_paths(__doc__, "decision", "rounds", "silver", "budget")
    chosen = best_trained_round(read_result(args.decision, DECISION).history)
    beside = args.rounds / str(chosen or 1)
    link_or_copy(beside / "silver.parquet", args.silver)
    write_json(args.budget, budget_of(chosen, read_json(beside / "curve.json")).to_json())


if __name__ == "__main__":
    exit_on_user_error(main)
