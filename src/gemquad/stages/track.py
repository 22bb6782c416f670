"""Log a round to MLflow as soon as it is scored. A round that did not take place leaves no run."""

from pathlib import Path

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.records import read_json, write_json
from gemquad.rounds.stopping import Decision


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
    decision = read_json(args.decision)
    took_place = any(result.round == args.round for result in Decision.from_json(decision).history)
    if took_place:
        from gemquad.tracking.rounds import RoundLog, log_round

        log = RoundLog(
            number=args.round,
            student=args.student,
            scores=read_json(args.scores),
            silver=read_json(args.silver),
            curve=read_json(args.curve),
            decision=decision,
            generation=read_json(args.generation),
            timing=read_json(args.timing) if args.timing.exists() else {},
        )
        log_round(log, args.params, Path("dvc.lock"))
    write_json(args.out, {"round": args.round, "logged": took_place})


if __name__ == "__main__":
    exit_on_user_error(main)
