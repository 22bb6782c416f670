"""Complete a run in MLflow: page and card, intervals and samples of every round, the best student in the model registry."""

from pathlib import Path

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.files import read_result, write_json
from gemquad.params import load_params
from gemquad.parquet import read_records
from gemquad.schema import Completion
from gemquad.schema.results import DECISION, EVIDENCE, GAINS, SELECTION
from gemquad.tasks.kinds import load_task


def main() -> None:
    args = parse_paths(
        __doc__,
        "decision",
        "selection",
        "rounds",
        "evidence",
        "gains",
        "prompts",
        "completions",
        "synthetic",
        "dev",
        "page",
        "summary",
        "card",
        "params",
        "out",
    )
    from gemquad.tracking.register import Outcome, register
    from gemquad.tracking.samples import tables

    params = load_params(args.params)
    selection = read_result(args.selection, SELECTION)
    trained = [result.round for result in read_result(args.decision, DECISION).history]
    outcome = Outcome(
        best=selection.round,
        dev_score=selection.dev_score,
        evidence=read_result(args.evidence, EVIDENCE),
        gains=read_result(args.gains, GAINS),
        summary=args.summary.read_text(encoding="utf-8"),
        card=args.card.read_text(encoding="utf-8"),
        files=[args.page, args.summary, args.card, args.evidence],
        prompts=read_records(args.prompts, load_task(params.task).records.prompt),
        completions=read_records(args.completions, Completion),
        seed=params.seed,
        tables={number: tables(args.rounds, number, args.synthetic, args.dev, params) for number in trained},
    )
    register(outcome, args.params, Path("dvc.lock"))
    write_json(args.out, {"registered": outcome.best})


if __name__ == "__main__":
    exit_on_user_error(main)
