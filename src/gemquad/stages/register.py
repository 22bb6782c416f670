"""Complete a run in MLflow: the answer, intervals and samples of every round, the best student in the model registry."""

from gemquad.commandline import run_stage
from gemquad.files import read_result, write_json
from gemquad.params import load_params
from gemquad.schema.results import DECISION, SELECTION
from gemquad.workspace import Workspace


def main() -> None:
    from gemquad.tracking.register import register
    from gemquad.tracking.samples import prompts, tables

    files = Workspace()
    params = load_params(files.params)
    rounds = read_result(files.round(params.stopping.max_rounds).decision, DECISION).history
    shown = {one.round: tables(one.round, files, params) for one in rounds}
    register(files, shown, prompts(files, params))
    write_json(files.registered, {"registered": read_result(files.selection, SELECTION).round})


if __name__ == "__main__":
    run_stage(main)
