"""`gemquad predict`: what it takes, what it writes."""

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gemquad.cli import app
from gemquad.commands.student import predict as command
from gemquad.tasks.loading import load_saved_task

pytest_plugins = ["tiny_students"]
Make = Callable[[str, str], Path]
ROW = {"id": "a", "question": "¿Dónde vive Ana?", "passage": "Hoy es 29. Ana vive en Cusco con Luis."}


@pytest.fixture
def predict(capsys: pytest.CaptureFixture[str], student: Make) -> Callable[..., list[dict[str, Any]]]:
    """Run `gemquad predict` and read what it prints."""

    def run(*arguments: str, model: Path | None = None) -> list[dict[str, Any]]:
        folder = model or student("questions", "gemma")
        capsys.readouterr()
        app(["predict", "--model", str(folder), *arguments], standalone_mode=False)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_one_question(predict: Callable[..., list[dict[str, Any]]]) -> None:
    (told,) = predict("--question", ROW["question"], "--passage", ROW["passage"])
    assert {key: told[key] for key in ("question", "answer", "start")} == {
        "question": "¿Dónde vive Ana?",
        "answer": "Cusco",
        "start": 23,
    }


def test_one_pair(predict: Callable[..., list[dict[str, Any]]], student: Make) -> None:
    arguments = ("--text", "Ana vive en Lima.", "--second", "Ana vive en Lima.")
    (told,) = predict(*arguments, model=student("pairs", "gemma"))
    assert told["label"] == "yes"


def test_a_file_keeps_its_columns_and_goes_where_it_should(
    predict: Callable[..., list[dict[str, Any]]], tmp_path: Path
) -> None:
    rows = [ROW, {**ROW, "id": "b", "passage": "Hoy es 28. Ana vive en Lima con Luis."}]
    (tmp_path / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    out = tmp_path / "answers.jsonl"
    assert predict("--file", str(tmp_path / "rows.json"), "--out", str(out)) == []
    told = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [list(one) for one in told] == [["id", "question", "passage", "answer", "start", "score"]] * 2
    assert [(one["id"], one["answer"]) for one in told] == [("a", "Cusco"), ("b", "Lima")]
    assert "¿" in out.read_text(encoding="utf-8")


def test_standard_input(predict: Callable[..., list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.write(writing, (json.dumps(ROW) + "\n").encode() * 2)
    os.close(writing)
    with os.fdopen(reading) as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert [one["answer"] for one in predict()] == ["Cusco", "Cusco"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--question", "¿?"], "--passage is missing: this student is asked with --question and --passage"),
        (["--text", "-5"], "--question is missing: this student is asked with --question and --passage"),
        (["--question", " ", "--passage", "Ana."], "the command line: 'question' is empty"),
        (["--question", "¿?", "--file", "rows.csv"], "--question and --file both say what is asked"),
        (["--file", "rows.csv"], r"rows\.csv, line 2: 'passage' is empty"),
        (["--file", "none.csv"], r"none\.csv does not exist"),
        (["--file", "good.csv", "--out", "."], r"--out \.: give the name of a file, in a folder that exists"),
        (["--file", "good.csv", "--out", "none/answers.jsonl"], r"give the name of a file, in a folder that exists"),
    ],
)
def test_mistakes_are_named(
    arguments: list[str],
    message: str,
    predict: Callable[..., list[dict[str, Any]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text("question,passage\n¿Dónde?,\n", encoding="utf-8")
    Path("good.csv").write_text("question,passage\n¿Dónde?,Ana vive en Lima.\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=message):
        predict("--out", "none.jsonl", *arguments)
    assert {path.name for path in Path().iterdir()} == {"rows.csv", "good.csv"}


def test_a_mistake_is_said_before_torch_is_loaded(student: Make, tmp_path: Path) -> None:
    program = "import sys; from gemquad.cli import main\ntry: main()\nfinally: print('torch' in sys.modules)"
    (tmp_path / "rows.jsonl").write_text(f"{json.dumps(ROW)}\n{{}}\n", encoding="utf-8")
    for arguments in (["--file", "none.csv"], ["--question", "¿?"], []):
        words = ["predict", "--model", str(student("questions", "gemma")), *arguments]
        with (tmp_path / "rows.jsonl").open() as rows:
            done = subprocess.run(
                [sys.executable, "-c", program, *words], cwd=tmp_path, stdin=rows, capture_output=True, text=True
            )
        assert (done.returncode, done.stdout) == (1, "False\n"), done.stderr
        assert done.stderr.startswith("error: ") and len(done.stderr.splitlines()) == 1


def test_every_column_of_every_task_has_an_option() -> None:
    options = set(inspect.signature(command).parameters) - {"model", "file", "out"}
    columns = {"text": "a", "second": "b", "label": "c"}
    heads = [
        load_saved_task({"name": "q", "kind": "extractive_qa"}).head(),
        load_saved_task(
            {"name": "v", "kind": "pair_similarity", "range": [0, 1], "columns": columns, "metrics": ["pearson"]}
        ).head(),
    ]
    assert {column.name for head in heads for column in head.input_columns} == options
