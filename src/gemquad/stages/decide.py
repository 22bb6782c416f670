"""Apply the stop rule to a round's dev score and silver."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.files import read_result, write_result
from gemquad.params import load_params
from gemquad.rounds.stopping import decide
from gemquad.schema.results import DECISION, SCORES, SILVER, RoundResult
from gemquad.scoring.students import mean_over_languages


def main() -> None:
    args = parse_paths(__doc__, "previous", "scores", "silver", "decision", round=int)
    params = load_params()
    counts = read_result(args.silver, SILVER).values()
    result = RoundResult(
        round=args.round,
        dev_score=mean_over_languages(read_result(args.scores, SCORES)["dev"], params.stopping.metric, params.lang),
        synthetic=sum(count.synthetic for count in counts),
        silver=sum(count.silver for count in counts),
        new_silver=sum(count.new for count in counts),
    )
    decision = decide(read_result(args.previous, DECISION), result, params.stopping)
    write_result(args.decision, DECISION, decision)


if __name__ == "__main__":
    exit_on_user_error(main)
