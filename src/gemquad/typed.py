"""From plain YAML to frozen dataclasses: every key known, every value of its type and in its range.

A dataclass is a section of settings. Its annotations are the types; `Annotated[type, Range(…)]` adds a range. The docstring below a
field explains it; `docs/generate.py` writes the reference of the parameters from both.
"""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from gemquad.errors import UserError


@dataclass(frozen=True)
class Range:
    """The values that a setting may have, in words that fit behind "it must be" and as a condition."""

    words: str
    holds: Callable[[Any], bool]


Count = Annotated[int, Range("1 or more", lambda value: value >= 1)]
Limit = Annotated[int | None, Range("1 or more, or null for all", lambda value: value is None or value >= 1)]
Share = Annotated[float, Range("0 to 1", lambda value: 0 <= value <= 1)]
Positive = Annotated[float, Range("over 0", lambda value: value > 0)]
NotNegative = Annotated[float, Range("0 or more", lambda value: value >= 0)]


def build_section(kind: Any, value: Any, where: str) -> Any:
    """Build the dataclass `kind` from a mapping; `where` names the place for errors, as "FILE" or "FILE: SECTION".

    Raises:
        UserError: a key is unknown or absent, or a value has the wrong type or is out of its range.
    """
    _require(isinstance(value, Mapping), where, "a section of settings", value)
    hints = typing.get_type_hints(kind, include_extras=True)
    unknown = [key for key in value if key not in hints]
    if unknown:
        raise UserError(f"{where}: unknown setting '{unknown[0]}'; known here: {', '.join(hints)}. Check the spelling.")
    required = [f.name for f in dataclasses.fields(kind) if f.default is f.default_factory is dataclasses.MISSING]
    for key in required:
        if key not in value:
            raise UserError(f"{where}: setting '{key}' is missing. Run `gemquad compose` to write the defaults again.")
    return kind(**{key: _build(hints[key], item, f"{where}: {key}") for key, item in value.items()})


def out_of_range(file: str, key: str, words: str) -> UserError:
    """What to say of a setting, by its dotted name, that has none of the values it may have."""
    return UserError(f"{file}: {key} is out of range; it must be {words}. Set it with `dvc exp run -S {key}=…`.")


def _build(kind: Any, value: Any, where: str) -> Any:
    """Build `kind` from plain YAML values, checking every key, type and range on the way."""
    origin = get_origin(kind)
    if kind is Any:
        return value
    if origin is Annotated:
        return _within(kind.__metadata__, _build(kind.__origin__, value, where), where)
    if dataclasses.is_dataclass(kind):
        return build_section(kind, value, where)
    if origin in (Union, types.UnionType):
        return None if value is None else _build(next(k for k in get_args(kind) if k is not type(None)), value, where)
    if origin is Literal:
        if value not in get_args(kind):
            raise UserError(f"{where} is {value!r}; it must be one of: {', '.join(map(str, get_args(kind)))}.")
        return value
    if origin in (dict, list, tuple):
        return _build_collection(kind, value, where)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    expected = "str, in quotes" if kind is str and isinstance(value, int | float) else kind.__name__
    _require(isinstance(value, kind) and (kind is bool or not isinstance(value, bool)), where, expected, value)
    return value


def _within(ranges: tuple[Range, ...], value: Any, where: str) -> Any:
    for allowed in ranges:
        if not allowed.holds(value):
            file, *keys = where.split(": ")
            raise out_of_range(file, ".".join(keys), allowed.words)
    return value


def _build_collection(kind: Any, value: Any, where: str) -> Any:
    origin, kinds = get_origin(kind), get_args(kind)
    if origin is dict:
        _require(isinstance(value, Mapping), where, "a mapping", value)
        return {_key(key, where): _build(kinds[1], item, f"{where}: {key}") for key, item in value.items()}
    if origin is list:
        _require(isinstance(value, list), where, "a list", value)
        return [_build(kinds[0], item, where) for item in value]
    _require(isinstance(value, list) and len(value) == len(kinds), where, "a list [low, high]", value)
    return tuple(_build(item_kind, item, where) for item_kind, item in zip(kinds, value, strict=True))


def _key(key: Any, where: str) -> str:
    """A key as text, also where it is a number. What YAML read as true or false was meant as a word."""
    if isinstance(key, bool):
        raise UserError(
            f"{where} has the key {str(key).lower()}: YAML reads yes, no, on and off as true and false. Write it in quotes."
        )
    return str(key)


def _require(holds: bool, where: str, expected: str, value: Any) -> None:
    if not holds:
        raise UserError(f"{where} is {value!r}; expected {expected}.")
