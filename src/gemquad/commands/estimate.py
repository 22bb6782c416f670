"""The command `estimate`."""

from typing import TYPE_CHECKING, Annotated

from typer import Option

from gemquad.errors import UserError
from gemquad.workspace import Workspace

if TYPE_CHECKING:
    from gemquad.params import Params
    from gemquad.scoring.sheets import Answers
    from gemquad.tasks.base import AnyTask


def estimate(
    sample: Annotated[int, Option(metavar="N", min=1, help="prompts to count tokens of")] = 64,
    measure: Annotated[int, Option(metavar="N", min=0, help="completions to generate, and keep, for the forecast")] = 0,
) -> None:
    """Forecast tokens, time and money of the generation before it runs, and what differences the test set can show.

    The forecast is for data/prompts.parquet, which `dvc repro prompt` makes in seconds, and the present settings. Where no
    completion tells how long one takes, the speed of this machine is measured.

    The differences are those that `comparison.seeds` students show on the test set; how students vary is taken from the dev answers
    of the run at hand, else from the documented default.

    $ gemquad estimate
    $ gemquad estimate --measure 200
    """
    from gemquad.doctor.models import measure_writing
    from gemquad.generation.backends.registry import load_backend
    from gemquad.generation.engine import Caps, Engine
    from gemquad.generation.estimate import estimate
    from gemquad.generation.pairs import PairPlan
    from gemquad.generation.store import CompletionStore, store_path
    from gemquad.params import load_params
    from gemquad.parquet import read_records
    from gemquad.tasks.loading import load_task
    from gemquad.weights import tuned

    params, path = load_params(), Workspace().prompts
    task = load_task(params)
    if not (prompts := read_records(path, task.records.prompt) if path.exists() else []):
        raise UserError(f"{path} is missing or empty. `dvc repro prompt` makes it in seconds, as `prompting` says.")
    generator = tuned(params.generator, Workspace().generator)
    backend = load_backend(params.backend, generator, params.generation)
    engine = Engine(backend, CompletionStore(store_path()), Caps.of(params.generation, params.prices))
    plan = PairPlan(task.prompter, params.generation)

    def pace(read: float, written: float, request: float) -> float:
        to_read, to_write = measure_writing(generator, params.generation, request)
        return read * to_read + written * to_write

    own = pace if params.backend.name == "transformers" else None
    print(*estimate(prompts, engine, plan, params.prices, sample, measure, own).lines(), sep="\n")
    print(*run_power(params, Workspace(), task), sep="\n")


def run_power(params: "Params", files: Workspace, task: "AnyTask") -> list[str]:
    """The power of the prepared test set in words, by the answers of an earlier run where there are some."""
    from gemquad.params import Compared
    from gemquad.parquet import read_records
    from gemquad.rounds.stopping import system_name
    from gemquad.scoring.power_forecast import power_lines
    from gemquad.scoring.sheets import SystemAnswers, answers, sheets

    paths = [(system_name(r), params.seed, files.round(r).predictions) for r in range(params.stopping.max_rounds + 1)]
    keys = [*params.comparisons, *params.prompted]
    paths += [(*Compared.of(key), files.compared_predictions(key)) for key in keys]
    runs: dict[str, dict[int, Answers]] = {}
    for name, seed, path in paths:
        try:
            found = answers(read_records(path, task.records.prediction)) if path.exists() else {}
        except UserError:  # of a run with another task
            continue
        if found:
            runs.setdefault(name, {})[seed] = found
    systems = [SystemAnswers(name, "", {}, by_seed) for name, by_seed in runs.items()]
    splits = {
        name: read_records(path, task.records.example) for name, path in (("dev", files.dev), ("test", files.test))
    }
    trained = {name: [one for one in every if one.language in params.lang] for name, every in splits.items()}
    return power_lines(systems, sheets(trained, task, params.lang), len(params.comparison.seeds), task)
