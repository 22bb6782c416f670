"""Students as transformers' users load them; the last test does it in a process that has never imported this package."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from transformers import pipeline

import gemquad.serving.pipeline  # noqa: F401, registers it
from gemquad.errors import UserError
from gemquad.serving.predictor import Predictor

pytest_plugins = ["tiny_students"]
Make = Callable[[str, str], Path]
QUESTION, CONTEXT = "¿Dónde vive Ana?", "Hoy es 29. Ana vive en Cusco con Luis."


@pytest.mark.parametrize("architecture", ["gemma", "xlmr"])
def test_questions_are_answered_as_transformers_did(architecture: str, student: Make) -> None:
    folder = student("questions", architecture)
    reader = pipeline("question-answering", model=str(folder), device="cpu")
    found = reader(question=QUESTION, context=CONTEXT)
    assert list(found) == ["score", "start", "end", "answer"]
    assert (found["start"], found["end"], found["answer"]) == (23, 28, "Cusco")
    assert found["score"] == pytest.approx(
        Predictor.load(folder).predict([{"question": QUESTION, "passage": CONTEXT}])[0]["score"], abs=1e-6
    )
    asked = [
        {"question": QUESTION, "context": CONTEXT},
        {"question": QUESTION, "context": "Hoy es 28. Ana vive en Lima con Luis."},
    ]
    assert [one["answer"] for one in reader(asked)] == ["Cusco", "Lima"]
    assert reader(asked[0]) == found


def test_what_cannot_be_answered_is_said(student: Make) -> None:
    reader = pipeline("question-answering", model=str(student("questions", "gemma")), device="cpu")
    with pytest.raises(UserError, match="'passage' is None, not a text"):
        reader(question=QUESTION)
    with pytest.raises(ValueError, match="there is no option 'top_k'"):
        reader(question=QUESTION, context=CONTEXT, top_k=3)


def test_pairs_are_classified_as_the_predictor_does(student: Make) -> None:
    folder = student("pairs", "xlmr")
    rows = [{"text": "Ana vive en Lima.", "second": second} for second in ("Ana vive en Lima.", "Luis vive en Quito.")]
    told = pipeline("text-classification", model=str(folder), device="cpu")(
        [{"text": row["text"], "text_pair": row["second"]} for row in rows]
    )
    expected = Predictor.load(folder).predict(rows)
    assert [one["label"] for one in told] == [one["label"] for one in expected] == ["yes", "no"]
    assert [one["score"] for one in told] == pytest.approx([one["score"] for one in expected], abs=1e-5)


FRESH = """
import sys
from transformers import AutoModelForQuestionAnswering, pipeline
reader = AutoModelForQuestionAnswering.from_pretrained(sys.argv[1])
classifier = pipeline("text-classification", model=sys.argv[2], device="cpu")
print(type(reader).__name__, classifier("Ana vive en Cusco.")[0]["label"], "gemquad" in sys.modules)
import gemquad.student.gemma
print(type(AutoModelForQuestionAnswering.from_pretrained(sys.argv[3])).__name__)
"""


def test_an_encoder_needs_nothing_of_this_package_and_gemma_one_import(student: Make) -> None:
    folders = [student("questions", "xlmr"), student("classes", "xlmr"), student("questions", "gemma")]
    command = [sys.executable, "-c", FRESH, *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == [
        "XLMRobertaForQuestionAnswering Cusco False",
        "Gemma3TextForQuestionAnswering",
    ]
