"""YAML files as people write them, safely: no key twice, no depth and no size beyond what settings have, one line of error."""

import re
from pathlib import Path
from typing import Any

import yaml

from gemquad.errors import UserError

_DEEPEST, _MOST, _BITS = 50, 100_000, 64
_NESTED = re.compile(rf"([\[{{]\s*){{{_DEEPEST + 1}}}")
"""PyYAML takes seconds over thousands of opened brackets before it finds them too deep."""
_MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, yaml.YAMLError)
"""What PyYAML lets through of numbers, dates and tags that are none, nesting, and bytes that are no text."""


class _Loader(yaml.SafeLoader):
    """That refuses a key written twice, and keeps one of those that merges bring together, so that they do not multiply."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        written = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        first = {(key.tag, key.value): key for key in reversed(written)}
        for key in written:
            if first[key.tag, key.value] is not key:
                raise yaml.YAMLError(f"line {key.start_mark.line + 1}: the key {key.value!r} stands there twice")
        super().flatten_mapping(node)
        node.value = [*{_identity(key): (key, value) for key, value in node.value}.values()]


def _identity(key: yaml.Node) -> object:
    return (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else id(key)


def read_yaml(path: Path, if_missing: str, if_malformed: str) -> Any:
    """What a YAML file holds.

    Raises:
        UserError: it is missing or is not YAML; the message ends with that remedy.
    """
    try:
        return parse_yaml(path.read_bytes(), str(path), if_malformed)
    except FileNotFoundError as error:
        raise UserError(f"{path} does not exist. {if_missing}") from error


def parse_yaml(content: bytes, name: str, if_malformed: str) -> Any:
    """What YAML in UTF-8 holds.

    Raises:
        UserError: it is none, or nothing that settings are; the message begins with `name` and ends with that remedy.
    """
    try:
        text = content.decode("utf-8-sig")
        if _NESTED.search(text):
            raise RecursionError
        value = yaml.load(text, _Loader)
        _check_size(value)
    except _MALFORMED as error:
        said = "nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())[:300]
        raise UserError(f"{name} is not YAML: {re.sub(r'[.]$', '', said)}. {if_malformed}") from error
    return value


def _check_size(value: Any) -> None:
    """Refuse, without recursion, what holds itself, what aliases multiply, odd keys, and numbers too long to be printed."""
    waiting, seen = [(value, 0)], 0
    while waiting:
        found, depth = waiting.pop()
        seen += 1
        if depth > _DEEPEST or seen > _MOST:
            raise ValueError(f"nested more than {_DEEPEST} deep or of more than {_MOST} values, aliases counted")
        if isinstance(found, dict):
            if odd := [key for key in found if not isinstance(key, str | int | float | None)]:
                raise ValueError(f"the key {str(odd[0])!r} is neither a text nor a number; write it in quotes")
            waiting += [(item, depth + 1) for item in found.values()]
        elif isinstance(found, list | tuple | set):
            waiting += [(item, depth + 1) for item in found]
        elif isinstance(found, int) and found.bit_length() > _BITS:
            raise ValueError(f"a whole number of more than {_BITS} bits")
