"""Take the student that the run ends with, and note what the comparisons stand beside: the best trained round and its updates.

With `stopping.choose=average` it is made here, of the students of all rounds, and answers dev and test.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial

from gemquad.commandline import run_stage
from gemquad.copying import link_or_copy, link_or_copy_files
from gemquad.files import read_json, read_result, write_json, write_result
from gemquad.params import Params, load_params
from gemquad.parquet import read_records, write_records
from gemquad.rounds.comparisons import budget_of
from gemquad.rounds.stopping import best_trained_round, choose, system_name
from gemquad.schema import Prediction
from gemquad.schema.results import AVERAGED, DECISION, SELECTION, Selection
from gemquad.scoring.sheets import SystemAnswers, answers, behind, sheets
from gemquad.scoring.students import aggregate, mean_over_languages
from gemquad.tasks.base import AnyTask
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main() -> None:
    files, params = Workspace(), load_params()
    task = load_task(params)
    decision = read_result(files.round(params.stopping.max_rounds).decision, DECISION)
    chosen = choose(decision.history, params.stopping, partial(_behind, params, files, task))
    last = next(result for result in decision.history if result.round == chosen[-1])
    selection = Selection(**asdict(last), stopped=decision.reason, system=system_name(last.round))
    given: list[Prediction] = []
    if params.stopping.choose != "average" or last.round == 0:
        link_or_copy_files(files.round(last.round).student, files.best)
    else:
        given = _average(chosen, params, files, task)
        scores = mean_over_languages(aggregate(given, task)["dev"], params.stopping.metric, params.lang)
        selection = replace(selection, dev_score=scores, system=AVERAGED)
    write_records(files.averaged, task.records.prediction, given)
    write_result(files.selection, SELECTION, selection)
    trained = last.round or best_trained_round(decision.history)
    beside = files.round(trained or 1)
    link_or_copy(beside.silver, files.compared_silver)
    write_json(files.budget, budget_of(trained, read_json(beside.curve)))


def _average(rounds: Sequence[int], params: Params, files: Workspace, task: AnyTask) -> list[Prediction]:
    """Write the mean of the rounds' students to models/best; returns its answers to dev and test."""
    from gemquad.student.averaging import average
    from gemquad.student.evaluation import predict

    average([files.round(number).student for number in rounds], files.best)
    splits = {
        name: read_records(path, task.records.example) for name, path in (("dev", files.dev), ("test", files.test))
    }
    return predict(files.best, splits, params.student, task, task.head())


def _behind(params: Params, files: Workspace, task: AnyTask, best: int, other: int) -> tuple[float, float]:
    """How far a round is behind the best on dev, over all trained languages, and the standard error of that."""

    def student(number: int) -> SystemAnswers:
        given = answers(read_records(files.round(number).predictions, task.records.prediction))
        return SystemAnswers(system_name(number), "", {}, {params.seed: given})

    dev = [one for one in read_records(files.dev, task.records.example) if one.language in params.lang]
    (metric,) = (metric for metric in task.metrics if metric.name == params.stopping.metric)
    return behind(metric, student(best), student(other), sheets({"dev": dev}, task, params.lang)[-1], task)


if __name__ == "__main__":
    run_stage(main)
