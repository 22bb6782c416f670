"""Put an interval on every score and every difference, of the rounds and of the systems beside them."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from gemquad.commandline import run_stage
from gemquad.files import read_json, read_result, write_result
from gemquad.params import Compared, load_params
from gemquad.parquet import read_records
from gemquad.rounds.comparisons import COMPARISONS, PROMPTED, UpdateBudget, updates_by_phase
from gemquad.rounds.stopping import system_name
from gemquad.schema.results import AVERAGED, DECISION, GAINS, INTERVALS
from gemquad.scoring.intervals import gains, intervals
from gemquad.scoring.sheets import Answers, SystemAnswers, answers, sheets
from gemquad.tasks.base import AnyTask
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main() -> None:
    files, params = Workspace(), load_params()
    task = load_task(params)
    decision = read_result(files.round(params.stopping.max_rounds).decision, DECISION)
    trained = [files.round(result.round) for result in decision.history]
    rounds = [_system(system_name(own.number), own.predictions, own.curve, params.seed, task) for own in trained]
    if averaged := read_records(files.averaged, task.records.prediction):
        rounds.append(_averaged(rounds[1:], answers(averaged), params.seed))
    descriptions = {name: system.description for name, system in COMPARISONS.items()} | PROMPTED
    beside = [
        _system(system, files.compared_predictions(key), files.compared_curve(key), seed, task, descriptions[system])
        for key in [*params.comparisons, *params.prompted]
        for system, seed in [Compared.of(key)]
    ]
    chosen = UpdateBudget(**read_json(files.budget)).round
    dev, test = (read_records(path, task.records.example) for path in (files.dev, files.test))
    answered = [system for system in beside if any(system.runs.values())]
    asked = sheets({"dev": dev, "test": test}, task, params.lang)
    found = intervals(rounds, answered, system_name(chosen), asked, task)
    write_result(files.intervals, INTERVALS, found)
    write_result(files.gains, GAINS, gains(found.deltas))


def _averaged(rounds: Sequence[SystemAnswers], answered: Answers, seed: int) -> SystemAnswers:
    """The mean of the rounds' weights, which took the updates of all of them."""
    updates: Counter[str] = sum((Counter(own.updates) for own in rounds), Counter())
    return SystemAnswers(AVERAGED, "the mean of the weights of all rounds", dict(updates), {seed: answered})


def _system(
    name: str, predictions: Path, curve: Path, seed: int, task: AnyTask, description: str = ""
) -> SystemAnswers:
    answered = answers(read_records(predictions, task.records.prediction))
    return SystemAnswers(name, description, updates_by_phase(read_json(curve)), {seed: answered})


if __name__ == "__main__":
    run_stage(main)
