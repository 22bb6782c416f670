"""Log a round to MLflow as soon as it is scored. A round that did not take place leaves no run."""

from gemquad.commandline import run_stage
from gemquad.records import read_json, write_json
from gemquad.rounds.stopping import Decision
from gemquad.workspace import Workspace


def main(round: int) -> None:
    files = Workspace()
    own = files.round(round)
    decision = read_json(own.decision)
    took_place = any(result.round == round for result in Decision.from_json(decision).history)
    if took_place:
        from gemquad.tracking.rounds import RoundLog, log_round

        log = RoundLog(
            number=round,
            student=own.student,
            scores=read_json(own.scores),
            silver=read_json(own.silver_counts),
            curve=read_json(own.curve),
            decision=decision,
            generation=read_json(files.generation),
            timing=read_json(files.generation_time) if files.generation_time.exists() else {},
        )
        log_round(log, files)
    write_json(own.tracked, {"round": round, "logged": took_place})


if __name__ == "__main__":
    run_stage(main, "round")
