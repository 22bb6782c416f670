import json
from pathlib import Path
from typing import Any

import pytest

from conftest import HUB_CARD
from gemquad.errors import UserError
from gemquad.schema import LabelledText
from gemquad.sources.faults import Faults
from gemquad.sources.labelled import read_card, read_labelled
from gemquad.tasks.settings import Columns

PAIRS = Columns(id="sentence_pair_id", text="sentence1", second="sentence2", label="label")
TEXTS = Columns(text="text", label="label")
ROW = {
    "sentence_pair_id": "7",
    "yjcaptions_id": "1-2-3",
    "sentence1": "犬がいます。",
    "sentence2": "猫。",
    "label": "no",
}


def write(folder: Path, content: str, name: str = "data.json") -> Path:
    path = folder / name
    path.write_bytes(content.encode())
    return path


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def pairs(path: Path) -> list[LabelledText]:
    return read_labelled(path, "ja", PAIRS, str)


def test_reads_json_lines_as_jglue_publishes_them(tmp_path: Path) -> None:
    path = write(tmp_path, lines(ROW, ROW | {"sentence_pair_id": 8, "label": 3.8}))
    assert pairs(path) == [
        LabelledText("7", "ja", "犬がいます。", "猫。", "no"),
        LabelledText("8", "ja", "犬がいます。", "猫。", "3.8"),
    ]


def test_reads_json_lines_as_jcola_publishes_them(tmp_path: Path) -> None:
    row = {"uid": 12, "source": "a", "label": 1, "diacritic": "g", "sentence": "本を読む。", "original": "本を読む。"}
    columns = Columns(id="uid", text="sentence", label="label")
    (example,) = read_labelled(write(tmp_path, lines(row)), "ja", columns, str)
    assert example == LabelledText("12", "ja", "本を読む。", "", "1")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"text": "良い。", "label": "p"}\r\n\r\n{"text": " 悪い,\\n本 ", "label": "n"}'),
        ("a.json", '\ufeff[{"text": "良い。", "label": "p"},\n {"text": " 悪い,\\n本 ", "label": "n"}]'),
        ("a.json", '{"card": {}, "rows": [{"text": "良い。", "label": "p"}, {"text": " 悪い,\\n本 ", "label": "n"}]}'),
        ("a.csv", '\ufeffid,label,text\r\n1,p,良い。\r\n\r\n2,n," 悪い,\n本 "\r\n'),
        ("a.tsv", 'label\ttext\np\t良い。\nn\t" 悪い,\n本 "\n'),
    ],
)
def test_every_format_gives_the_same_raw_texts_numbered_by_row(tmp_path: Path, name: str, content: str) -> None:
    assert read_labelled(write(tmp_path, content, name), "ja", TEXTS, str) == [
        LabelledText("row-1", "ja", "良い。", "", "p"),
        LabelledText("row-2", "ja", " 悪い,\n本 ", "", "n"),
    ]


def test_line_breaks_of_a_table_stay_as_they_are(tmp_path: Path) -> None:
    (row,) = read_labelled(write(tmp_path, 'text,label\n"a\r\nb",p\n', "a.csv"), "en", TEXTS, str)
    assert row.text == "a\r\nb"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lines(ROW, ROW | {"sentence1": " "}), "line 2: 'sentence1' is empty. Fill it in or remove the row."),
        (
            lines(ROW | {"sentence2": None}),
            "line 1: 'sentence2' is None, not a text. Mend the row, or correct task.columns",
        ),
        (lines(ROW | {"sentence1": 5}), "line 1: 'sentence1' is 5, not a text."),
        (lines(ROW, {}), "line 2: there is no column 'sentence_pair_id', only: . Add it, or name the columns"),
        (
            lines({"uid": 1, "sentence": "a", "label": 1}),
            "line 1: there is no column 'sentence_pair_id', only: uid, sentence, label. Add it, or name the columns of your "
            "file in task.columns (conf/task).",
        ),
        (lines(ROW, ROW), "line 2: id '7' is used before, at "),
        (
            lines(ROW | {"sentence_pair_id": ""}),
            "line 1: id 'sentence_pair_id' is ''. Give every row an id, or let rows",
        ),
        (lines(ROW | {"sentence_pair_id": None}), "line 1: id 'sentence_pair_id' is None."),
        (lines(ROW) + '{"sentence1": "a",,}\n', "line 2, column 19: not JSON (Illegal trailing comma"),
        (lines(ROW) + "nothing\n", "line 2, column 1: not JSON (Expecting value)"),
        ('[{"a": 1},\n {"b" 2}]', "line 2, column 7: not JSON (Expecting ':' delimiter)"),
        (
            "text,label\na,b",
            "line 1, column 1: not JSON (Expecting value). Mend the file or export it again; a table is read",
        ),
        ("[3]", "row 1: 3 is no row. Expected an object with a value for each column."),
        ('"text"', "line 1: 'text' is no row."),
        ("[]", "holds no row."),
        ('{"card": {}, "rows": []}', "holds no row."),
        ('{"card": {}, "rows": [{"label": 1}]}', "rows[0]: there is no column 'sentence_pair_id', only: label."),
        (" \n", "is empty. Give it a row per example"),
        (
            lines(ROW).replace("猫", "\\ud800"),
            "line 1: 'sentence2' holds a half of a surrogate pair (U+D800 at offset 0). Mend the row or remove it.",
        ),
        (lines(ROW).replace("犬", "a\\u0000"), "line 1: 'sentence1' holds a control character (U+0000 at offset 1)."),
        (lines(ROW).replace("犬", "\\u202e"), "line 1: 'sentence1' holds a control character (U+202E at offset 0)."),
        (lines(ROW).replace("犬", "\\u0085"), "line 1: 'sentence1' holds a control character (U+0085 at offset 0)."),
        (lines(ROW | {"sentence_pair_id": "7\x1b"}), r"line 1: id 'sentence_pair_id' is '7\x1b'. Give every row"),
        (lines(ROW | {"sentence_pair_id": True}), "line 1: id 'sentence_pair_id' is True."),
        ('{"a": 1, "a": 2}\n{"a": 3}', 'line 1, column 1: not JSON (the key "a" stands twice in {"a": 2})'),
        (lines(ROW) + '{"a": 1, "b": 1, "a": 2}', 'line 2, column 1: not JSON (the key "a" stands twice in'),
        ('[\n{"a": 1,\n"a": 2}]', 'data.json: not JSON (the key "a" stands twice in {"a": 2})'),
        (lines(ROW) + '{"a": NaN}', "line 2, column 1: not JSON (NaN is no finite number)"),
        ('{"card": {}, "rows": false}', '"rows" is False, not a list.'),
        ('{"card": {}, "rows": {"a": 1}}', "\"rows\" is {'a': 1}, not a list."),
        ('{"card": {}, "rows": null}', '"rows" is None, not a list.'),
    ],
)
def test_errors_name_file_place_and_remedy(tmp_path: Path, content: str, message: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(UserError) as error:
        pairs(path)
    assert str(error.value).startswith(str(path))
    assert message.split(" (Illegal")[0] in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,label\na,p\nb\n", "line 3: not a table (the header has 2 columns, the row another number)"),
        ("text,label\na,b,p\n", "line 2: not a table (the header has 2 columns, the row another number)"),
        ('text,label\n"a"b,p\n', "line 2: not a table ("),
        ("a,b\n1,2\n", "line 2: there is no column 'text', only: a, b."),
        ("text,label\n", "holds no row."),
        ("text,label,text\na,b,c\n", "line 1: 2 columns are called 'text'. Rename or remove one."),
        ("text,label,,\na,b,,\n", "line 1: 2 columns are called ''."),
        ("\ufefftext,text,label\n", "line 1: 2 columns are called 'text'."),
    ],
)
def test_errors_of_a_table_name_the_line(tmp_path: Path, content: str, message: str) -> None:
    path = write(tmp_path, content, "a.csv")
    with pytest.raises(UserError) as error:
        read_labelled(path, "en", TEXTS, str)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('text\tlabel\n"Errada\tp\nO app\tn\nespere"\tn\nFim\tp\n', 4),
        ('label\ttext\np\t"Errada\nn\tO app"\nn\tFim\n', 3),
        ('text\tlabel\r\n"Errada\tp\r\nespere"\tn\r\n', 3),
        ('"text\tlabel\na"\tn\n1\t2\n', 1),
    ],
)
def test_rows_of_a_tsv_are_never_taken_for_one(content: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"a\.tsv, line {line}: a quotation mark ends here a field of several lines"):
        read_labelled(write(tmp_path, content, "a.tsv"), "pt", TEXTS, str)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('text,label\n"Errada,p\nO app,n\nespere",n\nFim,p\n', 4),
        ('label,text\nn,"Errada\nn,O app"\nn,Fim\n', 3),
        ('text,label\n"Errada,p\nO app,q\nespere",n\nFim,p\n', 4),
        ('a,text,label\r\n1,"Errada,p\r\n2,O app,n\r\n3,espere",n\r\n4,Fim,p\r\n', 4),
    ],
)
def test_rows_of_a_csv_are_not_taken_for_one_where_their_labels_say_so(content: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"a\.csv, line {line}: a quotation mark ends here a field of several lines"):
        read_labelled(write(tmp_path, content, "a.csv"), "pt", TEXTS, str)


def test_a_text_of_a_csv_may_hold_commas_on_several_lines(tmp_path: Path) -> None:
    path = write(tmp_path, 'text,label\n"Olá, Ana\naté, breve\nEva",p\n"a,p,n\nb",n\n', "a.csv")
    assert [row.text for row in read_labelled(path, "pt", TEXTS, str)] == ["Olá, Ana\naté, breve\nEva", "a,p,n\nb"]


@pytest.mark.parametrize("content", ['text\tlabel\n"Errada\tp\nFim\tn\n', 'text\tlabel\n"Errada" é\tp\nFim\tn\n'])
def test_a_quotation_mark_that_nothing_ends_is_refused(content: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a\.tsv, line \d: not a table"):
        read_labelled(write(tmp_path, content, "a.tsv"), "pt", TEXTS, str)


def test_a_text_of_a_tsv_may_begin_with_a_doubled_quotation_mark(tmp_path: Path) -> None:
    path = write(tmp_path, 'text\tlabel\n"""Errada"\tp\nespere"\tn\n', "a.tsv")
    assert [row.text for row in read_labelled(path, "pt", TEXTS, str)] == ['"Errada', 'espere"']


def test_a_label_that_is_refused_is_named_with_its_place(tmp_path: Path) -> None:
    def refuse(value: object) -> str:
        raise ValueError(f"label {value} is odd")

    with pytest.raises(UserError, match=r"data\.json, line 1: label no is odd"):
        read_labelled(write(tmp_path, lines(ROW)), "ja", PAIRS, refuse)


def test_a_missing_file_and_one_that_is_not_utf_8_are_user_errors(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        pairs(tmp_path / "none.json")
    path = tmp_path / "sjis.json"
    path.write_bytes("犬".encode("shift_jis"))
    with pytest.raises(UserError, match=r"not UTF-8 \(byte 0\)"):
        pairs(path)


def test_the_card_is_that_of_a_fetched_document_alone(tmp_path: Path) -> None:
    assert read_card(write(tmp_path, json.dumps({"card": HUB_CARD, "rows": []}))) == HUB_CARD
    for own in ({"kept": 2}, 5, None):
        assert read_card(write(tmp_path, json.dumps({"card": own, "rows": []}))) is None
    assert read_card(write(tmp_path, lines(ROW, ROW))) is None
    assert read_card(write(tmp_path, lines(ROW))) is None
    assert read_card(write(tmp_path, "card,rows\n1,2\n", "a.csv")) is None


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        (
            "a.jsonl",
            lines(ROW, ROW | {"sentence1": "", "label": 9})
            + "{,}\n"
            + lines({"label": "no"})
            + "3\n"
            + lines(ROW | {"label": ""}),
            [
                ("'sentence1' empty", "line 2", "7"),
                ("label missing or unknown", "line 2", "7"),
                ("id used twice", "line 2", ""),
                ("no column 'sentence_pair_id'", "line 4", ""),
                ("no column 'sentence1'", "line 4", ""),
                ("no column 'sentence2'", "line 4", ""),
                ("no row", "line 5", ""),
                ("label missing or unknown", "line 6", "7"),
                ("id used twice", "line 6", ""),
                ("line not JSON", "line 3, column 2", ""),
            ],
        ),
        (
            "a.tsv",
            "label\tsentence_pair_id\tsentence1\tsentence2\nno\t1\ta\tb\nno\t2\ta\nyes\t \ta\tb\nno\t4\ta\t\n",
            [
                ("no id", "line 4", ""),
                ("label missing or unknown", "line 4", ""),
                ("'sentence2' empty", "line 5", "4"),
                ("another number of fields", "line 3", ""),
            ],
        ),
    ],
)
def test_every_fault_of_a_file_is_found_in_one_reading(
    name: str, content: str, found: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    def label(value: object) -> str:
        if value != "no":
            raise ValueError(f"label {value} is odd. Correct it")
        return "no"

    path = write(tmp_path, content, name)
    faults = Faults(path)
    assert [one.label for one in read_labelled(path, "ja", PAIRS, label, faults)] == ["no"]
    assert sorted((fault.kind, fault.place, fault.id) for fault in faults.refused) == sorted(found)
    assert {fault.remedy for fault in faults.refused if fault.kind.startswith("label")} == {"Correct it"}


def test_a_faulty_row_stays_so_in_another_role(tmp_path: Path) -> None:
    path = write(tmp_path, lines(ROW, ROW | {"sentence_pair_id": 8, "sentence1": ""}))
    faults = Faults(path)
    first, second = (read_labelled(path, "ja", PAIRS, str, faults) for _ in range(2))
    assert [row.id for row in first] == ["7"] and second == first and len(faults) == 1
