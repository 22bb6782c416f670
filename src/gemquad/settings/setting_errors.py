"""What pydantic finds wrong with a section of settings, as one sentence for people: the setting, what is wrong, what to do."""

import dataclasses
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic_core import ErrorDetails

BY_OVERRIDE = "Set it with `dvc exp run -S {key}=…`."
_BY_COMPOSING = "Run `gemquad compose` to write the defaults again."


def sentence(error: ErrorDetails, kind: Any, value: Any, renamed: Mapping[str, str], remedy: str) -> str:
    """A validation error as one sentence: the setting, what is wrong with it and what to do."""
    context = error.get("ctx", {})
    key, siblings, forms = _locate([kind], error["loc"], value)
    match error["type"]:
        case "unexpected_keyword_argument":
            new = new_name(key, renamed)
            if new:
                return f"{key}: this setting is now {new}. docs/migration.md has all that was renamed."
            if not siblings:  # in a list of sections, which `_locate` does not look into
                return f"{key}: unknown setting. {remedy.format(key=key)}"
            section, _, name = key.rpartition(".")
            (nearest,) = get_close_matches(name, siblings, n=1, cutoff=0.0)
            named = f"{section}.{nearest}".removeprefix(".")
            return f"{key}: unknown setting; nearest: {named}. Known here: {', '.join(siblings)}."
        case "missing" if isinstance(error["loc"][-1], str):
            missing = _BY_COMPOSING if remedy == BY_OVERRIDE else remedy
            return f"setting '{key}' is missing. {missing}"
        case "mistake":
            name, message = f"{key}.{context['key']}".strip("."), context["message"]
            return f"{name} {message}" if message.endswith(".") else f"{name} {message}. {remedy.format(key=name)}"
        case "literal_error" | "union_tag_invalid" | "union_tag_not_found":
            tagged = error["type"] != "literal_error"
            name = f"{key}.kind".removeprefix(".") if tagged else key
            kinds = [kind for form in forms for kind in _kinds(form)]
            known = kinds if tagged else re.findall(r"'([^']*)'", context["expected"])
            given = error["input"].get("kind") if tagged else error["input"]
            near = get_close_matches(given, known, n=1) if isinstance(given, str) else []
            hint = f" (nearest: {near[0]})" if near else ""
            return f"{name} is {given!r}; it must be one of: {', '.join(known)}{hint}. {remedy.format(key=name)}"
    return f"{key} is {error['input']!r}; expected {_expected(error)}. {remedy.format(key=key)}".strip()


def _expected(error: ErrorDetails) -> str:
    value, expected = error["input"], _EXPECTED.get(error["type"], error["msg"])
    if error["type"] in ("string_type", "list_type") and isinstance(value, bool):
        return f"{expected}; YAML reads yes, no, on and off as true and false, so write it in quotes"
    return f"{expected}, in quotes" if error["type"] == "string_type" and isinstance(value, int | float) else expected


_EXPECTED = {
    "int_type": "int",
    "int_from_float": "int",
    "float_type": "float",
    "finite_number": "a finite number",
    "bool_type": "bool",
    "string_type": "str",
    "list_type": "a list",
    "dict_type": "a mapping",
    "dataclass_type": "a section of settings",
    "tuple_type": "a list [low, high]",
    "too_long": "a list [low, high]",
    "missing": "a list [low, high]",
}


def _locate(kinds: list[Any], place: Sequence[int | str], value: Any) -> tuple[str, list[str], list[Any]]:
    """The dotted name of a place within `value`, a section of one of `kinds`, the names of the settings beside it, its types.

    Pydantic's places hold positions in lists, which are left out, and the `kind` of a section that has several forms.
    """
    keys: list[str] = []
    siblings: list[str] = []
    kinds = [*_forms(kinds)]
    for part in place:
        if isinstance(part, int) or part == "[key]":
            continue
        tagged = [kind for kind in kinds if part in _kinds(kind)]
        if tagged:
            kinds = tagged
            continue
        keys.append(part)
        given = value if isinstance(value, Mapping) else {}
        meant = max(kinds, key=lambda kind: len(given.keys() & _hints(kind).keys()), default=None)
        siblings = list(_hints(meant))
        inner = _hints(meant).get(part, get_args(meant)[-1] if get_args(meant) else None)
        kinds, value = [*_forms([inner])], given.get(part)
    return ".".join(keys), siblings, kinds


def _kinds(form: Any) -> tuple[str, ...]:
    return get_args(_hints(form).get("kind"))


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


def new_name(key: str, renamed: Mapping[str, str]) -> str | None:
    """The current name of the setting `key` of an earlier version. A `*` in `renamed` stands for any one part of the name."""
    for old, new in renamed.items():
        found = re.match(re.escape(old).replace(r"\*", r"([^.]+)") + r"(?=$|\.)", key)
        if found:
            return new.replace("*", found[1]) if found.groups() else new
    return None
