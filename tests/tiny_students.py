"""Tiny students of every kind of task, trained on a few examples; each is made once, for all test processes.

`pytest_plugins = ["tiny_students"]` gives a test file its fixtures.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, XLMRobertaModel

from conftest import ROOT, made_once, tiny_encoder
from gemquad.params import ModelSource, Student, load_params
from gemquad.schema import LabelledText, Question
from gemquad.student.training import Phase, fine_tune
from gemquad.tasks.loading import load_saved_task

TASKS: dict[str, dict[str, Any]] = {
    "questions": {"name": "questions", "kind": "extractive_qa"},
    "classes": {
        "name": "places",
        "kind": "text_classification",
        "labels": {"Lima": "1", "Cusco": "0"},
        "columns": {"text": "text", "label": "label"},
        "metrics": ["accuracy"],
    },
    "pairs": {
        "name": "same",
        "kind": "pair_classification",
        "labels": {"yes": "1", "no": "0"},
        "columns": {"text": "a", "second": "b", "label": "label"},
        "metrics": ["accuracy"],
    },
    "values": {
        "name": "likeness",
        "kind": "pair_similarity",
        "range": [0, 5],
        "columns": {"text": "a", "second": "b", "label": "label"},
        "metrics": ["pearson"],
    },
}
PLACES = ["Lima", "Cusco", "Quito", "Bogotá"]


def passage(number: int) -> str:
    """Where Ana lives, in one of four cities."""
    return f"Hoy es {number}. Ana vive en {PLACES[number % 4]} con Luis."


def examples(task: str, count: int) -> list[Any]:
    """Examples that a tiny model learns."""
    if task == "questions":
        starts = [passage(i).index(PLACES[i % 4]) for i in range(count)]
        return [
            Question(str(i), "es", "", passage(i), "¿Dónde vive Ana?", [PLACES[i % 4]], [starts[i]])
            for i in range(count)
        ]
    labels = {"classes": ["Lima", "Cusco"], "pairs": ["yes", "no"], "values": ["5", "0"]}[task]
    second = [""] if task == "classes" else ["Ana vive en Lima.", "Luis vive en Quito."]
    texts = (
        [f"Ana vive en {PLACES[i % 2]}." for i in range(count)] if task == "classes" else ["Ana vive en Lima."] * count
    )
    return [LabelledText(str(i), "es", texts[i], second[i % len(second)], labels[i % 2]) for i in range(count)]


@pytest.fixture(scope="session")
def tiny_xlmr(tokenizer: PreTrainedTokenizerFast, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with XLM-R's architecture, two layers and random weights, and with its marks."""

    def make(folder: Path) -> None:
        XLMRobertaModel(tiny_encoder(tokenizer)).save_pretrained(folder)
        with_marks_of_xlmr(tokenizer).save_pretrained(folder)

    return made_once(tmp_path_factory, "tiny-xlmr", make)


@pytest.fixture(scope="session")
def tiny_bert(tokenizer: PreTrainedTokenizerFast, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with BERT's architecture and random weights, which tells the two texts of a pair apart."""

    def make(folder: Path) -> None:
        shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
        model = BertModel(BertConfig(vocab_size=len(tokenizer), pad_token_id=0, **shape))
        model.embeddings.token_type_embeddings.weight.data.mul_(30)
        model.save_pretrained(folder)
        with_marks_of_bert(tokenizer).save_pretrained(folder)

    return made_once(tmp_path_factory, "tiny-bert", make)


def with_marks_of_bert(tokenizer: PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    """The same tokens in the template of BERT: those of the second text, and its mark, are of segment 1."""
    names = ["input_ids", "token_type_ids", "attention_mask"]
    return _with_template(tokenizer, "<bos> $A <eos>", "<bos> $A <eos> $B:1 <eos>:1", model_input_names=names)


def with_marks_of_xlmr(tokenizer: PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    """The same tokens in the template of XLM-R."""
    return _with_template(tokenizer, "<bos> $A <eos>", "<bos> $A <eos> <eos> $B <eos>")


def _with_template(
    tokenizer: PreTrainedTokenizerFast, single: str, pair: str, **options: Any
) -> PreTrainedTokenizerFast:
    core = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    marks = [(mark, core.token_to_id(mark)) for mark in ("<bos>", "<eos>")]
    core.post_processor = TemplateProcessing(single=single, pair=pair, special_tokens=marks)
    return PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token="<eos>", pad_token="<pad>", unk_token="<unk>", **options
    )


@pytest.fixture(scope="session")
def student(
    tiny_gemma: Path, tiny_xlmr: Path, tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Path]:
    """`student("questions", "gemma")`: the folder of a student that has learnt the task."""

    def of(task: str, architecture: str) -> Path:
        source = {"gemma": tiny_gemma, "xlmr": tiny_xlmr, "bert": tiny_bert}[architecture]
        return made_once(tmp_path_factory, f"{architecture}-{task}", lambda folder: _train(task, source, folder))

    return of


def _train(task: str, source: Path, folder: Path) -> None:
    default: Student = load_params(ROOT / "params.yaml").student
    settings = replace(
        default,
        model=ModelSource(str(source)),
        dtype="float32",
        layers=None,
        trainable_layers=None,
        learning_rate=5e-3,
        head_learning_rate=5e-3,
    )
    head = load_saved_task(TASKS[task]).head()
    inputs = [head.input(example) for example in examples(task, 32 if task == "questions" else 16)]
    fine_tune([Phase("gold", inputs, 12)], head, settings, 1, folder)
