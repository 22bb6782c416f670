"""Results written and read: whole or not at all, and of the shape that `schema.results` says."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gemquad.errors import UserError
from gemquad.files import (
    checked,
    parse_json,
    read_json,
    read_result,
    write_json,
    write_result,
    write_text,
    written_whole,
)
from gemquad.schema import results
from gemquad.schema.results import (
    CARD,
    DECISION,
    GAINS,
    INTERVALS,
    OVERLAPS,
    SCORES,
    SELECTION,
    Decision,
    Delta,
    Interval,
    Intervals,
    ResultFile,
    RoundResult,
    Score,
    Selection,
    SystemScores,
)
from test_pipeline_definition import STAGES

SYSTEM = SystemScores(
    "baseline", "", [13], {"gold": 9}, {"test": {"es": Score(3, 2, {"f1": Interval(50.0, 40.0, 60.0)})}}
)
DELTA = Delta(
    system="round-1",
    against="baseline",
    split="test",
    language="es",
    metric="f1",
    value=1.0,
    low=-1.0,
    high=3.0,
    seeds=[13],
    holds_zero=True,
)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (DECISION, Decision(True, "round 1: no silver", [RoundResult(0, 60.5)])),
        (SELECTION, Selection(1, 62.9, 20, 5, 4, stopped="round 2: no silver", system="round-1")),
        (INTERVALS, Intervals([SYSTEM], [DELTA])),
        (SCORES, {"dev": {"es": {"f1": 50.0, "examples": 3}}}),
    ],
)
def test_what_is_written_is_read(kind: ResultFile[Any], value: Any, tmp_path: Path) -> None:
    write_result(tmp_path / "made/file.json", kind, value)
    assert read_result(tmp_path / "made/file.json", kind) == value


def test_keys_stand_in_the_order_of_the_fields(tmp_path: Path) -> None:
    write_result(tmp_path / "intervals.json", INTERVALS, Intervals([], [DELTA]))
    (delta,) = read_json(tmp_path / "intervals.json")["deltas"]
    assert list(delta) == [
        "system",
        "against",
        "split",
        "language",
        "metric",
        "value",
        "low",
        "high",
        "seeds",
        "holds_zero",
        "predicted",
    ]
    write_result(tmp_path / "selection.json", SELECTION, Selection(1, 62.9, stopped="x", system="round-1"))
    assert list(read_json(tmp_path / "selection.json")) == [
        "round",
        "dev_score",
        "synthetic",
        "silver",
        "new_silver",
        "stopped",
        "system",
    ]


OVERLAP = {
    "roles": "a-b",
    "compared": [1, 2],
    "identical": 0,
    "near": 0,
    "parallel": 0,
    "allowed": True,
    "examples": [],
}
SELECTED = {"round": 2, "dev_score": 50.0, "stopped": "", "system": "round-2"}


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (DECISION, {"stop": True, "reason": "x"}, "history: Field required.* `dvc repro decide`"),
        (DECISION, {"stop": True, "reason": "x", "history": [{"round": 0}]}, r"history\.0\.dev_score: Field required"),
        (DECISION, {"stop": True, "reason": "x", "history": [], "why": "y"}, "why: Unexpected keyword argument"),
        (DECISION, [], "all of it: Input should be an object.* `dvc repro decide`"),
        (SELECTION, SELECTED | {"round": "2"}, "round: Input should be a valid integer.* `dvc repro select`"),
        (SELECTION, SELECTED | {"round": True}, "round: Input should be a valid integer"),
        (SELECTION, SELECTED | {"dev_score": "inf"}, "dev_score: Input should be a valid number"),
        (OVERLAPS, [OVERLAP], r"0\.alike: Field required.* `dvc repro prepare`"),
        (SCORES, {"dev": {"es": 50.0}}, r"dev\.es: Input should be an object.* `dvc repro evaluate`"),
        (CARD, {"key": "gold"}, "role: Field required.* `dvc repro read`"),
    ],
)
def test_another_shape_is_named_with_its_key_and_the_stage_that_writes_the_file(
    kind: ResultFile[Any], value: Any, said: str, tmp_path: Path
) -> None:
    write_json(tmp_path / "file.json", value)
    with pytest.raises(UserError, match=rf"file\.json, {said}"):
        read_result(tmp_path / "file.json", kind)


def test_the_stages_that_write_results_are_those_of_the_pipeline() -> None:
    kinds = [value for value in vars(results).values() if isinstance(value, ResultFile)]
    assert len(kinds) > 10 and {kind.stage for kind in kinds} <= set(STAGES)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "line 1, column 2: not JSON .*Mend the file or export it again"),
        (b"\xff", r"is not UTF-8 \(byte 0\)"),
        (b'\xef\xbb\xbf{"a": 1,}', "line 1, column .* not JSON"),
        (None, "does not exist"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, said: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "file.json").write_bytes(content)
    for read in (read_json, lambda path: read_result(path, DECISION)):
        with pytest.raises(UserError, match=rf"file\.json,? {said}"):
            read(tmp_path / "file.json")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"b": 0, "a": 1, "a": 2}', 'the key "a" stands twice in {"b": 0, "a": 2}'),
        (b'[{"x": [{"\\u0061": 1, "a": 1}]}]', 'the key "a" stands twice in {"a": 1}'),
        (b'{"a": "' + b"b" * 99 + b'", "a": 1, "a": 2}', 'the key "a" stands twice in {"a": 2}'),
        (b"[NaN]", "NaN is no finite number"),
        (b'{"a": -Infinity}', "-Infinity is no finite number"),
        (b"[1e400]", "1e400 is no finite number"),
        (
            b"[" + b"9" * 5000 + b"]",
            "Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits",
        ),
        (b"[" * 100_000, "nested over 100 deep"),
        (b'{"x":' * 101 + b"1" + b"}" * 101, "nested over 100 deep"),
    ],
)
def test_what_python_alone_takes_or_fails_on_is_not_json(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        read_json(path)
    assert str(error.value) == f"{path}: not JSON ({said}). Mend the file or export it again."


def test_a_byte_order_mark_is_no_part_of_json(tmp_path: Path) -> None:
    (tmp_path / "file.json").write_bytes(b'\xef\xbb\xbf{"a": [1.5, 2, null]}')
    assert read_json(tmp_path / "file.json") == {"a": [1.5, 2, None]}
    assert parse_json("\ufeff[1]", "an answer") == [1]


def test_brackets_in_texts_are_not_nested() -> None:
    assert parse_json('["' + "[" * 200 + '\\\\", "\\"' + "[" * 200 + '"]', "an answer")[1] == '"' + "[" * 200


def test_what_is_parsed_is_named_by_its_source() -> None:
    with pytest.raises(UserError, match=r"^an answer, line 2, column 2: not JSON \(.*\)\. Ask again\.$"):
        parse_json("[\n{", "an answer", "Ask again.")


def test_what_fails_on_the_way_leaves_the_files_as_they_were(tmp_path: Path) -> None:
    write_text(tmp_path / "file.txt", "before")
    write_text(tmp_path / "file.partial", "a neighbour")
    with pytest.raises(ValueError, match="half"), written_whole(tmp_path / "file.txt") as partial:
        partial.write_text("hal")
        raise ValueError("half")
    write_text(tmp_path / "other.txt", "after")
    told = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert told == {"file.txt": "before", "file.partial": "a neighbour", "other.txt": "after"}


def test_text_is_written_as_it_is(tmp_path: Path) -> None:
    write_json(tmp_path / "file.json", {"¿": "é"})
    assert (tmp_path / "file.json").read_text(encoding="utf-8") == '{\n  "¿": "é"\n}\n'
    assert json.loads((tmp_path / "file.json").read_bytes()) == {"¿": "é"}


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
@pytest.mark.parametrize(
    ("kind", "of"),
    [
        (SELECTION, lambda number: SELECTED | {"dev_score": number}),
        (SCORES, lambda number: {"dev": {"es": {"f1": number}}}),
        (GAINS, lambda number: {"x": {"es": {"f1": {"value": 1.0, "low": 0.0, "high": number}}}}),
    ],
)
def test_no_number_of_a_result_is_infinite(kind: ResultFile[Any], of: Callable[[float], Any], number: float) -> None:
    with pytest.raises(UserError, match=r"^file\.json, .*Input should be .* `dvc repro"):
        checked(of(number), "file.json", kind)
