"""Let the generator itself solve the test set: prompted, not trained, beside the students of the rounds."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.generation.asking import ask
from gemquad.generation.backend import load_backend
from gemquad.generation.engine import Caps, Engine
from gemquad.generation.store import Store, store_path
from gemquad.params import Compared, load_params
from gemquad.records import read_records, write_json, write_records
from gemquad.tasks.kinds import load_task
from gemquad.tasks.prompts import load_prompter


def main() -> None:
    args = parse_paths(__doc__, "exemplars", "test", "predictions", "curve", key=str)
    compared = Compared.of(args.key)
    params = load_params()
    task, prompter = load_task(params.task), load_prompter(params.task, params.prompting, params.generation)
    test, exemplars = (read_records(path, task.records.example) for path in (args.test, args.exemplars))
    backend = load_backend(params.backend, params.generator, params.generation)
    engine = Engine(backend, Store(store_path()), Caps.of(params.generation, params.prices))
    shown = prompter.shown(exemplars, compared.seed) if compared.system == "few_shot_llm" else []
    if shown:
        languages = {exemplar.language for exemplar in shown}
        test = [example for example in test if example.language in languages]
    answers = ask(test, shown, engine, prompter)
    predictions = [task.prediction(example, "test", answer) for example, answer in zip(test, answers, strict=True)]
    write_records(args.predictions, task.records.prediction, predictions)
    write_json(args.curve, [])


if __name__ == "__main__":
    exit_on_user_error(main)
