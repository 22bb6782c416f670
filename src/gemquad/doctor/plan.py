"""What a run will take, said before it starts: `python -m gemquad.doctor.plan COMMAND…` prints it for `gemquad watch`.

A process of its own: what it imports should not stay in memory beside a run, and whatever goes wrong in it, the run goes on.
"""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gemquad.doctor.forecast import by_role, forecast, prompts_of, read_data, unfetched
from gemquad.doctor.telling import Plan, is_priced, offered, smaller, told
from gemquad.doctor.unchanged import unchanged
from gemquad.errors import UserError, first_line
from gemquad.generation.backends.registry import load_backend
from gemquad.generation.engine import Engine
from gemquad.generation.estimate import estimate
from gemquad.generation.pairs import PairPlan
from gemquad.generation.store import CompletionStore, store_path
from gemquad.params import Params, load_params
from gemquad.parquet import read_records
from gemquad.repository.run_state import other_than_defaults
from gemquad.settings.compose import compose
from gemquad.settings.overrides import OPTIONS, overrides_in
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace

_HOUR, _SAMPLE, _PATIENCE = 3600.0, 32, 120
_FORCED = {"--force", "-f"}
_NAMED = ("-n", "--name", "-m", "--message")


def plan(root: Path, file: Path, forced: bool = False) -> Plan:
    """Of the settings in `file`.

    Raises:
        UserError: settings or data are not what a run takes, data or weights are not here yet.
    """
    params = load_params(file)
    if waiting := unfetched(params, root):
        raise UserError(f"{', '.join(waiting.values())} come from the hub first")
    stages, kept = forecast(params, records := read_data(params, root)), set() if forced else unchanged(root, file)
    compared = {f"compare@{one}" for one in params.comparisons}
    kept |= {"compare"} if compared <= kept else set()
    left = {stage: seconds for stage, seconds in stages.items() if stage not in kept}
    if "generate" in kept:
        return Plan(params, left)
    files = Workspace(root)
    own = load_task(params).records.prompt
    prompts = read_records(files.prompts, own) if "prompt" in kept else prompts_of(params, by_role(params, records))
    if "generate" in left and not is_priced(params):
        left["generate"] *= _share_to_write(params, prompts)
        return Plan(params, left)
    found = estimate(prompts, _engine(params), _pairs(params), params.prices, _SAMPLE, 0)
    if "generate" in left:
        left["generate"] *= 1 - found.kept / found.prompts
    elif found.measured:
        left = {"generate": found.expected.seconds, **left}
    return Plan(params, left, found)


def _engine(params: Params) -> Engine:
    return Engine(load_backend(params.backend, params.generator, params.generation), CompletionStore(store_path()))


def _pairs(params: Params) -> PairPlan[Any]:
    return PairPlan(load_task(params).prompter, params.generation)


def _share_to_write(params: Params, prompts: Sequence[Any]) -> float:
    """The share of `prompts`, 0 to 1, whose completions the store lacks; the generator's libraries wait until there is a store."""
    if not store_path().exists() or not prompts:
        return 1.0
    engine, prompter = _engine(params), _pairs(params).prompter
    keys = engine.keys([prompter.request(prompt) for prompt in prompts])
    missing = engine.store.missing(keys)
    return sum(key in missing for key in keys) / len(keys)


def overrides_of(command: Sequence[str]) -> list[str] | None:
    """The overrides of `dvc exp run`, none of `dvc repro`; None for another command, and for one that runs a part or nothing."""
    words = [*command]
    if words[:2] == ["dvc", "repro"]:
        return None if set(words[2:]) - _FORCED else []
    if words[:3] != ["dvc", "exp", "run"]:
        return None
    found = {place: override for place, _, override in overrides_in(words)}
    known = {*_FORCED, "--temp", *OPTIONS, *_NAMED}
    others = [place for place in range(3, len(words)) if place not in found and words[place - 1] not in _NAMED]
    return [*found.values()] if {words[place] for place in others} <= known else None


def lines(root: Path, command: Sequence[str]) -> Iterator[str]:
    """What to print before `command` runs; the settings that `dvc repro` takes are those of params.yaml."""
    overrides = overrides_of(command)
    if overrides is None:
        return
    with TemporaryDirectory() as scratch:
        composed = partial(_composed, root, Path(scratch))
        own = composed(overrides) if command[1] == "exp" else root / "params.yaml"
        whole = plan(root, own, bool(_FORCED & {*command}))
        yield from told(whole, (root / ".dvc/cache/runs").exists())
        # what is offered starts from the defaults, as `dvc exp run` does
        if whole.seconds > _HOUR and (command[1] == "exp" or not other_than_defaults(root)):
            shorter = []
            for words in smaller(whole.params, overrides):
                with suppress(UserError):  # settings that do not go together
                    shorter.append((words, plan(root, composed(words)).seconds))
            yield from offered([one for one in shorter if one[1] < whole.seconds])


def _composed(root: Path, scratch: Path, overrides: Sequence[str]) -> Path:
    return compose(root, [*overrides], scratch / "params.yaml")


def _give_up(*_: object) -> None:
    raise TimeoutError(f"not found out within {_PATIENCE} seconds; gemquad doctor takes its time")


def main() -> None:
    """Print the plan for the command in the arguments, or in a line why there is none."""
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(_PATIENCE)
    try:
        for line in lines(Path(), sys.argv[1:]):
            print(line, flush=True)
    except Exception as error:  # a run must not end, whatever is in the way of forecasting it
        print(f"how long it takes is not known yet: {first_line(error)}", flush=True)


if __name__ == "__main__":
    main()
