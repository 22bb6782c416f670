"""The leak gate: no passage may stand in two roles where one of them is evaluation.

Scores on passages that the generator or the student has seen say nothing about new ones. Passages are the same where they agree
up to case, white space and Unicode composition; two are nearly the same where half of the runs of eight words of the shorter one
stand in the other, which finds excerpts and light edits. Eight words in a row are rarely shared by chance (GPT-2 looked for leaks
by them: Radford et al. 2019, section 4), and half of all is more than a quotation. Scripts without spaces go by characters.
Translations do not look alike: roles that take the same hub data set, in whatever languages, share its passages (XQuAD and MLQA
are parallel). An overlap that is part of a published setting is possible only by naming it in `data.allow_overlap`, e.g.
"passages-test".
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from gemquad.errors import UserError
from gemquad.params import HUB
from gemquad.spans import word_texts

EVALUATION_ROLES = ("dev", "test")
SOURCE_ROLES = ("gold", "translated", "exemplars", "passages")

_RUN = 8
_NEAR = 0.5
_EXAMPLES = 5
_BEGINNING = 60


@dataclass(frozen=True)
class Located:
    """A passage and the file (or hub data set) that it stands in."""

    text: str
    file: str


@dataclass(frozen=True)
class Example:
    """One passage in both roles, or two that are nearly the same: where they stand, and how they begin."""

    files: tuple[str, str]
    beginnings: tuple[str, str]


@dataclass(frozen=True)
class Overlap:
    """What comparing two roles found, e.g. "passages-test".

    `compared` are the distinct passages of each; `identical` and `near` count those of the second role that stand in the first,
    `parallel` those of a hub data set that the first takes too.
    """

    roles: str
    compared: tuple[int, int]
    identical: int
    near: int
    parallel: int
    allowed: bool
    examples: tuple[Example, ...]


def find_overlaps(roles: Mapping[str, Iterable[Located]], allowed: Sequence[str] = ()) -> list[Overlap]:
    """Every role compared with evaluation, and dev with test; one entry per pair of roles, also where nothing was found."""
    passages = {role: _distinct(located) for role, located in roles.items()}
    pairs = [(source, target) for target in EVALUATION_ROLES for source in SOURCE_ROLES] + [("dev", "test")]
    return [_compare(first, second, passages, allowed) for first, second in pairs]


def refuse_overlaps(overlaps: Sequence[Overlap]) -> None:
    """Raise for the first overlap that is not allowed.

    Raises:
        UserError: naming the passage, both files and both remedies.
    """
    for overlap in overlaps:
        if overlap.examples and not overlap.allowed:
            first, second = overlap.roles.split("-")
            example = overlap.examples[0]
            raise UserError(
                f"{first} and {second} share passages ({overlap.identical} identical, {overlap.near} nearly, "
                f"{overlap.parallel} of one data set), e.g. “{example.beginnings[0]}…” in {example.files[0]} and "
                f"“{example.beginnings[1]}…” in {example.files[1]}. "
                f"Remove them from one of the two, or allow it by name: -S 'data.allow_overlap=[{overlap.roles}]'."
            )


def _compare(first: str, second: str, passages: Mapping[str, Mapping[str, Located]], allowed: Sequence[str]) -> Overlap:
    sources, targets = passages.get(first, {}), passages.get(second, {})
    identical = [(key, key) for key in targets if key in sources]
    near = _nearly_the_same(sources, [key for key in targets if key not in sources])
    matched = {target for _, target in [*identical, *near]}
    parallel = [pair for pair in _of_one_data_set(sources, targets) if pair[1] not in matched]
    return Overlap(
        roles=f"{first}-{second}",
        compared=(len(sources), len(targets)),
        identical=len(identical),
        near=len(near),
        parallel=len(parallel),
        allowed=f"{first}-{second}" in allowed,
        examples=tuple(_example(sources[a], targets[b]) for a, b in islice([*identical, *near, *parallel], _EXAMPLES)),
    )


def _nearly_the_same(sources: Iterable[str], targets: Sequence[str]) -> list[tuple[str, str]]:
    """(source, target) for every target that shares at least half of the runs of the shorter of the two; the first source."""
    runs = [_runs(target) for target in targets]
    holders: dict[int, list[int]] = {}
    for number, own in enumerate(runs):
        for run in own:
            holders.setdefault(run, []).append(number)
    found: dict[int, str] = {}
    for source in sources:
        own = _runs(source)
        shared = Counter(number for run in own for number in holders.get(run, ()))
        for number, count in shared.items():
            if count >= _NEAR * min(len(own), len(runs[number])):
                found.setdefault(number, source)
    return [(found[number], targets[number]) for number in sorted(found)]


def _of_one_data_set(sources: Mapping[str, Located], targets: Mapping[str, Located]) -> list[tuple[str, str]]:
    """(a source, target) for every target of a hub data set that a source is of too."""
    holders = {located.file: key for key, located in reversed(list(sources.items())) if located.file.startswith(HUB)}
    return [(holders[located.file], key) for key, located in targets.items() if located.file in holders]


def _runs(key: str) -> set[int]:
    """The runs of eight words of a passage, as hashes; a shorter passage is one run."""
    tokens = word_texts(key)
    return {hash(tuple(tokens[at : at + _RUN])) for at in range(max(len(tokens) - _RUN, 0) + 1)}


def _distinct(passages: Iterable[Located]) -> dict[str, Located]:
    distinct: dict[str, Located] = {}
    for passage in passages:
        distinct.setdefault(_key(passage.text), passage)
    return distinct


def _example(first: Located, second: Located) -> Example:
    return Example((first.file, second.file), (_beginning(first.text), _beginning(second.text)))


def _beginning(text: str) -> str:
    """For people: on one line."""
    return " ".join(text[: 2 * _BEGINNING].split())[:_BEGINNING]


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
