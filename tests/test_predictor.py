"""A student's folder describes itself, and its rows are answered."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers.normalizers import Replace

from gemquad.errors import UserError
from gemquad.serving.predictor import Predictor

pytest_plugins = ["tiny_students"]
Make = Callable[[str, str], Path]


def test_a_student_says_what_it_is_asked(student: Make) -> None:
    described = json.loads((student("pairs", "gemma") / "gemquad.json").read_text(encoding="utf-8"))
    assert list(described) == ["task", "student", "inputs", "outputs", "example"]
    assert described["task"] == {
        "name": "same",
        "kind": "pair_classification",
        "labels": {"yes": "1", "no": "0"},
        "columns": {"text": "a", "label": "label", "second": "b", "id": None},
        "metrics": ["accuracy"],
    }
    assert described["student"] == {
        "max_length": 384,
        "stride": 96,
        "max_answer_tokens": 30,
        "eval_batch_size": 32,
        "dtype": "float32",
    }
    assert [(column["name"], column["type"]) for column in described["inputs"]] == [
        ("text", "string"),
        ("second", "string"),
    ]
    assert [(column["name"], column["type"]) for column in described["outputs"]] == [
        ("label", "string"),
        ("score", "double"),
    ]
    assert described["example"] == {"text": "Ana lives in Lima.", "second": "Ana lives in Lima."}


def test_questions_are_answered_with_a_place_and_a_score(student: Make, capfd: pytest.CaptureFixture[str]) -> None:
    predictor = Predictor.load(student("questions", "gemma"))
    capfd.readouterr()
    rows = [
        {"id": "a", "question": "¿Dónde vive Ana?", "passage": "Hoy es 29. Ana vive en Cusco con Luis."},
        {"id": "b", "question": "¿Dónde vive Ana?", "passage": "Hoy es 7. Ana vive en Lima con Luis."},
    ]
    first, second = predictor.predict(rows)
    assert (first["answer"], first["start"]) == ("Cusco", 23)
    assert (second["answer"], second["start"]) == ("Lima", 22)
    assert 0.5 < first["score"] <= 1
    assert capfd.readouterr() == ("", "")
    assert list(first) == ["answer", "start", "score"]
    assert [column.name for column in predictor.columns] == ["question", "passage"]


def test_texts_and_pairs_are_answered(student: Make) -> None:
    (told,) = Predictor.load(student("classes", "gemma")).predict([{"text": "Ana vive en Cusco."}])
    assert told["label"] == "Cusco" and 0.5 < told["score"] <= 1
    values = Predictor.load(student("values", "gemma"))
    told = values.predict(
        [{"text": "Ana vive en Lima.", "second": s} for s in ("Ana vive en Lima.", "Luis vive en Quito.")]
    )
    assert told[0]["value"] > 4 and told[1]["value"] < 1
    assert values.predict([]) == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"question": "¿?"}, r"^row 2: 'passage' is missing\. This student needs 'question' and 'passage'"),
        ({"question": "¿?", "passage": " "}, "^row 2: 'passage' is empty"),
        ({"question": None, "passage": "Ana."}, "^row 2: 'question' is None, not a text"),
        ({"question": "\ud83d", "passage": "Ana."}, "^row 2: holds a half of a surrogate pair"),
    ],
)
def test_a_bad_row_is_named(row: dict[str, str], message: str, student: Make) -> None:
    predictor = Predictor.load(student("questions", "gemma"))
    with pytest.raises(UserError, match=message):
        predictor.predict([{"question": "¿?", "passage": "Ana."}, row])


def test_a_passage_of_which_the_tokenizer_sees_nothing_has_no_answer(student: Make) -> None:
    predictor = Predictor.load(student("questions", "gemma"))
    predictor.tokenizer.backend_tokenizer.normalizer = Replace("\u200b", "")
    assert predictor.predict([{"question": "¿?", "passage": "\u200b"}]) == [{"answer": "", "start": 0, "score": 0.0}]


def test_a_folder_without_a_student_or_its_description_is_a_user_error(student: Make, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no student\. `dvc repro` trains one"):
        Predictor.load(tmp_path)
    described = json.loads((student("pairs", "gemma") / "gemquad.json").read_text(encoding="utf-8"))
    described["inputs"][0]["meaning"] = "of an earlier version"
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "gemquad.json").write_text(json.dumps(described))
    with pytest.raises(UserError, match=r"gemquad\.json: .*meaning: unknown setting\. Copy it again, or train"):
        Predictor.load(tmp_path)
    (tmp_path / "gemquad.json").unlink()
    with pytest.raises(UserError, match=r"has no gemquad\.json.*Run `dvc repro`, or copy it"):
        Predictor.load(tmp_path)
