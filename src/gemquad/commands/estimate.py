"""The command `estimate`."""

from typing import Annotated

from typer import Option

from gemquad.errors import UserError
from gemquad.workspace import Workspace


def estimate(
    sample: Annotated[int, Option(metavar="N", min=1, help="prompts to count tokens of")] = 64,
    measure: Annotated[int, Option(metavar="N", min=0, help="completions to generate, and keep, for the forecast")] = 0,
) -> None:
    """Forecast tokens, time and money of the generation before it runs.

    The forecast is for data/prompts.parquet, which `dvc repro prompt` makes in seconds, and the present settings. Where no
    completion tells how long one takes, the speed of this machine is measured.

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

    params, path = load_params(), Workspace().prompts
    task = load_task(params)
    if not (prompts := read_records(path, task.records.prompt) if path.exists() else []):
        raise UserError(f"{path} is missing or empty. `dvc repro prompt` makes it in seconds, as `prompting` says.")
    backend = load_backend(params.backend, params.generator, params.generation)
    engine = Engine(backend, CompletionStore(store_path()), Caps.of(params.generation, params.prices))
    plan = PairPlan(task.prompter, params.generation)

    def pace(read: float, written: float, request: float) -> float:
        to_read, to_write = measure_writing(params.generator, params.generation, request)
        return read * to_read + written * to_write

    own = pace if params.backend.name == "transformers" else None
    print(*estimate(prompts, engine, plan, params.prices, sample, measure, own).lines(), sep="\n")
