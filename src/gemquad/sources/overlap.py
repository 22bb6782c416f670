"""The leak gate: no text may stand in two roles where one of them is evaluation.

Scores on texts that the generator or the student has seen say nothing about new ones. Texts (passages, or what a task labels) are
the same where they agree up to case, white space and Unicode composition; two are nearly the same where half of the runs of eight
words of the shorter one stand in the other, which finds excerpts and light edits. Eight words in a row are rarely shared by chance
(GPT-2 looked for leaks by them: Radford et al. 2019, section 4), and half of all is more than a quotation. Scripts without spaces
go by characters. Of single sentences that is not enough, so a task says how many runs must be shared; texts that share fewer are
alike: counted, not refused. Translations do not look alike: roles that take the same hub data set, in whatever languages, share
its texts (XQuAD and MLQA are parallel). An overlap that is part of a published setting is possible only by naming it in
`data.allow_overlap`, e.g. "passages-test".
"""

import hashlib
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from gemquad.errors import UserError
from gemquad.params import HUB
from gemquad.schema.results import Overlap, OverlapExample
from gemquad.text.spans import word_texts

EVALUATION_ROLES = ("dev", "test")
SOURCE_ROLES = ("gold", "translated", "exemplars", "passages")
_WHERE_GIVEN = ("corrected",)
"""Roles that are compared only in a run that has them."""

_RUN = 8
_NEAR = 0.5
_EXAMPLES = 5
_BEGINNING = 60


@dataclass(frozen=True, slots=True)
class Located:
    """A text and the file (or hub data set) that it stands in."""

    text: str
    file: str


@dataclass(frozen=True, slots=True)
class _Text:
    """A distinct text with its runs of eight words, as hashes."""

    located: Located
    runs: Sequence[int]


_Texts = Mapping[bytes, _Text]
"""The texts of a role by the SHA-256 of what makes them identical, which takes less room."""


def find_overlaps(
    roles: Mapping[str, Iterable[Located]], allowed: Sequence[str] = (), least_shared_runs: int = 1
) -> list[Overlap]:
    """Compare every role with dev and test, and dev with test; one entry per pair of roles, also without a finding.

    Near are texts that share half of their runs and at least `least_shared_runs`.
    """
    texts = {role: _distinct(located) for role, located in roles.items()}
    sources = [*SOURCE_ROLES, *(role for role in _WHERE_GIVEN if role in roles)]
    pairs = [(source, target) for target in EVALUATION_ROLES for source in sources] + [("dev", "test")]
    return [
        _compare(f"{first}-{second}", texts.get(first, {}), texts.get(second, {}), allowed, least_shared_runs)
        for first, second in pairs
    ]


def refuse_overlaps(overlaps: Sequence[Overlap]) -> None:
    """Raise an error for the first overlap that is not allowed.

    Raises:
        UserError: naming the text, both files and both remedies.
    """
    for refusal in refusals(overlaps):
        raise UserError(refusal)


def refusals(overlaps: Sequence[Overlap]) -> Iterator[str]:
    """What is said of each overlap that is not allowed: the roles, an example with both files, and both remedies."""
    for overlap in overlaps:
        if overlap.examples and not overlap.allowed:
            first, second = overlap.roles.split("-")
            example = overlap.examples[0]
            yield (
                f"{first} and {second} share texts ({overlap.identical} identical, {overlap.near} nearly, "
                f"{overlap.parallel} of one data set), e.g. “{example.beginnings[0]}…” in {example.files[0]} and "
                f"“{example.beginnings[1]}…” in {example.files[1]}. "
                f"Remove them from one of the two, or allow it by name: -S 'data.allow_overlap=[{overlap.roles}]'."
            )


def _compare(roles: str, sources: _Texts, targets: _Texts, allowed: Sequence[str], least_shared_runs: int) -> Overlap:
    identical = [(key, key) for key in targets if key in sources]
    similar = _similar(sources, {key: text for key, text in targets.items() if key not in sources})
    near = [pair for pair, shared in similar.items() if shared >= least_shared_runs]
    matched = {target for _, target in [*identical, *near]}
    parallel = [pair for pair in _of_one_data_set(sources, targets) if pair[1] not in matched]
    refused = islice([*identical, *near, *parallel], _EXAMPLES)
    return Overlap(
        roles=roles,
        compared=(len(sources), len(targets)),
        identical=len(identical),
        near=len(near),
        alike=len(similar) - len(near),
        parallel=len(parallel),
        allowed=roles in allowed,
        examples=tuple(_example(sources[source].located, targets[target].located) for source, target in refused),
    )


def _similar(sources: _Texts, targets: _Texts) -> dict[tuple[bytes, bytes], int]:
    """For every target that shares at least half of the runs of the shorter of the two: (source, target), and how many it shares.

    The source with which it shares most, the first of several.
    """
    keys = list(targets)
    holders: dict[int, list[int]] = {}
    for number, key in enumerate(keys):
        for run in targets[key].runs:
            holders.setdefault(run, []).append(number)
    found: dict[int, tuple[int, bytes]] = {}
    for source, text in sources.items():
        shared = Counter(number for run in text.runs for number in holders.get(run, ()))
        for number, count in shared.items():
            least = _NEAR * min(len(text.runs), len(targets[keys[number]].runs))
            if count >= least and count > found.get(number, (0, b""))[0]:
                found[number] = count, source
    return {(source, keys[number]): count for number, (count, source) in sorted(found.items())}


def _of_one_data_set(sources: _Texts, targets: _Texts) -> list[tuple[bytes, bytes]]:
    """(a source, target) for every target of a hub data set that a source is of too."""
    holders = {
        text.located.file: key for key, text in reversed(list(sources.items())) if text.located.file.startswith(HUB)
    }
    return [(holders[text.located.file], key) for key, text in targets.items() if text.located.file in holders]


def _distinct(texts: Iterable[Located]) -> _Texts:
    written: dict[str, Located] = {}
    for located in texts:
        written.setdefault(located.text, located)
    first: dict[bytes, _Text] = {}
    for located in written.values():
        same = _same(located.text)
        key = hashlib.sha256(same.encode("utf-8", "surrogatepass")).digest()
        if key not in first:
            first[key] = _Text(located, _runs(same))
    return first


def _runs(text: str) -> Sequence[int]:
    """The distinct runs of eight words, as hashes in little room; a shorter text is one run."""
    tokens = word_texts(text)
    return array("q", {hash(tuple(tokens[at : at + _RUN])) for at in range(max(len(tokens) - _RUN, 0) + 1)})


def _example(first: Located, second: Located) -> OverlapExample:
    return OverlapExample((first.file, second.file), (_beginning(first.text), _beginning(second.text)))


def _beginning(text: str) -> str:
    """For people: on one line."""
    return " ".join(text[: 2 * _BEGINNING].split())[:_BEGINNING]


def _same(text: str) -> str:
    """The same for texts that are identical up to case, white space and composition."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
