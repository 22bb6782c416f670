from dataclasses import field, replace
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError
from pydantic.dataclasses import dataclass

from gemquad.errors import UserError
from gemquad.settings.sections import STRICT, Count, Limit, Range, Share, read_section
from gemquad.settings.setting_errors import new_name


@dataclass(frozen=True, config=STRICT)
class Inner:
    share: Share
    limit: Limit = None
    ends: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, config=STRICT)
class Bread:
    kind: Literal["rye", "wheat"]
    slices: int


@dataclass(frozen=True, config=STRICT)
class Soup:
    kind: Literal["soup"]
    litres: float


@dataclass(frozen=True, config=STRICT)
class Section:
    count: Count
    inner: Inner
    names: Annotated[
        list[str], Range("not empty", bool), Range("each name once", lambda names: len(set(names)) == len(names))
    ]
    kind: Literal["a", "b"] = "a"
    by_name: dict[str, Inner] = field(default_factory=dict)
    food: Annotated[Bread | Soup | None, Field(discriminator="kind")] = None


SOUND = {"count": 1, "inner": {"share": 1}, "names": ["x"]}


def test_yaml_values_become_a_section() -> None:
    raw = {**SOUND, "by_name": {5: {"share": 0, "ends": [2, 3]}}, "food": {"kind": "wheat", "slices": 2}}
    built = read_section(Section, raw, "file.yaml")
    assert built == Section(1, Inner(1.0), ["x"], "a", {"5": Inner(0.0, None, (2.0, 3.0))}, Bread("wheat", 2))
    assert isinstance(built.inner.share, float)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"count": 0}, "count is out of range; it must be 1 or more. Set it with `dvc exp run -S count=…`."),
        ({"inner": {"share": 1.5}}, "inner.share is out of range; it must be 0 to 1. Set it with"),
        ({"inner": {"share": 1, "limit": 0}}, "inner.limit is out of range; it must be 1 or more, or null for all."),
        ({"names": []}, "names is out of range; it must be not empty."),
        ({"names": ["x", "x"]}, "names is out of range; it must be each name once."),
        ({"count": "many"}, "count is 'many'; expected int. Set it with `dvc exp run -S count=…`."),
        ({"count": True}, "count is True; expected int."),
        ({"names": [3]}, "names is 3; expected str, in quotes."),
        ({"names": [False]}, "names is False; expected str; YAML reads yes, no, on and off as true and false, so"),
        ({"kind": "c"}, "kind is 'c'; it must be one of: a, b."),
        ({"by_name": {True: {}}}, "by_name.true: YAML reads yes, no, on and off as true and false. Write this key in"),
        ({"inner": 3}, "inner is 3; expected a section of settings."),
        ({"inner": {"share": 1, "ends": 3}}, "inner.ends is 3; expected a list [low, high]."),
        ({"inner": {"share": 1, "ends": [3]}}, "inner.ends is [3]; expected a list [low, high]."),
        ({"inner": {"share": 1, "limti": 3}}, "inner.limti: unknown setting; nearest: inner.limit. Known here: share,"),
        ({"by_name": {"x": {"hsare": 3}}}, "by_name.x.hsare: unknown setting; nearest: by_name.x.share."),
        (
            {"nmaes": []},
            "nmaes: unknown setting; nearest: names. Known here: count, inner, names, kind, by_name, food.",
        ),
        ({"inner": {}}, "setting 'inner.share' is missing. Run `gemquad compose` to write the defaults again."),
        ({"food": {"kind": "ryee"}}, "food.kind is 'ryee'; it must be one of: rye, wheat, soup (nearest: rye)."),
        ({"food": {}}, "food.kind is None; it must be one of: rye, wheat, soup."),
        ({"food": {"kind": "rye", "slice": 1}}, "food.slice: unknown setting; nearest: food.slices. Known here: kind,"),
        ({"food": {"kind": "soup", "litres": "2"}}, "food.litres is '2'; expected float."),
        ({"old": 3}, "old: this setting is now new.name. docs/migration.md has all that was renamed."),
    ],
)
def test_a_mistake_is_named_with_its_place_in_one_line(change: dict[str, object], message: str) -> None:
    with pytest.raises(UserError) as error:
        read_section(Section, {**SOUND, **change}, "file.yaml", {"old": "new.name"})
    assert str(error.value).startswith(f"file.yaml: {message}")
    assert "\n" not in str(error.value)


def test_a_file_with_another_remedy_says_it() -> None:
    with pytest.raises(UserError, match=r"^x: setting 'names' is missing\. Mend it\.$"):
        read_section(Section, {"count": 1, "inner": {"share": 1}}, "x", remedy="Mend it.")


def test_null_is_within_a_limit() -> None:
    assert read_section(Inner, {"share": 0, "limit": None}, "file.yaml").limit is None


def test_a_section_cannot_be_changed_but_replaced_within_its_ranges() -> None:
    section = Inner(0.5)
    assert replace(section, share=0.25) == Inner(0.25)
    with pytest.raises(ValidationError):
        replace(section, share=2.0)
    with pytest.raises(AttributeError):
        section.share = 0.25  # type: ignore[misc]


def test_the_new_name_keeps_what_stood_between() -> None:
    renamed = {"data.dev.*": "data.languages.*.dev", "data.dev": "data.languages"}
    assert new_name("data.dev.es", renamed) == "data.languages.es.dev"
    assert new_name("data.dev", renamed) == "data.languages"
    assert new_name("data.develop", renamed) is None


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), 10**400])
@pytest.mark.parametrize("place", ["share", "ends"])
def test_no_number_is_infinite_or_none(value: float, place: str) -> None:
    change = {"share": value} if place == "share" else {"share": 0, "ends": [0, value]}
    with pytest.raises(UserError, match=rf"^x: {place} is .*; expected a finite number\. Set it"):
        read_section(Inner, change, "x")


@pytest.mark.parametrize("control", ["\0", "\x1b", "\x85", "\u202e", "\u2066", "\ud800"])
@pytest.mark.parametrize(("place", "where"), [("names", "names"), ("kind", "kind"), ("by_name", r"by_name\.a\?")])
def test_no_text_holds_control_characters(control: str, place: str, where: str) -> None:
    change: dict[str, object] = {"names": [f"a{control}"], "kind": control, "by_name": {f"a{control}": {"share": 0}}}
    with pytest.raises(UserError, match=rf"^x: {where} holds a control character"):
        read_section(Section, {**SOUND, place: change[place]}, "x")


@pytest.mark.parametrize("text", ["a\tb\nc", "é 文 नमस्ते", "x\u200d"])
def test_white_space_and_other_scripts_are_text(text: str) -> None:
    assert read_section(Section, {**SOUND, "names": [text]}, "x").names == [text]


def test_numbers_are_such_as_machines_count_with() -> None:
    with pytest.raises(UserError, match=r"^x: count is out of range; it must be under 2\*\*31\."):
        read_section(Section, {**SOUND, "count": 2**31}, "x")
