"""What a run takes in lines for people, with commands that take less."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from shlex import join

from babel.dates import format_timedelta

from gemquad.doctor.measured import busy
from gemquad.generation.estimate import GenerationEstimate
from gemquad.params import Params


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


def is_priced(params: Params) -> bool:
    """Whether a token or an hour costs anything by the settings."""
    return any(astuple(params.prices))


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
        if is_priced(found.params):
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
        yield also(f"data.limits.gold={max(1, (params.data.limit('gold') or 1000) // 2)}")
