"""Every reader that a file of a user, or of another, can reach: good files of it, and what must hold of all that it returns."""

import csv
import io
import json
import math
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache, partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from hypothesis import strategies as st

import fuzz_inputs as made
from conftest import pair, question
from gemquad.files import checked, read_result
from gemquad.generation.store import CompletionStore
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.schema import LabelledText, Passage, Question, SyntheticPair, results
from gemquad.scoring.files import score_file
from gemquad.sections import read_yaml
from gemquad.serving import rows
from gemquad.sources.entries import HubSource, read_catalogue
from gemquad.sources.hub import Wanted, _declared, _licence, _metadata, records
from gemquad.spans import Span
from gemquad.student.description import read_description
from gemquad.tasks.columns import PASSAGE, QUESTION, Column
from gemquad.tasks.loading import load_saved_task
from gemquad.tasks.requests import GenerationResult
from gemquad.tasks.settings import read_task

ROOT = Path(__file__).parents[1]
UNSOUND = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
CLASSES = {"positive": "1", "negative": "0"}
COLUMNS = {"text": "sentence", "label": "label", "id": "id"}
REVIEWS = {"name": "r", "kind": "text_classification", "labels": CLASSES, "columns": COLUMNS, "metrics": ["accuracy"]}
ALIKE = {
    "name": "a",
    "kind": "pair_similarity",
    "range": [0, 5],
    "columns": {"text": "sentence", "second": "other", "label": "label"},
    "metrics": ["pearson"],
}
DELIMITERS = {".csv": ",", ".tsv": "\t"}
PASSAGE_TEXT = "Ana vive en Lima. Eva vive en Quito. 🙂 Luis vive en Cusco."


@dataclass(frozen=True)
class Reader:
    """`read` returns what a file named `file` holds; `sound` raises `AssertionError` for what it should have refused."""

    file: str
    inputs: st.SearchStrategy[bytes]
    read: Callable[[Path], Any]
    sound: Callable[[Any, bytes], None]
    named: str = ""
    """What a refusal names, where that is not the file."""


def squad(*identifiers: Any) -> dict[str, Any]:
    """A SQuAD file of one passage."""
    words = ("Lima", "Quito", "Cusco")
    qas = [
        {"id": one, "question": f"¿Quién vive en {word}?", "answers": [{"text": word, "answer_start": PASSAGE_TEXT.index(word)}]}
        for one, word in zip(identifiers, words, strict=False)
    ]
    return {"version": "1.1", "data": [{"title": "Perú", "paragraphs": [{"context": PASSAGE_TEXT, "qas": qas}]}]}


def labelled(*labels: Any) -> list[dict[str, Any]]:
    """Rows for both tasks."""
    return [{"id": f"r{n}", "sentence": f"犬が{n}匹。", "other": "ねこ", "label": label} for n, label in enumerate(labels)]


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

    text = content.decode("utf-8-sig")
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
            assert type(start) is int and start >= 0 and one.passage[start : start + len(text)] == text, "a wrong offset"
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
    assert len(set(header)) == len(header) and all(header), f"columns {header}"


def sound_rows(found: list[dict[str, Any]], content: bytes, columns: Sequence[Column], suffix: str) -> None:
    """Rows that can be written as JSON, with the columns that are asked for."""
    all_sound(found)
    json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
    assert all(row[column.name].strip() for row in found for column in columns)
    sound_table(len(found), content, suffix) if suffix in (".csv", ".tsv") else strict_json(content)


def equal_to(expected: Any, found: Any, _: bytes) -> None:
    """A damaged file is refused, or gives what was written."""
    assert found == expected, "other records"


def read_all_of(task: dict[str, Any], role: str, path: Path) -> Any:
    """What the stage `read` takes of a file."""
    format = load_saved_task(task).format
    found = format.read(path, "ja", role)
    facts = format.facts("dev", found)
    card = {"key": role, "role": role, "language": "ja", "path": str(path), "records": len(found), "hub": format.card(path)}
    checked({**card, **facts.card}, str(path), results.CARD)
    write_records(path.with_suffix(".parquet"), Passage if role == "passages" else format.record, found)
    return found


def predicted(columns: Sequence[Column], path: Path) -> list[dict[str, Any]]:
    """Rows of `predict --file`."""
    return rows.checked(rows.read_rows(path), columns)


def streamed(columns: Sequence[Column], path: Path) -> list[dict[str, Any]]:
    """Rows of `predict` on standard input."""
    with path.open("rb") as file:
        return [row for lines in rows.stream_rows(file.fileno()) for row in rows.checked(lines, columns)]


def of_hub(task: dict[str, Any], path: Path) -> Any:
    """What the stage `read` takes of what the stage `fetch` made of a file of the hub."""
    wanted, format = Wanted("mine", "ja", HubSource("a/b", "train", "main", citation=path.name)), load_saved_task(task).format
    document, tally = format.clean(records([path]), wanted)
    assert tally.kept + sum(tally.dropped.values()) == tally.rows
    if not tally.kept:
        return []
    saved = path.with_name("fetched.json")
    saved.write_text(json.dumps({"card": None, **document}, ensure_ascii=False), encoding="utf-8")
    return format.read(saved, "ja", "dev")


def readme(path: Path) -> Any:
    """The globs and the licence that the README of a data set names."""
    wanted = Wanted("mine", "ja", HubSource("a/b", "train", "main"))
    metadata = _metadata(path, wanted)
    return _declared(metadata, wanted), _licence(metadata)


def sound_readme(found: Any, _: bytes) -> None:
    globs, licence = found
    assert all(isinstance(one, str) for one in globs) and isinstance(licence, str | list | None)
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


def description(path: Path) -> Any:
    """The description of a saved student."""
    (path.parent / "config.json").write_text("{}")
    return read_description(path.parent)


def expected_of(kind: type[Any]) -> list[Any]:
    """Three records."""
    good: Any = question() if kind is Question else pair()
    return [replace(good, id=f"q{number}") for number in range(3)]


@cache
def parquet_of(kind: type[Any]) -> bytes:
    """A file of `expected_of`."""
    with TemporaryDirectory() as folder:
        write_records(path := Path(folder, "x.parquet"), kind, expected_of(kind))
        return path.read_bytes()


def retyped(table: pa.Table, rng: Random) -> bytes:
    """The table with a column of another type, name or place, or with nulls."""
    at = rng.randrange(table.num_columns)
    name, rows = table.column_names[at], table.num_rows
    columns = [
        *(pa.array([value] * rows) for value in (1, 1.5, True, b"\xff", "x", [1], ["\u202e"], {"a": 1}, None, "\0")),
        *(pa.nulls(rows, pa.string()), pa.array(["x"] * rows).dictionary_encode(), pa.array([1] * rows, pa.timestamp("ns"))),
        *(pa.array([2**62] * rows, kind) for kind in (pa.timestamp("s"), pa.duration("s"), pa.date64())),
        *(pa.array(["x"] * rows, pa.large_string()), pa.array([[None]] * rows, pa.list_(pa.string()))),
        *(pa.array([value] * rows, pa.float32()) for value in (0.1, math.nan, math.inf)),
    ]
    match rng.randrange(4):
        case 0:
            table = table.drop_columns([name])
        case 1:
            table = table.append_column(rng.choice((name, "x")), rng.choice(columns))
        case _:
            table = table.set_column(at, name, rng.choice(columns))
    pq.write_table(table, file := io.BytesIO())
    return file.getvalue()


def parquet(good: bytes) -> st.SearchStrategy[bytes]:
    """Damaged Parquet, and Parquet of other columns."""
    return made.of_bytes([good], partial(retyped, pq.read_table(io.BytesIO(good))))


def plain_parquet(rows: list[dict[str, Any]]) -> bytes:
    """A file as the hub has it."""
    pq.write_table(pa.Table.from_pylist(rows), file := io.BytesIO())
    return file.getvalue()


STORED = GenerationResult({"question": "¿?", "answer": "Lima"}, {"answer": [Span(12, 16)]}, 0.0, 20, 7, True)
KEYS = ["a" * 64, "b" * 64]


def stored(content: bytes | None, rng: Random | None = None) -> bytes:
    """A store of two completions, one of which holds `content`, or another value in another column."""
    with TemporaryDirectory() as folder:
        store = CompletionStore(path := Path(folder, "x.db"))
        store.add({"model": "m", "backend": "b"}, {key: STORED for key in KEYS}, 2.0)
        store.close()
        if rng:
            column = rng.choice(("generated", "generated", "generated", "prompt_tokens", "completion_tokens", "seconds", "key"))
            text = (content or b"").decode("utf-8", "replace")
            value = text if column == "generated" else rng.choice((text, content, -1, 1.5, 10**12, "NaN"))
            with closing(sqlite3.connect(path)) as database, database:
                database.execute(f"UPDATE completions SET {column} = ? WHERE key = ?", (value, KEYS[0]))
        return path.read_bytes()


def kept(path: Path) -> Any:
    """What the store gives of two completions."""
    store = CompletionStore(path)
    try:
        found = store.get(KEYS)
        return found, store.missing(KEYS), store.spent(list(found))
    finally:
        store.close()


def sound_store(found: Any, _: bytes) -> None:
    results_by_key, missing, spent = found
    assert set(results_by_key) | missing == set(KEYS) and not set(results_by_key) & missing, "neither there nor missing"
    assert all(one == STORED for one in results_by_key.values()), "another completion"
    assert spent.prompt_tokens == 20 * len(results_by_key) and spent.completion_tokens == 7 * len(results_by_key), spent


def of_settings(text: str) -> st.SearchStrategy[bytes]:
    """Broken YAML."""
    return made.of_document([yaml.safe_load(text)], partial(made.settings, text), partial(made.settings, text))


def of_table(rows: list[dict[str, Any]], suffix: str) -> st.SearchStrategy[bytes]:
    """Broken tables."""
    cells = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    delimiter = DELIMITERS[suffix]
    good = "\n".join(delimiter.join(row) for row in cells).encode()
    return made.of_bytes([good], *[partial(made.table, cells, delimiter)] * 2)


def fed(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


SCORED = {"language": "es", "rows": [{"id": "a", "prediction": "en Lima", "references": ["Lima", "la Lima"]}] * 2}
ASKED = [{"question": "¿Quién?", "passage": PASSAGE_TEXT, "n": 1}, {"question": "¿Dónde?", "passage": "Lima", "n": 2}]
QA = {"name": "q", "kind": "extractive_qa"}
HUB_ROWS = [
    {"id": str(n), "title": "t", "context": PASSAGE_TEXT, "question": "¿?", "answers": {"text": ["Lima"], "answer_start": [12]}}
    for n in range(3)
]
README = yaml.safe_dump(
    {
        "license": ["mit"],
        "configs": [{"config_name": "es", "data_files": [{"split": "train", "path": ["a/*", "b/*"]}]}],
        "dataset_info": {"splits": [{"name": "train", "num_bytes": 5}]},
    }
)
DESCRIPTION = {
    "task": REVIEWS,
    "student": {"max_length": 384, "stride": 128, "max_answer_tokens": 30, "eval_batch_size": 32, "dtype": "bfloat16"},
    "inputs": [{"name": "text", "type": "string"}],
    "outputs": [{"name": "label", "type": "string"}, {"name": "score", "type": "double"}],
    "example": {"text": "犬がいる。"},
}
KINDS = {
    "selection": results.SELECTION,
    "intervals": results.INTERVALS,
    "generation": results.GENERATION,
    "diversity": results.DIVERSITY,
    "gains": results.GAINS,
    "rounds/1/scores": results.SCORES,
    "rounds/1/decision": results.DECISION,
    "rounds/1/silver": results.SILVER,
    "rounds/1/audit": results.AUDIT,
}


def labelled_reader(task: dict[str, Any], suffix: str, labels: tuple[Any, ...]) -> Reader:
    rows = labelled(*labels)
    inputs = of_table(rows, suffix) if suffix in DELIMITERS else made.of_document([rows, {"card": None, "rows": rows}])
    sound = partial(sound_labelled, suffix=suffix, classes=task is REVIEWS)
    return Reader(f"rows{suffix}", inputs, partial(read_all_of, task, "dev"), sound)


def asked_reader(suffix: str) -> Reader:
    columns = (QUESTION, PASSAGE)
    inputs = of_table(ASKED, suffix) if suffix in DELIMITERS else made.of_document([ASKED])
    return Reader(f"asked{suffix}", inputs, partial(predicted, columns), partial(sound_rows, columns=columns, suffix=suffix))


def result_reader(name: str) -> Reader:
    kind, good = KINDS[name], json.loads(fed(f"metrics/{name}.json"))
    return Reader("result.json", made.of_document([good]), partial(read_result, kind=kind), lambda found, content: strict_json(content))


def hub_reader(task: dict[str, Any], suffix: str, rows: list[dict[str, Any]]) -> Reader:
    inputs = parquet(plain_parquet(rows)) if suffix == ".parquet" else made.of_document([rows])
    return Reader(f"part{suffix}", inputs, partial(of_hub, task), all_sound)


def record_reader(kind: type[Any]) -> Reader:
    reading = partial(read_records, record_type=kind)
    return Reader("x.parquet", parquet(parquet_of(kind)), reading, partial(equal_to, expected_of(kind)))


def readers() -> dict[str, Reader]:
    """By their names in the table."""
    asked = (QUESTION, PASSAGE)
    files = [squad("q1", "q2", "q3"), squad(1, None, "q3")]
    result = json.dumps(json.loads(STORED.to_json()))
    return {
        "squad questions": Reader("f.json", made.of_document(files), partial(read_all_of, QA, "dev"), sound_questions),
        "squad passages": Reader("f.json", made.of_document(files), partial(read_all_of, QA, "passages"), sound_passages),
        **{f"classes{suffix}": labelled_reader(REVIEWS, suffix, (1, 0, 1)) for suffix in (".csv", ".tsv", ".json", ".jsonl")},
        **{f"numbers{suffix}": labelled_reader(ALIKE, suffix, (1.5, 0, "3.8")) for suffix in (".csv", ".tsv", ".json", ".jsonl")},
        "score": Reader("s.json", made.of_document([SCORED]), partial(score_file, with_rows=True), sound_score),
        **{f"predict{suffix}": asked_reader(suffix) for suffix in (".csv", ".tsv", ".json", ".jsonl")},
        "standard input": Reader(
            "in", made.of_document([ASKED]), partial(streamed, asked), partial(sound_rows, columns=asked, suffix=""), "standard input"
        ),
        "params.yaml": Reader("params.yaml", of_settings(fed("params.yaml")), load_params, sound_settings),
        "task file": Reader("task.yaml", of_settings(yaml.safe_dump(REVIEWS)), task_file, sound_settings),
        "catalogue": Reader("catalogue.yaml", of_settings(fed("conf/catalogue.yaml")), read_catalogue, sound_settings),
        "hub README": Reader("README.md", of_settings(README).map(lambda text: b"---\n" + text + b"\n---\n"), readme, sound_readme),
        "hub questions.parquet": hub_reader(QA, ".parquet", HUB_ROWS),
        "hub questions.json": hub_reader(QA, ".json", HUB_ROWS),
        "hub labels.parquet": hub_reader(REVIEWS, ".parquet", labelled(1, 0)),
        "hub numbers.json": hub_reader(ALIKE, ".json", labelled(1.5, 0)),
        "questions.parquet": record_reader(Question),
        "pairs.parquet": record_reader(SyntheticPair),
        "store row": Reader("store.db", made.of_document([json.loads(result)]).flatmap(in_store), kept, sound_store),
        "store file": Reader("store.db", made.of_bytes([stored(None)]), kept, sound_store),
        **{f"metrics/{name}": result_reader(name) for name in KINDS},
        "gemquad.json": Reader("gemquad.json", made.of_document([DESCRIPTION]), description, lambda found, c: (all_sound(found), strict_json(c))[0]),
    }


def in_store(content: bytes) -> st.SearchStrategy[bytes]:
    """The content as a row of a store."""
    return st.randoms(use_true_random=True).map(lambda rng: stored(content, rng))


def task_file(path: Path) -> Any:
    """A task as it stands in a file."""
    return read_task(read_yaml(path, "Write it.", "Correct it."), str(path))


def sound_score(found: dict[str, Any], content: bytes) -> None:
    """Finite scores that can be printed."""
    strict_json(content)
    assert 0 <= found["f1"] <= 100 and 0 <= found["exact_match"] <= 100
    json.dumps(found, allow_nan=False)
