"""Log a round to MLflow as soon as it is scored. A round that did not take place leaves no run."""

from pathlib import Path

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.files import read_json, read_result, write_json
from gemquad.schema.results import DECISION, GENERATION, GENERATION_TIME, SCORES, SILVER


def main() -> None:
    args = parse_paths(
        __doc__,
        "student",
        "curve",
        "scores",
        "silver",
        "decision",
        "generation",
        "timing",
        "params",
        "out",
        round=int,
    )
    decision = read_result(args.decision, DECISION)
    took_place = any(result.round == args.round for result in decision.history)
    if took_place:
        from gemquad.tracking.rounds import RoundLog, log_round

        log = RoundLog(
            number=args.round,
            student=args.student,
            scores=read_result(args.scores, SCORES),
            silver=read_result(args.silver, SILVER),
            curve=read_json(args.curve),
            decision=decision,
            generation=read_result(args.generation, GENERATION),
            timing=read_result(args.timing, GENERATION_TIME) if args.timing.exists() else None,
        )
        log_round(log, args.params, Path("dvc.lock"))
    write_json(args.out, {"round": args.round, "logged": took_place})


if __name__ == "__main__":
    exit_on_user_error(main)
