import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import HUB_CARD, question, with_tables
from gemquad.errors import UserError
from gemquad.files import read_json
from gemquad.parquet import read_records
from gemquad.schema import LabelledText, Passage, Question
from gemquad.settings.sections import check
from gemquad.sources.entries import HubSource
from gemquad.sources.format import FileFacts
from gemquad.sources.hub import Wanted
from gemquad.tasks.labelled.labels import Classes, Numbers
from gemquad.tasks.loading import load_saved_task
from gemquad.workspace import Workspace
from task_sections import wording_of

ROOT = Path(__file__).parents[1]
QA = {"name": "extractive_qa", "kind": "extractive_qa"}
PAIRS = {
    "name": "nli",
    "kind": "pair_classification",
    "labels": {"entails": "0", "contradicts": "1", "neither": "2"},
    "columns": {"id": "id", "text": "a", "second": "b", "label": "label"},
    "metrics": ["accuracy"],
}
CLASSES = Classes(PAIRS["labels"])


def pair(identifier: str, label: str, text: str = "一", second: str = "二") -> LabelledText:
    return LabelledText(identifier, "ja", text, second, label)


def test_every_task_of_the_configuration_has_a_format() -> None:
    for path in (ROOT / "conf/task").glob("[!_]*.yaml"):
        section = yaml.safe_load(path.read_text(encoding="utf-8"))["task"]
        format = load_saved_task(section).format
        assert format.record is (Question if section["kind"] == "extractive_qa" else LabelledText), path


def test_questions_need_every_role_and_labelled_texts_dev_and_test() -> None:
    assert load_saved_task(QA).format.roles == ("gold", "exemplars", "passages", "dev", "test")
    assert load_saved_task(PAIRS).format.roles == ("dev", "test")


def test_the_leak_gate_compares_passages_and_pairs_in_either_order() -> None:
    assert load_saved_task(QA).format.text(question()) == "Ana vive en Lima."
    format = load_saved_task(PAIRS).format
    assert format.text(pair("1", "entails", "犬", "猫")) == format.text(pair("2", "neither", "猫", "犬")) == "犬\n猫"
    assert format.text(pair("3", "entails", "犬", "")) == "犬"


@pytest.mark.parametrize(("value", "name"), [(0, "entails"), ("1", "contradicts"), (2, "neither")])
def test_a_class_may_be_a_string_or_a_whole_number(value: object, name: str) -> None:
    assert CLASSES.read(value) == name


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("neutral", r"label 'neutral' is none of: 0, 1, 2\. Add it to task\.labels .*, or correct the row"),
        (1.5, r"label '1\.5' is none of"),
        (None, r"the label is missing \(None, as in test sets without labels\)\. Give it one, or remove the row"),
        (-1, r"the label is missing \(-1"),
        ("", r"the label is missing \(''"),
    ],
)
def test_another_class_or_none_is_refused(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CLASSES.read(value)


def test_minus_one_may_be_a_label() -> None:
    assert Classes({"bad": "-1", "good": "1"}).read(-1) == "bad"
    assert Numbers(-1, 1).read(-1) == "-1.0"


@pytest.mark.parametrize(
    ("value", "label"),
    [
        *((3.8, "3.8"), ("3.80", "3.8"), (0, "0.0"), (5, "5.0"), ("2", "2.0")),
        *(("+3.", "3.0"), (".5", "0.5"), ("4E-1", "0.4"), (-0.0, "0.0"), ("-0", "0.0")),
    ],
)
def test_a_number_is_read_as_it_is_given(value: object, label: str) -> None:
    assert Numbers(0, 5).read(value) == label


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("neutral", "label 'neutral' is no number from 0 to 5"),
        (5.1, "label 5.1 is no number from 0 to 5. Correct the row, or task.range"),
        (True, "label True is no number"),
        (float("nan"), "label nan is no number"),
        ([1], "is no number"),
        *(
            (odd, "is no number from 0 to 5")
            for odd in ("0_4", "３", "٣", " 3", "3\n", "0x3", "1e400", "infinity", ".", "3e")
        ),
        (10**399, r"label 10+\.\.\.0+ is no number from 0 to 5"),
        (1e400, "label inf is no number"),
        (None, "the label is missing"),
        (-1, "the label is missing"),
    ],
)
def test_no_number_or_one_out_of_range_is_refused(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Numbers(0, 5).read(value)


def test_facts_count_the_classes_and_name_those_without_an_example() -> None:
    counts = {"labels": {"entails": 2, "neither": 1}}
    labels = ["neither", "entails", "entails"]
    warning = "no example of the class 'contradicts'"
    for role in ("gold", "dev", "test"):
        assert CLASSES.facts(role, labels) == FileFacts(counts | {"missing_labels": ["contradicts"]}, [warning])
    assert CLASSES.facts("exemplars", labels) == FileFacts(counts)
    assert CLASSES.facts("gold", [*labels, "contradicts"]).warnings == ()


def test_gold_of_one_class_is_refused() -> None:
    with pytest.raises(UserError, match=r"data\.gold: all 2 examples are of the class 'neither'.*data\.gold=null"):
        CLASSES.facts("gold", ["neither", "neither"])
    assert len(CLASSES.facts("dev", ["neither", "neither"]).warnings) == 2


def test_gold_of_one_similarity_is_refused() -> None:
    with pytest.raises(UserError, match=r"data\.gold: all 2 examples have the label 3\.0"):
        Numbers(0, 5).facts("gold", ["3.0", "3.0"])
    assert "a correlation with them is not defined" in Numbers(0, 5).facts("dev", ["3.0"]).warnings[0]
    assert Numbers(0, 5).facts("gold", ["3.0", "2.0"]) == FileFacts()


def test_a_labelled_task_refuses_passages(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"asks about no passages\. Remove it: -S data\.languages\.ja\.passages=null"):
        load_saved_task(PAIRS).format.read(tmp_path / "p.json", "ja", "passages")


def test_what_is_kept_of_a_hub_data_set_is_what_the_format_reads(tmp_path: Path) -> None:
    def document(section: dict[str, Any], records: list[Any], **entry: Any) -> Path:
        source = check(HubSource, {"repo": "owner/name", "split": "train", "revision": "main", **entry})
        kept, _ = load_saved_task(section).format.clean(records, Wanted("mine", "ja", source))
        path = tmp_path / "mine.json"
        path.write_text(json.dumps({"card": HUB_CARD, **kept}), encoding="utf-8")
        return path

    rows = [{"id": n, "a": "犬", "b": "猫", "label": n % 3 - 1, "more": b"x"} for n in range(4)]
    path = document(PAIRS, rows)
    format = load_saved_task(PAIRS).format
    assert [(one.id, one.label) for one in format.read(path, "ja", "gold")] == [("1", "entails"), ("2", "contradicts")]
    assert format.card(path) == HUB_CARD

    path = document(PAIRS, [{"id": "de-1", "p": "a", "b": "b", "label": 0}, {"id": "ja-1", "p": "犬", "b": "猫", "label": 0}],
                    columns={"a": "p"}, id_prefix={"ja": "ja-"})  # fmt: skip
    assert format.read(path, "ja", "gold") == [pair("ja-1", "entails", "犬", "猫")]

    answers = {"text": ["Lima"], "answer_start": [12]}
    path = document(QA, [{"id": "q", "context": "Ana vive en Lima.", "question": "¿Dónde?", "answers": answers}])
    (read,) = load_saved_task(QA).format.read(path, "es", "gold")
    (passage,) = load_saved_task(QA).format.read(path, "es", "passages")
    assert (read.answers, type(read), type(passage)) == (["Lima"], Question, Passage)


def run_read(folder: Path, rows: list[dict[str, Any]], role: str) -> subprocess.CompletedProcess[str]:
    """The stage `read` on a labelled file."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params |= {"task": PAIRS, "prompting": wording_of(PAIRS["labels"])}
    params["stopping"]["metric"], params["data"]["gold_language"] = "accuracy", "ja"
    params["data"][role] = "rows.jsonl"
    (folder / "params.yaml").write_text(yaml.safe_dump(with_tables(params)), encoding="utf-8")
    shutil.copy(ROOT / "code.lock.yaml", folder)
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    command = [sys.executable, "-m", "gemquad.stages.read", "--key", role]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_stage_counts_labels_in_the_card_and_warns_of_a_missing_one(tmp_path: Path) -> None:
    done = run_read(tmp_path, [{"id": n, "a": "一", "b": "二", "label": n % 2} for n in range(3)], "gold")
    assert (done.returncode, done.stderr) == (0, "gold (rows.jsonl): no example of the class 'neither'\n")
    assert [one.label for one in read_records(Workspace(tmp_path).source("gold"), LabelledText)] == [
        *("entails", "contradicts", "entails")
    ]
    assert read_json(Workspace(tmp_path).card("gold")) == {
        "key": "gold",
        "role": "gold",
        "language": "ja",
        "path": "rows.jsonl",
        "records": 3,
        "hub": None,
        "labels": {"entails": 2, "contradicts": 1},
        "missing_labels": ["neither"],
    }


def test_the_stage_refuses_gold_of_one_class(tmp_path: Path) -> None:
    done = run_read(tmp_path, [{"id": n, "a": "一", "b": "二", "label": 0} for n in range(3)], "gold")
    assert done.returncode == 1
    assert done.stderr.startswith("error: data.gold: all 3 examples are of the class 'entails'.")
