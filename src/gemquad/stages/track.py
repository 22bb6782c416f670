"""Log a round to MLflow as soon as it is scored. A round that did not take place leaves no run."""

from gemquad.commandline import run_stage
from gemquad.files import read_json, read_result, write_json
from gemquad.schema.results import DECISION, GENERATION, GENERATION_TIME, SCORES, SILVER
from gemquad.workspace import Workspace


def main(round: int) -> None:
    files = Workspace()
    own = files.round(round)
    decision = read_result(own.decision, DECISION)
    took_place = any(result.round == round for result in decision.history)
    if took_place:
        from gemquad.tracking.rounds import RoundLog, log_round

        log = RoundLog(
            number=round,
            student=own.student,
            scores=read_result(own.scores, SCORES),
            silver=read_result(own.silver_counts, SILVER),
            curve=read_json(own.curve),
            decision=decision,
            generation=read_result(files.generation, GENERATION),
            timing=read_result(files.generation_time, GENERATION_TIME) if files.generation_time.exists() else None,
        )
        log_round(log, files)
    write_json(own.tracked, {"round": round, "logged": took_place})


if __name__ == "__main__":
    run_stage(main, "round")
