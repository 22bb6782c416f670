"""Let the generator itself solve the test set: prompted, not trained, beside the students of the rounds."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.generation.backends.registry import load_backend
from gemquad.generation.engine import Caps, Engine
from gemquad.generation.prompted_answers import prompted_answers
from gemquad.generation.store import CompletionStore, store_path
from gemquad.params import load_params
from gemquad.records import read_records, write_json, write_records
from gemquad.tasks.loading import load_task


def main() -> None:
    args = parse_paths(__doc__, "exemplars", "test", "predictions", "curve", system=str, seed=int)
    params = load_params()
    task = load_task(params)
    test, exemplars = (read_records(path, task.records.example) for path in (args.test, args.exemplars))
    backend = load_backend(params.backend, params.generator, params.generation)
    engine = Engine(backend, CompletionStore(store_path()), Caps.of(params.generation, params.prices))
    shown = task.prompter.few_shot_exemplars(exemplars, args.seed) if args.system == "few_shot_llm" else []
    if shown:
        languages = {exemplar.language for exemplar in shown}
        test = [example for example in test if example.language in languages]
    answers = prompted_answers(test, shown, engine, task.prompter)
    predictions = [task.prediction(example, "test", answer) for example, answer in zip(test, answers, strict=True)]
    write_records(args.predictions, task.records.prediction, predictions)
    write_json(args.curve, [])


if __name__ == "__main__":
    exit_on_user_error(main)
