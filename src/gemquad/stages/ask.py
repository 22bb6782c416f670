"""Let the generator itself solve the test set: prompted, not trained, beside the students of the rounds."""

from gemquad.commandline import run_stage
from gemquad.files import write_json
from gemquad.generation.backends.registry import load_backend
from gemquad.generation.engine import Caps, Engine
from gemquad.generation.prompted_answers import prompted_answers
from gemquad.generation.store import CompletionStore, store_path
from gemquad.params import Compared, load_params
from gemquad.parquet import read_records, write_records
from gemquad.tasks.loading import load_task
from gemquad.weights import tuned
from gemquad.workspace import Workspace


def main(key: str) -> None:
    files, params = Workspace(), load_params()
    compared = Compared.of(key)
    task = load_task(params)
    test, exemplars = (read_records(path, task.records.example) for path in (files.test, files.exemplars))
    backend = load_backend(params.backend, tuned(params.generator, files.generator), params.generation)
    engine = Engine(backend, CompletionStore(store_path()), Caps.of(params.generation, params.prices))
    shown = task.prompter.few_shot_exemplars(exemplars, compared.seed) if compared.system == "few_shot_llm" else []
    if shown:
        languages = {exemplar.language for exemplar in shown}
        test = [example for example in test if example.language in languages]
    answers = prompted_answers(test, shown, engine, task.prompter)
    predictions = [task.prediction(example, "test", answer) for example, answer in zip(test, answers, strict=True)]
    write_records(files.compared_predictions(key), task.records.prediction, predictions)
    write_json(files.compared_curve(key), [])


if __name__ == "__main__":
    run_stage(main, "key")
