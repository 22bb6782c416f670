"""What must hold of all that a reader returns, said without the readers' own checks; `AssertionError` where it does not."""

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import yaml

from gemquad.schema import LabelledText, Passage, Question
from gemquad.tasks.columns import Column

UNSOUND = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
CLASSES = {"positive": "1", "negative": "0"}
DELIMITERS = {".csv": ",", ".tsv": "\t"}


def texts_in(value: Any) -> Iterator[str]:
    """Every text in records, keys included."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        yield from texts_in([getattr(value, one.name) for one in fields(value)])
    elif isinstance(value, Mapping):
        yield from texts_in([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_in(one)
    elif isinstance(value, float):
        assert math.isfinite(value), f"{value} in what was read"


def all_sound(value: Any, _: bytes = b"") -> None:
    """Numbers are finite, and no text holds what has no UTF-8, hides, or turns the direction of what follows."""
    for text in texts_in(value):
        assert not UNSOUND.search(text), f"{text[:80]!r} was read"


def strict_json(content: bytes) -> None:
    """What was accepted has no key twice and no NaN, on any line."""

    def unique(pairs: list[tuple[str, Any]]) -> None:
        twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
        assert not twice, f"{twice} twice"

    def finite(text: str) -> float:
        assert math.isfinite(float(text)), f"{text} was read"
        return 0.0

    text = content.decode("utf-8").lstrip("\ufeff")  # marks of a byte order, also one behind another
    try:
        json.loads(text, object_pairs_hook=unique, parse_constant=finite, parse_float=finite)
    except json.JSONDecodeError:
        for line in filter(str.strip, text.split("\n")):
            json.loads(line, object_pairs_hook=unique, parse_constant=finite, parse_float=finite)


def sound_questions(found: list[Question], content: bytes) -> None:
    """Answers stand at their places and begin and end with a visible character; ids are unique."""
    strict_json(content)
    all_sound(found)
    assert found and len({one.id for one in found}) == len(found), "ids twice"
    for one in found:
        assert all(text.strip() for text in (one.id, one.passage, one.question)) and one.answers, "an empty text"
        for text, start in zip(one.answers, one.answer_starts, strict=True):
            assert type(start) is int and start >= 0 and one.passage[start : start + len(text)] == text, (
                "a wrong offset"
            )
            assert text == text.strip() and text, f"the answer {text!r}"
        assert one.title not in ("None", "[]", "{}"), f"title {one.title!r}"


def sound_passages(found: list[Passage], content: bytes) -> None:
    """Passages with their ids."""
    strict_json(content)
    all_sound(found)
    assert found and all(one.text.strip() and one.id == Passage.id_of(one.text) for one in found)


def sound_labelled(found: list[LabelledText], content: bytes, suffix: str, classes: bool) -> None:
    """Labels as the task has them; one column of each name; as many rows as a table has."""
    all_sound(found)
    assert found and len({one.id for one in found}) == len(found), "ids twice"
    for one in found:
        assert one.id.strip() and one.text.strip() and (classes or one.second.strip()), "an empty text"
        assert one.id not in ("True", "False", "None"), f"id {one.id}"
        number = None if classes else float(one.label)
        assert one.label in CLASSES if number is None else repr(number) == one.label and 0 <= number <= 5, one.label
        assert one.label != "-0.0", "a negative nothing"
    if suffix in (".csv", ".tsv"):
        sound_table(len(found), content, suffix)
        given = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=DELIMITERS[suffix])
        labels = [row["label"] for row in given]
    else:
        strict_json(content)
        labels = re.findall(r'"label": "([^"]*)"', content.decode("utf-8-sig"))
    assert classes or all(re.fullmatch(r"[ -^`-~]*", label) for label in labels if label), "a number in odd digits"


def sound_table(count: int, content: bytes, suffix: str) -> None:
    """A TSV has a row per line, as its texts may begin with a quotation mark; no table has two columns of a name."""
    text = content.decode("utf-8-sig")
    lines = [line for line in re.split("\r\n|\n|\r", text) if line]
    if suffix == ".tsv" and '"' not in text:
        assert count == len(lines) - 1, f"{count} rows of {len(lines) - 1} lines"
    if suffix == ".tsv" and not any(cell.endswith('"') for line in lines for cell in line.split("\t")):
        assert count == len(lines) - 1, f"{count} rows of {len(lines) - 1} lines that end no quotation"
    header = next(csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[suffix]))
    assert len(set(header)) == len(header), f"columns {header}"


def sound_rows(found: list[dict[str, Any]], content: bytes, columns: Sequence[Column], suffix: str) -> None:
    """Rows that can be written as JSON, with the columns that are asked for."""
    all_sound(found)
    json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
    assert all(row[column.name].strip() for row in found for column in columns)
    sound_table(len(found), content, suffix) if suffix in (".csv", ".tsv") else strict_json(content)


def sound_readme(found: Any, _: bytes) -> None:
    """There are no files of data beside it."""
    files, licence = found
    assert files == [], "files from elsewhere"
    json.dumps(licence)


def sound_settings(found: Any, content: bytes) -> None:
    """No key stands twice."""
    all_sound(found)

    def unique(node: yaml.Node) -> None:
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            assert len(set(keys)) == len(keys), f"a key of {keys[:9]} twice"
        for child in node.value if isinstance(node.value, list) else []:
            for one in child if isinstance(child, tuple) else (child,):
                unique(one)

    unique(yaml.compose(content.decode("utf-8-sig"), Loader=yaml.SafeLoader))


def sound_score(found: dict[str, Any], content: bytes) -> None:
    """Finite scores that can be printed."""
    strict_json(content)
    assert 0 <= found["f1"] <= 100 and 0 <= found["exact_match"] <= 100
    json.dumps(found, allow_nan=False)


def equal_to(expected: Any, found: Any, _: bytes) -> None:
    """A damaged file is refused, or gives what was written."""
    assert found == expected, "other records"
