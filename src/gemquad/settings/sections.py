"""Sections of settings: frozen pydantic dataclasses, strict about types, read from what YAML or JSON holds.

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
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import ConfigDict, GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from gemquad.errors import UserError
from gemquad.settings.setting_errors import BY_OVERRIDE, sentence

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True)
T = TypeVar("T")
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""NUL and other controls but tab and line breaks, halves of characters, and what turns the direction of writing."""


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


Count = Annotated[int, Range("1 or more", lambda value: value >= 1), Range("under 2**31", lambda value: value < 2**31)]
Limit = Annotated[int | None, Range("1 or more, or null for all", lambda value: value is None or value >= 1)]
Share = Annotated[float, Range("0 to 1", lambda value: 0 <= value <= 1)]
Positive = Annotated[float, Range("over 0", lambda value: value > 0)]
NotNegative = Annotated[float, Range("0 or more", lambda value: value >= 0)]
Seed = Annotated[int, Range("0 to 4294967295", lambda value: 0 <= value < 2**32)]
"""What NumPy takes."""
Name = Annotated[str, Range("a name", lambda name: name.strip() != "")]
"""Of a file, a package or a model."""


def mistake(key: str, message: str) -> PydanticCustomError:
    """For validators: what is wrong with the setting `key` of the section at hand ("" is the value at hand itself).

    `message` follows the name of the setting. If it ends with a full stop it says what to do; else a remedy is added.
    """
    return PydanticCustomError("mistake", "{key} {message}", {"key": key, "message": message})


def check(kind: Any, value: Any) -> Any:
    """`value`, as YAML or JSON holds it, validated as a section of type `kind`.

    Raises:
        ValidationError: as pydantic has it; for people see `read_section`.
    """
    return TypeAdapter(kind).validate_json(json.dumps(value, default=str))


def read_section(
    kind: type[T], value: Any, file: str, renamed: Mapping[str, str] | None = None, remedy: str = BY_OVERRIDE
) -> T:
    """The content `value` of `file`, validated as a section.

    `renamed` gives new names of settings for those of earlier versions; `remedy` says how the setting `{key}` is corrected.

    Raises:
        UserError: a key is unknown or absent, a value has the wrong type or is out of its range; one line on the first of them.
    """
    for place in _keys_read_as_booleans(value):
        raise UserError(f"{file}: {place}: YAML reads yes, no, on and off as true and false. Write this key in quotes.")
    for place in _texts_with_controls(value):
        raise UserError(
            f"{file}: {place} holds a control character, which no name and no text needs. Write it without."
        )
    try:
        built: T = check(kind, value)
    except ValidationError as error:
        first = min(error.errors(include_url=False), key=lambda one: one["type"] != "unexpected_keyword_argument")
        raise UserError(f"{file}: {sentence(first, kind, value, renamed or {}, remedy)}") from error
    return built


def _texts_with_controls(value: Any, place: str = "it") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            here = f"{place}.{_CONTROL.sub('?', str(key))}".removeprefix("it.")
            yield from [here] if isinstance(key, str) and _CONTROL.search(key) else _texts_with_controls(item, here)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts_with_controls(item, place)
    elif isinstance(value, str) and _CONTROL.search(value):
        yield place


def _keys_read_as_booleans(value: Any, place: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            here = f"{place}.{str(key).lower() if isinstance(key, bool) else key}".removeprefix(".")
            if isinstance(key, bool):
                yield here
            yield from _keys_read_as_booleans(item, here)
