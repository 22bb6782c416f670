"""Apply the stop rule to a round's dev score and silver."""

from gemquad.commandline import run_stage
from gemquad.params import load_params
from gemquad.records import read_json, write_json
from gemquad.rounds.silver import SilverCounts
from gemquad.rounds.stopping import Decision, RoundResult, decide
from gemquad.scoring.students import mean_over_languages
from gemquad.workspace import Workspace


def main(round: int) -> None:
    files, params = Workspace(), load_params()
    own = files.round(round)
    counts = {language: SilverCounts(**numbers) for language, numbers in read_json(own.silver_counts).items()}
    scores = read_json(own.scores)
    # A round that trained no student has no scores, and never enters the history in which scores are compared.
    dev_score = mean_over_languages(scores["dev"], params.stopping.metric, params.lang) if scores else 0.0
    result = RoundResult.of(round, dev_score, counts.values())
    decision = decide(Decision.from_json(read_json(own.decision_before)), result, params.stopping)
    write_json(own.decision, decision.to_json())


if __name__ == "__main__":
    run_stage(main, "round")
