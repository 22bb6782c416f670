"""Inputs that nobody would write: good documents, tables and files with something wrong in them, and what hypothesis makes up."""

import csv
import io
import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

# fmt: off
TEXTS = [
    "", " ", "\0", "\x1b[31m", "\x85", "\u2028", "\u202ex", "\u2066", "\ufeff", "\ud800", "\udc00\ud800", "x" * 5000,
    "'", '"', '"a\n', "a\tb", "a,b\r\n", "０_4", "3", "٣", "0_4", " 3 ", "+3", "1e400", "0x3", "-0.0", "9" * 400, "@DIGITS@",
    "null", "true", "-1", "NaN", "inf", "../x", "/etc/*.json", "file:///x.json", "$(touch X)", "`touch X`", "ñ", "n\u0303", "犬",
    "!!python/name:os.system", "id",
]
VALUES: list[Any] = [
    None, True, False, -1, 0, 1.5, -0.0, 1e308, 2**63, 10**30, "@NUMBER@", [], {}, [[]], [None], {"a": {}}
]
IN_PLACE = {
    '"@NUMBER@"': ("NaN", "Infinity", "-Infinity", "1e999", "-1e400", "1:60:99", ".inf", "2020-13-45", "01", "0_1", "+1"),
    '"@DIGITS@"': ("9" * 5000, "-" + "1" * 4301, "0." + "3" * 9000),
    '"@DEEP@"': ("[" * 3000 + "]" * 3000, '{"a":' * 1500 + "1" + "}" * 1500, "[" * 90 + "]" * 90, "[" * 200_000),
}
"""What no `json.dumps` writes, by the text that stands for it."""
YAML = [
    "a: !!int ''", "a: !!bool x", "a: !!timestamp x", "? [a]\n: b", "<<: 5", "a: &a [*a]", "a: !!python/name:os.system x",
    "seed: 1\nseed: 2", "\tx", "{", "%YAML 9.9", "---\n---", "lang: no", "a: *b", 'a: "\\U00110000"', "? {b: c}\n: d", "a: |\n x",
]
# fmt: on
_CODECS = ("utf-8-sig", "utf-16", "utf-32-be", "latin-1", "cp1252", "utf-7")


def of_bytes(good: list[bytes], *more: Callable[[Random], bytes]) -> st.SearchStrategy[bytes]:
    """Broken good files, whatever each of `more` makes, and texts and bytes at random."""
    makers = [*more, *more, *([lambda rng: broken(rng.choice(good), rng)] if good else [])]
    made = st.randoms(use_true_random=True).flatmap(lambda rng: st.sampled_from(makers).map(lambda make: make(rng)))
    texts = st.text(st.characters(exclude_categories=())).map(lambda text: text.encode("utf-8", "surrogatepass"))
    return st.one_of(*[made] * 12, texts, st.binary(max_size=200))


def of_document(good: list[Any], *more: Callable[[Random], bytes]) -> st.SearchStrategy[bytes]:
    """As `of_bytes`, where the good files are JSON; nodes are changed, and replaced by values that hypothesis makes up."""
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()))
    values = st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    )

    def replaced(rng: Random, value: Any) -> bytes:
        holder, key = rng.choice(list(_places(document := [json.loads(json.dumps(rng.choice(good)))])))
        holder[key] = value
        return written(document[0], rng)

    files = [json.dumps(one, ensure_ascii=False).encode() for one in good]
    made_up = st.tuples(st.randoms(use_true_random=True), values).map(lambda drawn: replaced(*drawn))
    return st.one_of(of_bytes(files, lambda rng: written(changed(rng.choice(good), rng), rng), *more), made_up)


def changed(document: Any, rng: Random) -> Any:
    """A copy with one to three nodes replaced, removed, doubled, wrapped, exchanged, or under another key."""
    whole = [json.loads(json.dumps(document))]
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        holder, key = rng.choice(list(_places(whole)))
        other, its = rng.choice(list(_places(whole)))
        match rng.randrange(9):
            case 0 | 1 | 2:
                holder[key] = rng.choice([*VALUES, "@DEEP@", "@DIGITS@", *TEXTS])
            case 3 | 4 if isinstance(holder[key], str):
                at = rng.randint(0, len(holder[key]))
                holder[key] = holder[key][:at] + rng.choice(TEXTS) + holder[key][at:]
            case 5 if holder is not whole:
                del holder[key]
            case 6:
                holder[key] = rng.choice(([holder[key]] * 2, {"a": holder[key]}, str(holder[key])[:1000]))
            case 7:
                holder[key] = json.loads(json.dumps(other[its]))
            case _ if isinstance(holder, dict):
                holder[rng.choice(TEXTS)] = holder.pop(key)
            case _:
                holder.insert(0, holder[key])
        whole = [whole[0]]
    return whole[0]


def _places(holder: Any) -> Any:
    """Every place below a list or dictionary: who holds it, and under which key."""
    for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
        yield holder, key
        if isinstance(holder[key], dict | list):
            yield from _places(holder[key])


def written(document: Any, rng: Random) -> bytes:
    """The document as JSON, sometimes with what is no JSON, with a key twice, or broken as bytes."""
    rows = isinstance(document, list) and rng.random() < 0.3
    parts = document if rows else [document]
    text = "\n".join(json.dumps(one, ensure_ascii=rng.random() < 0.5) for one in parts)
    for mark, values in IN_PLACE.items():
        while mark in text:
            text = text.replace(mark, rng.choice(values), 1)
    if rng.random() < 0.1 and (keys := re.findall(r'"\w+": ', text)):
        at = rng.choice([match.end() for match in re.finditer("{", text)])
        text = f"{text[:at]}{rng.choice(keys)}{rng.choice(('1', 'null', '[]'))}, {text[at:]}"
    content = text.encode("utf-8", "surrogatepass")
    return broken(content, rng) if rng.random() < 0.1 else content


def broken(content: bytes, rng: Random) -> bytes:
    """One to four changes of bytes: flips, cuts, insertions, doubled parts, another encoding."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4))):
        first, last = sorted((rng.randint(0, len(data)), rng.randint(0, len(data))))
        match rng.randrange(7):
            case 0 | 1 if first < len(data):
                data[first] ^= 1 << rng.randrange(8)
            case 2:
                del data[first : min(last, first + rng.choice((1, 4, 10**6)))]
            case 3:
                data[first:first] = rng.choice(TEXTS).encode("utf-8", "surrogatepass")
            case 4:
                data[first:first] = data[first : min(last, first + 1000)]
            case 5:
                data[first:last] = data[first:last][::-1]
            case _:
                data = bytearray(data.decode("utf-8", "replace").encode(rng.choice(_CODECS), "replace"))
    return bytes(data)


def table(good: list[list[str]], delimiter: str, rng: Random) -> bytes:
    """A table with cells, rows or headers that are changed, removed or doubled; quoted, or just joined."""
    rows = [list(row) for row in good]
    for _ in range(rng.choice((1, 1, 2, 3))):
        row = rng.choice(rows)
        column = rng.randrange(len(row))
        match rng.randrange(6):
            case 0 | 1:
                row[column] = rng.choice(TEXTS)
            case 2:
                row[column] = rng.choice(('"', "'", "\0", "\n")) + row[column]
            case 3 if len(row) > 1:
                del row[column]
            case 4:
                row.append(rng.choice(row))
            case _:
                rows.insert(rng.randrange(len(rows)), list(rng.choice(rows)))
    if rng.random() < 0.5:
        text = "\n".join(delimiter.join(row) for row in rows) + "\n"
    else:
        csv.writer(file := io.StringIO(), delimiter=delimiter, lineterminator=rng.choice(("\n", "\r\n"))).writerows(
            rows
        )
        text = file.getvalue()
    content = text.encode("utf-8", "surrogatepass")
    return broken(content, rng) if rng.random() < 0.1 else content


def settings(good: str, rng: Random) -> bytes:
    """YAML with a line removed, doubled, or replaced by what only YAML has."""
    lines = good.split("\n")
    at = rng.randrange(len(lines))
    key, colon, _ = lines[at].partition(": ")
    value = json.dumps(rng.choice([*VALUES, "@DEEP@", "@DIGITS@", *TEXTS]))
    lines[at : at + 1] = rng.choice(
        ([], [lines[at]] * 2, [rng.choice(YAML)], [key + colon + value], [lines[at], rng.choice(YAML)])
    )
    text = "\n".join(lines)
    for mark, values in IN_PLACE.items():
        text = text.replace(mark, rng.choice(values))
    return text.encode("utf-8", "surrogatepass")
