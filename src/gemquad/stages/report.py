"""Write the table of rounds, and the rows that `dvc plots` draws."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.records import read_json, write_json
from gemquad.report.summary import score_rows, silver_rows, summary
from gemquad.rounds.stopping import Decision


def main() -> None:
    args = parse_paths(__doc__, "rounds", "decision", "generation", "summary", "score-rows", "silver-rows")
    decision = Decision.from_json(read_json(args.decision))
    trained = [result.round for result in decision.history]
    scores = {r: read_json(args.rounds / str(r) / "scores.json") for r in trained}
    silver = {r: read_json(args.rounds / str(r) / "silver.json") for r in trained}
    args.summary.parent.mkdir(parents=True, exist_ok=True)
    args.summary.write_text(summary(scores, silver, decision, read_json(args.generation)), encoding="utf-8")
    write_json(args.score_rows, score_rows(scores))
    write_json(args.silver_rows, silver_rows(silver))


if __name__ == "__main__":
    exit_on_user_error(main)
