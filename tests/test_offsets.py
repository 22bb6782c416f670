"""An offset that does not hold is mended where there is one answer to where it should point."""

import pytest

from gemquad.sources.offsets import true_start

UTF16, BYTES = "counted in UTF-16 units", "counted in bytes of UTF-8"
BARE, ONCE = "counted without the white space before the answer", "moved to the only place of the answer"


@pytest.mark.parametrize(
    ("passage", "given", "start", "found"),
    [
        ("😀😀 Ana, Lima y Lima", "Lima", 10, (8, UTF16)),
        ("¿Dónde? Lima y Lima", "Lima", 10, (8, BYTES)),
        ("लीमा में Lima, Lima", "Lima", 23, (9, BYTES)),
        ("Lima y\tLima", " Lima", 7, (7, BARE)),
        ("😀 en  Lima, Lima", " Lima", 6, (6, BARE)),
        ("Ana vive en Lima.", "Lima", 3, (12, ONCE)),
        ("Ana vive en Lima.", "Lima ", 900, (12, ONCE)),
        ("Ana vive en Lima.", "Lima", -5, (12, ONCE)),
        ("安娜住在利马。", "利马", 0, (4, ONCE)),
    ],
)
def test_it_is_known(passage: str, given: str, start: int, found: tuple[int, str]) -> None:
    assert true_start(passage, given, start) == found
    assert passage.startswith(given.strip(), found[0])


@pytest.mark.parametrize(
    ("passage", "given", "start"),
    [
        ("Lima y Lima", "Lima", 3),  # twice
        ("aaa", "aa", 5),  # twice, one over the other
        ("Limas y peras", "Lima", 3),  # a part of a word
        ("Ana vive en Lima.", "Quito", 3),
        ("😀é Lima Lima", "Lima", 5),  # UTF-16 says nothing, bytes are within a word
        ("😀 L L L", "L", 5),  # UTF-16 and bytes say different places
    ],
)
def test_nothing_is_guessed(passage: str, given: str, start: int) -> None:
    assert true_start(passage, given, start) is None
