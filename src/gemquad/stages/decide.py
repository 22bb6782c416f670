"""Apply the stop rule to a round's dev score and silver."""

from gemquad.commandline import run_stage
from gemquad.files import read_result, write_result
from gemquad.params import load_params
from gemquad.rounds.stopping import decide, round_result
from gemquad.schema.results import DECISION, SCORES, SILVER
from gemquad.scoring.students import mean_over_languages
from gemquad.workspace import Workspace


def main(round: int) -> None:
    files, params = Workspace(), load_params()
    own = files.round(round)
    scores = read_result(own.scores, SCORES)
    # A round that trained no student has no scores, and never enters the history in which scores are compared.
    dev_score = mean_over_languages(scores["dev"], params.stopping.metric, params.lang) if scores else 0.0
    result = round_result(round, dev_score, read_result(own.silver_counts, SILVER).values())
    write_result(own.decision, DECISION, decide(read_result(own.decision_before, DECISION), result, params.stopping))


if __name__ == "__main__":
    run_stage(main, "round")
