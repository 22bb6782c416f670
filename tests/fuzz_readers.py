"""Every reader that a file of a user, or of another, can reach, and good files of it to break."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

import fuzz_inputs as made
from fuzz_binary import STORED, expected_of, in_store, kept, parquet, parquet_of, plain_parquet, sound_store, stored
from fuzz_sound import (
    DELIMITERS,
    all_sound,
    equal_to,
    sound_labelled,
    sound_passages,
    sound_questions,
    sound_readme,
    sound_rows,
    sound_score,
    sound_settings,
    strict_json,
)
from fuzz_uses import (
    ALIKE,
    CHAT,
    PASSAGE_TEXT,
    PLAIN,
    QA,
    REVIEWS,
    answered,
    composed,
    description,
    of_hub,
    predicted,
    read_all_of,
    readme,
    sound_answer,
    streamed,
    task_file,
)
from gemquad.files import read_result
from gemquad.params import load_params
from gemquad.parquet import read_records
from gemquad.schema import Question, SyntheticPair, results
from gemquad.scoring.files import score_file
from gemquad.sources.entries import read_catalogue
from gemquad.tasks.columns import PASSAGE, QUESTION

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Reader:
    """`read` returns what a file named `file` holds; `sound` raises `AssertionError` for what it should have refused."""

    file: str
    inputs: st.SearchStrategy[bytes]
    read: Callable[[Path], Any]
    sound: Callable[[Any, bytes], None]
    named: tuple[str, ...] = ()
    """What a refusal may name in place of the file."""
    share: float = 1.0
    """Of the inputs that other readers get."""


def squad(*identifiers: Any) -> dict[str, Any]:
    """A SQuAD file of one passage."""
    words = ("Lima", "Quito", "Cusco")
    qas = [
        {
            "id": one,
            "question": f"¿Quién vive en {word}?",
            "answers": [{"text": word, "answer_start": PASSAGE_TEXT.index(word)}],
        }
        for one, word in zip(identifiers, words, strict=False)
    ]
    return {"version": "1.1", "data": [{"title": "Perú", "paragraphs": [{"context": PASSAGE_TEXT, "qas": qas}]}]}


def labelled(*labels: Any) -> list[dict[str, Any]]:
    """Rows for both tasks."""
    return [
        {"id": f"r{n}", "sentence": f"犬が{n}匹。", "other": "ねこ", "label": label} for n, label in enumerate(labels)
    ]


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
HUB_ROWS = [
    {
        "id": str(n),
        "title": "t",
        "context": PASSAGE_TEXT,
        "question": "¿?",
        "answers": {"text": ["Lima"], "answer_start": [12]},
    }
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
    return Reader(
        f"asked{suffix}", inputs, partial(predicted, columns), partial(sound_rows, columns=columns, suffix=suffix)
    )


def result_reader(name: str) -> Reader:
    kind, good = KINDS[name], json.loads(fed(f"metrics/{name}.json"))
    return Reader(
        "result.json",
        made.of_document([good]),
        partial(read_result, kind=kind),
        lambda found, content: strict_json(content),
    )


def hub_reader(task: dict[str, Any], suffix: str, rows: list[dict[str, Any]]) -> Reader:
    inputs = parquet(plain_parquet(rows)) if suffix == ".parquet" else made.of_document([rows])
    return Reader(f"part{suffix}", inputs, partial(of_hub, task), all_sound, ("hub:mine", "fetched.json"))


def record_reader(kind: type[Any]) -> Reader:
    reading = partial(read_records, record_type=kind)
    return Reader("x.parquet", parquet(parquet_of(kind)), reading, partial(equal_to, expected_of(kind)))


def readers() -> dict[str, Reader]:
    """By their names in the table."""
    asked = (QUESTION, PASSAGE)
    files = [squad("q1", "q2", "q3"), squad(1, None, "q3")]
    result = json.loads(STORED.to_json())
    return {
        "squad questions": Reader("f.json", made.of_document(files), partial(read_all_of, QA, "dev"), sound_questions),
        "squad passages": Reader(
            "f.json", made.of_document(files), partial(read_all_of, QA, "passages"), sound_passages
        ),
        **{
            f"classes{suffix}": labelled_reader(REVIEWS, suffix, (1, 0, 1))
            for suffix in (".csv", ".tsv", ".json", ".jsonl")
        },
        **{
            f"numbers{suffix}": labelled_reader(ALIKE, suffix, (1.5, 0, "3.8"))
            for suffix in (".csv", ".tsv", ".json", ".jsonl")
        },
        "score": Reader("s.json", made.of_document([SCORED]), partial(score_file, with_rows=True), sound_score),
        **{f"predict{suffix}": asked_reader(suffix) for suffix in (".csv", ".tsv", ".json", ".jsonl")},
        "standard input": Reader(
            "in",
            made.of_document([ASKED]),
            partial(streamed, asked),
            partial(sound_rows, columns=asked, suffix=""),
            ("standard input",),
        ),
        "params.yaml": Reader("params.yaml", of_settings(fed("params.yaml")), load_params, sound_settings),
        "task file": Reader("task.yaml", of_settings(yaml.safe_dump(REVIEWS)), task_file, sound_settings),
        "conf/task": Reader(
            "odd.yaml",
            made.of_bytes([], partial(made.settings, fed("conf/task/marc-ja.yaml"))),
            composed,
            sound_settings,
            ("params.yaml", "${oc."),
            share=0.05,
        ),
        "catalogue": Reader("catalogue.yaml", of_settings(fed("conf/catalogue.yaml")), read_catalogue, sound_settings),
        "hub README": Reader(
            "README.md",
            of_settings(README).map(lambda text: b"---\n" + text + b"\n---\n"),
            readme,
            sound_readme,
            ("hub:mine",),
        ),
        "hub questions.parquet": hub_reader(QA, ".parquet", HUB_ROWS),
        "hub questions.json": hub_reader(QA, ".json", HUB_ROWS),
        "hub labels.parquet": hub_reader(REVIEWS, ".parquet", labelled(1, 0)),
        "hub numbers.json": hub_reader(ALIKE, ".json", labelled(1.5, 0)),
        "questions.parquet": record_reader(Question),
        "pairs.parquet": record_reader(SyntheticPair),
        "store row": Reader("store.db", made.of_document([result]).flatmap(in_store), kept, sound_store),
        "store file": Reader("store.db", made.of_bytes([stored(None)]), kept, sound_store),
        "server's answer": Reader(
            "answer", made.of_document([CHAT, PLAIN]), answered, sound_answer, ("server http",), share=0.3
        ),
        **{f"metrics/{name}": result_reader(name) for name in KINDS},
        "gemquad.json": Reader(
            "gemquad.json",
            made.of_document([DESCRIPTION]),
            description,
            lambda found, c: (all_sound(found), strict_json(c))[0],
        ),
    }
