"""Let the generator itself solve the test set: prompted, not trained, beside the students of the rounds."""

from gemquad.commandline import run_stage
from gemquad.files import write_json
from gemquad.generation.asking import ask
from gemquad.generation.backend import load_backend
from gemquad.generation.engine import Caps, Engine
from gemquad.generation.store import Store, store_path
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.tasks.kinds import load_task
from gemquad.tasks.prompts import load_prompter
from gemquad.workspace import Workspace


def main(key: str) -> None:
    files, params = Workspace(), load_params()
    asked = params.prompted[key]
    task, prompter = load_task(params.task), load_prompter(params.task, params.prompting, params.generation)
    test, exemplars = (read_records(path, task.records.example) for path in (files.test, files.exemplars))
    backend = load_backend(params.backend, params.generator, params.generation)
    engine = Engine(backend, Store(store_path()), Caps.of(params.generation, params.prices))
    shown = prompter.shown(exemplars, asked.seed) if asked.system == "few_shot_llm" else []
    if shown:
        languages = {exemplar.language for exemplar in shown}
        test = [example for example in test if example.language in languages]
    answers = ask(test, shown, engine, prompter)
    predictions = [task.prediction(example, "test", answer) for example, answer in zip(test, answers, strict=True)]
    write_records(files.compared_predictions(key), task.records.prediction, predictions)
    write_json(files.compared_curve(key), [])


if __name__ == "__main__":
    run_stage(main, "key")
