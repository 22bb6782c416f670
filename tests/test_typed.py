from dataclasses import dataclass, field
from typing import Annotated, Literal

import pytest

from gemquad.errors import UserError
from gemquad.typed import Count, Limit, Range, Share, build_section


@dataclass(frozen=True)
class Inner:
    share: Share
    limit: Limit = None


@dataclass(frozen=True)
class Section:
    count: Count
    inner: Inner
    names: Annotated[
        list[str], Range("not empty", bool), Range("each name once", lambda names: len(set(names)) == len(names))
    ]
    kind: Literal["a", "b"] = "a"
    by_name: dict[str, float] = field(default_factory=dict)


SOUND = {"count": 1, "inner": {"share": 1}, "names": ["x"]}


def test_yaml_values_become_a_section() -> None:
    built = build_section(Section, {**SOUND, "by_name": {5: 2}}, "file.yaml")
    assert built == Section(1, Inner(1.0), ["x"], "a", {"5": 2.0})
    assert isinstance(built.inner.share, float)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"count": 0}, "file.yaml: count is out of range; it must be 1 or more. Set it with `dvc exp run -S count=…`."),
        ({"inner": {"share": 1.5}}, "file.yaml: inner.share is out of range; it must be 0 to 1"),
        ({"inner": {"share": 1, "limit": 0}}, "inner.limit is out of range; it must be 1 or more, or null for all"),
        ({"names": []}, "names is out of range; it must be not empty"),
        ({"names": ["x", "x"]}, "names is out of range; it must be each name once"),
        ({"count": "many"}, "file.yaml: count is 'many'; expected int."),
        ({"kind": "c"}, "file.yaml: kind is 'c'; it must be one of: a, b."),
        ({"by_name": {True: 1}}, "YAML reads yes, no, on and off as true and false"),
        ({"inner": 3}, "file.yaml: inner is 3; expected a section of settings."),
    ],
)
def test_a_mistake_is_named_with_its_place(change: dict[str, object], message: str) -> None:
    with pytest.raises(UserError) as error:
        build_section(Section, {**SOUND, **change}, "file.yaml")
    assert message in str(error.value)


def test_null_is_within_a_limit() -> None:
    assert build_section(Inner, {"share": 0, "limit": None}, "file.yaml").limit is None
