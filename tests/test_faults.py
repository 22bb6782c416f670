"""What a file's error says of all its faults, and that what is found twice counts once."""

from pathlib import Path

import pytest

from gemquad.errors import UserError
from gemquad.sources.faults import Faults, Mend, collected


def faults(*places: str) -> Faults:
    found = Faults(Path("my gold.json"))
    for place in places:
        found.add("no answer" if place == "b" else "no text", place, f"nothing at {place}", "Fill it in")
    return found


def test_one_fault_is_named_with_its_remedy() -> None:
    with pytest.raises(UserError) as error:
        faults("a").refuse()
    assert str(error.value) == "my gold.json, a: nothing at a. Fill it in."


def test_the_first_of_several_is_named_the_others_are_counted_by_kind() -> None:
    with pytest.raises(UserError) as error:
        faults("a", "b", "c", "d", "e").refuse()
    assert str(error.value) == (
        "my gold.json, a: nothing at a. Fill it in. 4 more in this file (no text 3, no answer 1), next: b, c. "
        "`gemquad check 'my gold.json'` shows all."
    )


def test_an_id_that_is_known_helps_to_find_the_place() -> None:
    found = Faults(Path("x"))
    found.add("no text", "", "nothing", "Fill it in", id="q\x1b7")
    with pytest.raises(UserError, match=r"^x: nothing\. Fill it in\. Its id is 'q\\x1b7'\.$"):
        found.refuse()


def test_the_same_fault_in_another_role_counts_once() -> None:
    found = faults("a", "a", "b")
    assert (len(found), [fault.place for fault in found.refused]) == (2, ["a", "b"])


def test_what_a_run_puts_right_is_no_fault() -> None:
    found = Faults(Path("x"))
    found.tolerate("no id", "a", Mend("ids made", {"id": "1"}))
    found.refuse()
    assert len(found) == 0 and [fault.place for fault in found.mendable] == ["a"] == [f.place for f in found.tolerated]


def test_a_caller_who_collects_is_not_interrupted() -> None:
    own = faults("a")
    with collected(own.path, own) as found:
        assert found is own
    with pytest.raises(UserError, match="nothing here"), collected(own.path, None) as found:
        found.add("no text", "", "nothing here", "")
