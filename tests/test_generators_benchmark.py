"""What `benchmarks/generators.py` writes, and the table of it."""

import sys
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, pair
from gemquad.params import load_params
from gemquad.parquet import read_records
from gemquad.tasks.answers import Answer


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import generators

    return generators


def test_a_line_counts_parsed_pairs_kept_tokens_and_the_seconds_of_a_kept_pair(benchmark: Any) -> None:
    row = benchmark.Row(
        "g", "default", "es", "1", "p", "ok", "", "¿Dónde vive Ana?", "Lima", 0, 30, 2.0, 0.5, ["Lima"], [1.0], 1.0
    )
    rows = [
        row,
        replace(row, passage_id="q", kept=0.5),
        replace(row, passage_id="r", outcome="near-duplicate pair", question="", judging_seconds=0.0, kept=0.0),
        replace(row, language="hi", outcome="unfinished", question="", judging_seconds=0.0, kept=0.0),
    ]
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in benchmark.table(rows).splitlines()[2:]]
    assert [line[:6] for line in lines] == [
        ["g", "default", "es", "3", "100", "67"],
        ["g", "default", "hi", "1", "0", "0"],
        ["g", "default", "all", "4", "75", "50"],
    ]
    assert [line[6].split()[0] for line in lines] == ["50.0", "0.0", "37.5"]
    assert [line[7:] for line in lines] == [
        ["–", "90", "6 + 1", "4.67"],
        ["–", "30", "2 + 0", "–"],
        ["–", "120", "8 + 1", "6.00"],
    ]


def test_distinct_2_is_that_of_fifty_questions_however_many_there_are(benchmark: Any) -> None:
    row = benchmark.Row("g", "default", "es", "1", "p", "ok", "", "¿Dónde vive Ana?", "Lima", 0, 30, 2.0)
    few, many = [row] * 50, [row] * 200
    assert [benchmark.table(rows).splitlines()[2].split("|")[8].strip() for rows in (few, many)] == ["0.020", "0.020"]


def test_cells_have_the_same_prompts_and_their_rows_give_the_table_again(
    benchmark: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--backend", "scripted", "--settings", "default", "top_k=1", "temperature=1.3", "--prompts", "7"]
    monkeypatch.setattr(sys, "argv", ["generators.py", *options, "--out", str(tmp_path)])
    benchmark.main()
    rows = read_records(tmp_path / "rows.parquet", benchmark.Row)
    assert {(row.sampling, row.language) for row in rows} == set(
        product(("default", "top_k=1", "temperature=1.3"), ("es", "hi"))
    )
    assert len(rows) == 3 * 2 * 7
    assert len({row.id for row in rows}) == 2 * 7
    assert len({row.passage_id for row in rows}) == 2 * 3
    assert capsys.readouterr().out.strip().endswith(benchmark.table(rows))


def test_students_judge_the_pairs_alone_and_a_pair_is_kept_by_the_share_that_agrees(
    benchmark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"first": ["Lima", "Luis"], "second": ["Luis", "Luis"]}
    monkeypatch.setattr(
        benchmark, "label_candidates", lambda folder, pairs, *_: [[Answer(x, 0, 1.0)] for x in said[folder.name]]
    )
    row = benchmark.Row("g", "default", "es", "1", "p", "ok", "", "¿Dónde vive Ana?", "Lima", 0, 30, 2.0)
    unfinished = replace(row, outcome="unfinished", question="")
    written = [(row, pair("1", "Lima")), (unfinished, None), (row, pair("2", "Lima"))]
    params = load_params(ROOT / "params.yaml")
    first, none, last = benchmark.judged(written, [Path("first"), Path("second")], params)
    assert (first.student_answers, first.agreements, first.kept) == (["Lima", "Luis"], [1.0, 0.0], 0.5)
    assert (last.student_answers, last.kept) == (["Luis", "Luis"], 0.0)
    assert none == unfinished
    assert benchmark.judged(written, [], params) == [row, unfinished, row]
