"""Score a round's student on dev and test. A round that trained none has no scores."""

from gemquad.commandline import run_stage
from gemquad.files import write_result
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.schema import Prediction
from gemquad.schema.results import SCORES
from gemquad.scoring.students import aggregate
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main(round: int) -> None:
    files, params = Workspace(), load_params()
    own, task = files.round(round), load_task(params)
    predictions: list[Prediction] = []
    if any(own.student.iterdir()):
        from gemquad.student.evaluation import predict

        dev, test = (read_records(path, task.records.example) for path in (files.dev, files.test))
        splits = {"dev": dev, "test": test}
        predictions = predict(own.student, splits, params.student, task, task.head())
    write_records(own.predictions, task.records.prediction, predictions)
    write_result(own.scores, SCORES, aggregate(predictions, task))


if __name__ == "__main__":
    run_stage(main, "round")
