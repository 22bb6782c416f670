"""How many test examples, or seeds, would settle whether a gain is one: the power computation (`scoring/power.py`) from what a run
measured."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gemquad.report.content import PageContent
from gemquad.report.formatting import change, count, plural
from gemquad.schema.results import ALL, Delta
from gemquad.scoring.components import Components
from gemquad.scoring.power import Power, groups_needed, seen_in

_SEEDS = (3, 5, 10)
_POINTS = 2.0
_FOUND = "in 4 of 5 runs"


@dataclass(frozen=True)
class Step:
    """A finding with its numbers, what to do about it, and the command for that."""

    why: str
    next: str
    command: str


def to_settle(content: PageContent, language: str, deltas: Sequence[Delta]) -> Iterator[Step]:
    """Test examples for the likeliest of the gains, or for one of two points where there is none; and seeds."""
    tested, groups = content.examples("test", language), content.groups("test", language)
    known = [delta for delta in deltas if delta.found > 0 and len(delta.seeds) == 1]
    if groups < 2 or not known:
        return
    needs = [
        (need, one) for one in known if one.value > 0 and (need := groups_needed(_seen(content, one), 1, one.value))
    ]
    if not needs:
        yield _no_gain(content, known[0])
        return
    need, delta = min(needs, key=lambda one: one[0])
    wanted, examples = round_up(need * tested / groups), plural(content.terms.example)
    if wanted > tested:
        yield Step(
            f"{_measured(content, delta)}; a gain of that size is found {_FOUND} with {count(wanted)}",
            f"score {count(wanted - tested)} more test {examples}; no student is trained again",
            _test_command(content, language),
        )
    if language == ALL or not content.pooled:
        yield from _seeds(content, delta)


def round_up(number: float) -> int:
    """Two digits, upward: 1,234 is 1,300."""
    scale = 10 ** max(0, math.floor(math.log10(max(number, 1))) - 1)
    return math.ceil(number / scale) * scale


def _no_gain(content: PageContent, delta: Delta) -> Step:
    """What the test set can show at all, and what a small gain would need."""
    tested, groups = content.examples("test", delta.language), content.groups("test", delta.language)
    found, label = _seen(content, delta), content.label(delta.metric)
    least, needed = Power.of(found, groups, 1).detectable, groups_needed(found, 1, _POINTS)
    why = f"{_measured(content, delta)}; so many show a gain of {least:.1f} {label} or more {_FOUND}"
    wanted = count(round_up(needed * tested / groups)) if needed else "more than a million"
    return Step(
        why, f"for a gain of {_POINTS:g} {label} have {wanted} test {plural(content.terms.example)}", "gemquad estimate"
    )


def _seeds(content: PageContent, delta: Delta) -> Iterator[Step]:
    """How many seeds let the test set speak of the method, as it speaks of two students now."""
    tested, groups = content.examples("test", delta.language), content.groups("test", delta.language)
    needs = {seeds: groups_needed(_seen(content, delta), seeds, delta.value) for seeds in _SEEDS}
    enough = next((seeds for seeds, need in needs.items() if need and need <= groups), _SEEDS[-1])
    if not (need := needs[enough]):
        return
    wanted = f"{count(round_up(need * tested / groups))} test {plural(content.terms.example)}"
    on = "this test set" if need <= groups else wanted
    first = content.levers.seed
    seeds = ",".join(map(str, range(first, first + enough)))
    yield Step(
        "one seed speaks of these two students, not of the method",
        f"train {enough} seeds of each; the method's gain, if it is of that size, is then found {_FOUND} on {on}",
        f"dvc exp run -S 'comparison.systems=[baseline,sequential]' -S 'comparison.seeds=[{seeds}]'",
    )


def _seen(content: PageContent, delta: Delta) -> Components:
    languages = len(content.trained) if delta.language == ALL else 1
    return seen_in(delta.found, content.groups("test", delta.language), delta.metric, languages)


def _measured(content: PageContent, delta: Delta) -> str:
    examples = plural(content.terms.example)
    tested = count(content.examples("test", delta.language))
    return f"{change(delta, label=content.label(delta.metric))} on {tested} test {examples}"


def _test_command(content: PageContent, language: str) -> str:
    languages = content.trained if language == ALL else [language]
    return " ".join(["dvc exp run", *(f"-S ++data.languages.{code}.test=FILE" for code in languages)])
