"""Apply the stop rule to a round's dev score and silver."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_json, write_json
from gemquad.rounds.stopping import Decision, RoundResult, decide
from gemquad.scoring.students import mean_over_languages


def main() -> None:
    args = parse_paths(__doc__, "previous", "scores", "silver", "decision", round=int)
    params = load_params()
    counts = read_json(args.silver).values()
    result = RoundResult(
        round=args.round,
        dev_score=mean_over_languages(read_json(args.scores)["dev"], params.stopping.metric, params.lang),
        synthetic=sum(count["synthetic"] for count in counts),
        silver=sum(count["silver"] for count in counts),
        new_silver=sum(count["new"] for count in counts),
    )
    decision = decide(Decision.from_json(read_json(args.previous)), result, params.stopping)
    write_json(args.decision, decision.to_json())


if __name__ == "__main__":
    exit_on_user_error(main)
