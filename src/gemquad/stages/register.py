"""Complete a run in MLflow: page and card, intervals and samples of every round, the best student in the model registry."""

from pathlib import Path

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_json, read_records, write_json
from gemquad.rounds.stopping import Decision
from gemquad.schema import Completion
from gemquad.tasks.loading import load_task


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
    selection = read_json(args.selection)
    trained = [result.round for result in Decision.from_json(read_json(args.decision)).history]
    outcome = Outcome(
        best=selection["round"],
        dev_score=selection["dev_score"],
        evidence=read_json(args.evidence),
        gains=read_json(args.gains),
        summary=args.summary.read_text(encoding="utf-8"),
        card=args.card.read_text(encoding="utf-8"),
        files=[args.page, args.summary, args.card, args.evidence],
        prompts=read_records(args.prompts, load_task(params).records.prompt),
        completions=read_records(args.completions, Completion),
        seed=params.seed,
        tables={number: tables(args.rounds, number, args.synthetic, args.dev, params) for number in trained},
    )
    register(outcome, args.params, Path("dvc.lock"))
    write_json(args.out, {"registered": outcome.best})


if __name__ == "__main__":
    exit_on_user_error(main)
