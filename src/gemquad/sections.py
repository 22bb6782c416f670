"""Sections of settings: frozen pydantic dataclasses, strict about types, and their errors as one line for people.

    @dataclass(frozen=True, config=STRICT)
    class Stopping:
        patience: Count

Dataclasses rather than `BaseModel`, so that `dataclasses.replace` checks what it changes. The docstring below a field explains it;
`docs/generate.py` writes the reference of the parameters from both. Values come as YAML or JSON holds them (a list for a tuple, a
whole number for a float); nothing else is converted.
"""

import dataclasses
import json
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import ConfigDict, GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from gemquad.errors import UserError

STRICT = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)
T = TypeVar("T")

_BY_OVERRIDE = "Set it with `dvc exp run -S {key}=…`."
_BY_COMPOSING = "Run `gemquad compose` to write the defaults again."


@dataclasses.dataclass(frozen=True)
class Range:
    """The values that a setting may have, in words that fit behind "it must be" and as a condition."""

    words: str
    holds: Callable[[Any], bool]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def _checked(self, value: Any) -> Any:
        if not self.holds(value):
            raise mistake("", f"is out of range; it must be {self.words}")
        return value


Count = Annotated[int, Range("1 or more", lambda value: value >= 1)]
Limit = Annotated[int | None, Range("1 or more, or null for all", lambda value: value is None or value >= 1)]
Share = Annotated[float, Range("0 to 1", lambda value: 0 <= value <= 1)]
Positive = Annotated[float, Range("over 0", lambda value: value > 0)]
NotNegative = Annotated[float, Range("0 or more", lambda value: value >= 0)]


def mistake(key: str, said: str) -> PydanticCustomError:
    """For validators: what is wrong with the setting `key` of the section at hand ("" is the value at hand itself).

    `said` goes on after the name of the setting. Where it ends a sentence it says what to do; else how to set it is added.
    """
    return PydanticCustomError("mistake", "{key} {said}", {"key": key, "said": said})


def check(kind: Any, value: Any, context: Mapping[str, Any] | None = None) -> Any:
    """`value`, as YAML or JSON holds it, as a section.

    Raises:
        ValidationError: as pydantic has it; for people see `read_section`.
    """
    return TypeAdapter(kind).validate_json(json.dumps(value, default=str), context=context)


def read_section(
    kind: type[T], value: Any, file: str, renamed: Mapping[str, str] | None = None, remedy: str = _BY_OVERRIDE
) -> T:
    """`value`, what `file` holds, as a section.

    `renamed` gives new names of settings for those of earlier versions; `remedy` says how the setting `{key}` is corrected.

    Raises:
        UserError: a key is unknown or absent, a value has the wrong type or is out of its range; one line on the first of them.
    """
    for place in _keys_read_as_booleans(value):
        raise UserError(
            f"{file}: {place}: YAML reads yes, no, on and off as true and false. Write this key in quotes."
        )
    try:
        built: T = check(kind, value)
    except ValidationError as error:
        first = min(error.errors(include_url=False), key=lambda one: one["type"] != "unexpected_keyword_argument")
        raise UserError(f"{file}: {_sentence(first, kind, value, renamed or {}, remedy)}") from error
    return built


def new_name(key: str, renamed: Mapping[str, str]) -> str | None:
    """What the setting `key` of an earlier version is called now; `*` in `renamed` stands for one part of a dotted name."""
    for old, new in renamed.items():
        found = re.match(re.escape(old).replace(r"\*", r"([^.]+)") + r"(?=$|\.|=)", key)
        if found:
            parts = iter(found.groups())
            return re.sub(r"\*", lambda _: next(parts), new)
    return None


def _sentence(error: ErrorDetails, kind: Any, value: Any, renamed: Mapping[str, str], remedy: str) -> str:
    """What is wrong, and what to do about it."""
    context = error.get("ctx", {})
    key, siblings = _locate([kind], error["loc"], value)
    match error["type"]:
        case "unexpected_keyword_argument":
            new = new_name(key, renamed)
            if new:
                return f"{key}: this setting is now {new}. docs/migration.md has all that was renamed."
            section, _, name = key.rpartition(".")
            (nearest,) = get_close_matches(name, siblings, n=1, cutoff=0.0)
            named = f"{section}.{nearest}".removeprefix(".")
            return f"{key}: unknown setting; nearest: {named}. Known here: {', '.join(siblings)}."
        case "missing":
            missing = _BY_COMPOSING if remedy == _BY_OVERRIDE else remedy
            return f"setting '{key}' is missing. {missing}"
        case "mistake":
            name, said = f"{key}.{context['key']}".strip("."), context["said"]
            return f"{name} {said}" if said.endswith(".") else f"{name} {said}. {remedy.format(key=name)}"
        case "literal_error" | "union_tag_invalid" | "union_tag_not_found":
            known = re.findall(r"'([^']*)'", context.get("expected") or context.get("expected_tags") or "") or siblings
            tagged = error["type"] != "literal_error"
            name = f"{key}.kind" if tagged else key
            given = error["input"].get("kind") if tagged else error["input"]
            near = [f" (nearest: {one})" for one in get_close_matches(str(given), known, n=1)]
            return f"{name} is {given!r}; it must be one of: {', '.join(known)}{''.join(near)}. {remedy.format(key=name)}"
    return f"{key} is {error['input']!r}; expected {_expected(error)}. {remedy.format(key=key)}".strip()


def _expected(error: ErrorDetails) -> str:
    value = error["input"]
    if error["type"] == "string_type" and isinstance(value, bool):
        return "text; YAML reads yes, no, on and off as true and false, so write it in quotes"
    if error["type"] == "string_type" and isinstance(value, int | float):
        return "str, in quotes"
    return _EXPECTED.get(error["type"], error["msg"])


_EXPECTED = {
    "int_type": "int",
    "int_from_float": "int",
    "float_type": "float",
    "bool_type": "bool",
    "string_type": "str",
    "list_type": "a list",
    "dict_type": "a mapping",
    "dataclass_type": "a section of settings",
    "tuple_type": "a list [low, high]",
    "too_long": "a list [low, high]",
    "missing_argument": "a list [low, high]",
}


def _locate(kinds: list[Any], place: Sequence[int | str], value: Any) -> tuple[str, list[str]]:
    """The dotted name of a place within `value`, a section of one of `kinds`, and the names of the settings beside it.

    Pydantic's places hold positions in lists, which are left out, and the `kind` of a section that has several forms.
    """
    keys: list[str] = []
    siblings: list[str] = []
    kinds = [*_forms(kinds)]
    for part in place:
        if isinstance(part, int) or part == "[key]":
            continue
        tagged = [kind for kind in kinds if part in get_args(_hints(kind).get("kind"))]
        if tagged:
            kinds = tagged
            continue
        keys.append(part)
        given = value if isinstance(value, Mapping) else {}
        meant = max(kinds, key=lambda kind: len(given.keys() & _hints(kind).keys()), default=None)
        siblings = list(_hints(meant))
        inner = _hints(meant).get(part, get_args(meant)[-1] if get_args(meant) else None)
        kinds, value = [*_forms([inner])], given.get(part)
    return ".".join(keys), siblings


def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind) if dataclasses.is_dataclass(kind) else {}


def _forms(kinds: Sequence[Any]) -> Iterator[Any]:
    """Each type alone: without what is annotated, and the members of unions."""
    for kind in kinds:
        origin = get_origin(kind)
        if origin is Annotated:
            yield from _forms([get_args(kind)[0]])
        elif origin in (Union, types.UnionType):
            yield from _forms(get_args(kind))
        elif kind is not None and origin is not Literal:
            yield kind


def _keys_read_as_booleans(value: Any, place: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            here = f"{place}.{str(key).lower() if isinstance(key, bool) else key}".removeprefix(".")
            if isinstance(key, bool):
                yield here
            yield from _keys_read_as_booleans(item, here)
