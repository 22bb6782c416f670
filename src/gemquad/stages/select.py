"""Take the student of the best round on dev, and note what the comparisons stand beside: the best trained round and its updates."""

from dataclasses import asdict

from gemquad.commandline import run_stage
from gemquad.copying import link_or_copy, link_or_copy_files
from gemquad.files import read_json, read_result, write_json, write_result
from gemquad.params import load_params
from gemquad.rounds.comparisons import budget_of
from gemquad.rounds.stopping import best_round, best_trained_round
from gemquad.schema.results import DECISION, SELECTION, Selection
from gemquad.workspace import Workspace


def main() -> None:
    files, params = Workspace(), load_params()
    decision = read_result(files.round(params.stopping.max_rounds).decision, DECISION)
    best, trained = best_round(decision.history), best_trained_round(decision.history)
    link_or_copy_files(files.round(best.round).student, files.best)
    write_result(files.selection, SELECTION, Selection(**asdict(best), stopped=decision.reason))
    beside = files.round(trained or 1)
    link_or_copy(beside.silver, files.compared_silver)
    write_json(files.budget, budget_of(trained, read_json(beside.curve)))


if __name__ == "__main__":
    run_stage(main)
