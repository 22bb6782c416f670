"""Complete a run in MLflow: page and card, intervals and samples of every round, the best student in the model registry."""

from gemquad.commandline import run_stage
from gemquad.files import read_result, write_json
from gemquad.params import load_params
from gemquad.parquet import read_records
from gemquad.schema import Completion
from gemquad.schema.results import DECISION, GAINS, INTERVALS, SELECTION
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main() -> None:
    from gemquad.tracking.register import Outcome, register
    from gemquad.tracking.samples import tables

    files = Workspace()
    params = load_params(files.params)
    selection = read_result(files.selection, SELECTION)
    decision = read_result(files.round(params.stopping.max_rounds).decision, DECISION)
    outcome = Outcome(
        best=selection.round,
        dev_score=selection.dev_score,
        intervals=read_result(files.intervals, INTERVALS),
        gains=read_result(files.gains, GAINS),
        summary=files.summary.read_text(encoding="utf-8"),
        card=files.model_card.read_text(encoding="utf-8"),
        attached=[files.page, files.summary, files.model_card, files.intervals],
        prompts=read_records(files.prompts, load_task(params).records.prompt),
        completions=read_records(files.completions, Completion),
        seed=params.seed,
        tables={result.round: tables(result.round, files, params) for result in decision.history},
    )
    register(outcome, files)
    write_json(files.registered, {"registered": outcome.best})


if __name__ == "__main__":
    run_stage(main)
