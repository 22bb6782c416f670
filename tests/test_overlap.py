import pytest

from gemquad.errors import UserError
from gemquad.sources.overlap import Overlap, find_overlaps, refuse_overlaps

NONE: dict[str, list[str]] = {"gold": [], "exemplars": [], "passages": [], "dev": [], "test": []}


def test_finds_shared_passages_up_to_case_and_white_space() -> None:
    (overlap,) = find_overlaps({**NONE, "passages": ["Uno  dos.", "Tres."], "test": ["uno dos."]})
    assert overlap == Overlap("passages-test", 1, "Uno  dos.")


def test_dev_and_test_must_differ_too() -> None:
    assert [o.roles for o in find_overlaps({**NONE, "dev": ["a"], "test": ["a"]})] == ["dev-test"]


def test_sharing_between_sources_is_fine() -> None:
    assert find_overlaps({**NONE, "exemplars": ["a"], "passages": ["a"]}) == []


def test_refuses_unless_named() -> None:
    overlap = Overlap("gold-dev", 2, "Uno")
    with pytest.raises(UserError, match=r"2 passage.* of gold are also in dev.*allow_overlap"):
        refuse_overlaps([overlap], [])
    refuse_overlaps([overlap], ["gold-dev"])
