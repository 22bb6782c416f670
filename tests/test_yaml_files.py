"""A YAML file that is none, or that means to do harm, is one line of error."""

from pathlib import Path

import pytest

from gemquad.errors import UserError
from gemquad.yaml_files import parse_yaml, read_yaml

BOMB = "a: &a0 [x, x]\n" + "\n".join(f"b{n}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]" for n in range(9))
MERGED = "a: &a0 {x: 1}\n" + "\n".join(f"b{n}: &a{n + 1} {{<<: [{', '.join([f'*a{n}'] * 9)}]}}" for n in range(9))

BROKEN = {
    "nested deeply": (b"[" * 3000 + b"]" * 3000, "nested"),
    "nested in blocks": ("\n".join(" " * n + "a:" for n in range(2000)).encode(), "nested"),
    "nested a little too deeply": (b"[" * 60 + b"]" * 60, "nested too deeply"),
    "number of 5000 digits": (b"a: " + b"9" * 5000, "integer string conversion"),
    "sexagesimal": (b"a: " + b"9" * 5000 + b":10", "integer string conversion"),
    "sexagesimal of many parts": (b"a: 1" + b":59" * 4000, "a whole number of more than 64 bits"),
    "binary number that is none": (b"a: 0b_", "invalid literal"),
    "date that is none": (b"a: 2026-13-45", "month must be in 1..12"),
    "time that is none": (b"a: 2026-01-01T00:00:00+99:99", ""),
    "latin-1": ("a: é".encode("latin-1"), "can't decode byte 0xe9"),
    "UTF-16": ("a: é".encode("utf-16"), "can't decode byte"),
    "holds itself": (b"a: &a [*a]", "nested more than 50 deep"),
    "holds itself as a mapping": (b"a: &a {b: *a}", "nested more than 50 deep"),
    "aliases that multiply": (BOMB.encode(), "of more than 100000 values, aliases counted"),
    "key twice": (b"seed: 1\nb: 2\nseed: 2", "line 3: the key 'seed' stands there twice"),
    "key twice below": (b"a:\n  b: {c: 1, d: 2, c: 3}", "line 2: the key 'c' stands there twice"),
    "key twice, once in quotes": (b"a: 1\n'a': 2", "line 2: the key 'a' stands there twice"),
    "date as a key": (b"2026-01-01: 1", "the key '2026-01-01' is neither a text nor a number"),
    "list as a key": (b"? [a]\n: 1", "unhashable key"),
    "tag of Python": (b"a: !!python/object/apply:os.system [x]", "could not determine a constructor"),
    "empty tagged number": (b"a: !!int ''", ""),
    "tagged truth": (b"a: !!bool x", ""),
    "tagged time": (b"a: !!timestamp x", ""),
    "NUL": (b"a: \0", "special characters are not allowed"),
    "no end": (b"a: [", "expected the node content"),
    "two documents": (b"a: 1\n---\nb: 2", "expected a single document"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_broken_is_one_line(tmp_path: Path, kind: str) -> None:
    content, message = BROKEN[kind]
    path = tmp_path / "params.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        read_yaml(path, "Write it.", "Mend it.")
    said = str(error.value)
    assert said.startswith(f"{path} is not YAML: ") and said.endswith(". Mend it.") and message in said
    assert "\n" not in said and len(said) < 500


def test_merges_do_not_multiply() -> None:
    assert parse_yaml(MERGED.encode(), "x", "")["b8"] == {"x": 1}


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"", None),
        (b"\xef\xbb\xbfa: 1", {"a": 1}),
        (
            b"a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\ne: [*x, *x]",
            {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}, "e": [{"b": 1, "c": 2}] * 2},
        ),
        (b"1: a\n'1': b\nnull: c", {1: "a", "1": "b", None: "c"}),
        (b"a: {k: 1}\nb: {k: 1}", {"a": {"k": 1}, "b": {"k": 1}}),
    ],
)
def test_what_is_sound_is_read(content: bytes, value: object) -> None:
    assert parse_yaml(content, "x", "") == value


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.yaml does not exist\. Write it\."):
        read_yaml(tmp_path / "none.yaml", "Write it.", "Mend it.")
