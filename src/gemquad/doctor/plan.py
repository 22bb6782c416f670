"""What a run will take, said before it starts: `python -m gemquad.doctor.plan COMMAND…` prints it for `gemquad watch`.

A process of its own: what it imports should not stay in memory beside a run, and whatever goes wrong in it, the run goes on.
"""

import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from shlex import join
from tempfile import TemporaryDirectory
from typing import Any

from babel.dates import format_timedelta

from gemquad.doctor.forecast import by_role, forecast, prompts_of, read_data, unfetched
from gemquad.doctor.measured import busy
from gemquad.doctor.unchanged import unchanged
from gemquad.errors import UserError, first_line
from gemquad.generation.backends.registry import load_backend
from gemquad.generation.engine import Engine
from gemquad.generation.estimate import GenerationEstimate, estimate
from gemquad.generation.pairs import PairPlan
from gemquad.generation.store import CompletionStore, store_path
from gemquad.params import Params, load_params
from gemquad.parquet import read_records
from gemquad.settings.compose import compose
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace

_HOUR, _SAMPLE, _PATIENCE = 3600.0, 32, 120
_FORCED = {"--force", "-f"}


@dataclass(frozen=True)
class Plan:
    """Seconds by stage of a run with `params`, without those that DVC need not run; what its generation takes, if that is known."""

    params: Params
    stages: dict[str, float]
    generation: GenerationEstimate | None = None

    @property
    def seconds(self) -> float:
        return sum(self.stages.values())


def lasting(seconds: float) -> str:
    """A time in words: "67 minutes"."""
    return format_timedelta(round(seconds), threshold=3, locale="en")


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
    if "generate" in left and not _is_priced(params):
        left["generate"] *= _share_to_write(params, prompts)
        return Plan(params, left)
    found = estimate(prompts, _engine(params), _pairs(params), params.prices, _SAMPLE, 0)
    if "generate" in left:
        left["generate"] *= 1 - found.kept / found.prompts
    elif found.measured:
        left = {"generate": found.expected.seconds, **left}
    return Plan(params, left, found)


def _is_priced(params: Params) -> bool:
    return any(astuple(params.prices))


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
    found, rest = [], iter(words[3:])
    for word in rest:
        if word in ("-S", "--set-param"):
            found.append(next(rest, ""))
        elif word.startswith(("-S", "--set-param=")):
            found.append(word.removeprefix("--set-param=").removeprefix("-S"))
        elif word in ("-n", "--name", "-m", "--message"):
            next(rest, None)
        elif word not in (*_FORCED, "--temp"):
            return None
    return [one.removeprefix("params.yaml:") for one in found]


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
        if whole.seconds > _HOUR:
            every = ((words, plan(root, composed(words)).seconds) for words in smaller(whole.params, overrides))
            shorter = [(words, seconds) for words, seconds in every if seconds < whole.seconds]
            yield from offered(shorter)


def offered(shorter: Sequence[tuple[Sequence[str], float]]) -> Iterator[str]:
    """Commands that take less, by overrides and seconds."""
    if shorter:
        yield "over an hour; shorter, after Ctrl-C, which loses nothing:"
    for words, seconds in sorted(shorter, key=lambda one: one[1]):
        sets = [part for one in words for part in ("-S", one)]
        yield f"  {lasting(seconds):>11}  gemquad watch {join(['dvc', 'exp', 'run', *sets])}"


def told(found: Plan, has_runs: bool) -> Iterator[str]:
    """The time of the whole and of each stage over a minute; tokens and money where they are another's."""
    served = found.params.backend.name != "transformers" and "generate" not in found.stages and found.generation
    if not found.stages:
        yield "nothing to compute: every model has answered and learnt already"
    else:
        yield f"this run takes roughly {lasting(found.seconds)} on this machine, by its measured speed"
        notes = [f"without the generation, whose time backend={found.params.backend.name} decides"] if served else []
        notes += ["more than on an idle machine: other programs are at work"] if busy() else []
        notes += ["less where DVC's cache of earlier experiments has a stage"] if has_runs else []
        yield from (f"  {note}" for note in notes)
    yield from (f"  {stage:12} {lasting(seconds):>11}" for stage, seconds in found.stages.items() if seconds > 60)
    if found.generation and found.generation.kept < found.generation.prompts:
        *amounts, money = found.generation.spending
        yield from (f"  generation: {line}" for line in amounts)
        if _is_priced(found.params):
            yield f"  generation: {money}"
        else:
            yield "  its price is not known: -S prices.prompt_tokens=… -S prices.completion_tokens=… (per million)"


def smaller(params: Params, overrides: Sequence[str]) -> Iterator[list[str]]:
    """Overrides that make a run shorter, each behind those that are set and are not of the same key."""

    def also(word: str) -> list[str]:
        key = f"{word.partition('=')[0]}="
        return [*(one for one in overrides if not one.startswith(key)), word]

    if not any(one.startswith("experiment=") for one in overrides):
        yield also("experiment=quick")
    if len(params.lang) > 1:
        yield also(f"lang={params.lang[0]}")
    if params.stopping.max_rounds > 1:
        yield also("stopping.max_rounds=1")
    if params.data.gold:
        yield also(f"data.limits.gold={(params.data.limit('gold') or 1000) // 2}")


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
