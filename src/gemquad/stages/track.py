"""Log a round to MLflow as soon as it is scored. A round that did not take place leaves no run."""

from gemquad.commandline import run_stage
from gemquad.files import read_result, write_json
from gemquad.schema.results import DECISION
from gemquad.workspace import Workspace


def main(round: int) -> None:
    files = Workspace()
    own = files.round(round)
    took_place = any(result.round == round for result in read_result(own.decision, DECISION).history)
    if took_place:
        from gemquad.tracking.rounds import log_round

        log_round(round, files)
    write_json(own.tracked, {"round": round, "logged": took_place})


if __name__ == "__main__":
    run_stage(main, "round")
