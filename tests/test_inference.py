from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedTokenizerFast
from transformers.modeling_outputs import QuestionAnsweringModelOutput

from gemquad.params import Student, load_params
from gemquad.student.inference import answer
from gemquad.tasks.heads.base import Input
from gemquad.tasks.heads.span import SpanHead
from gemquad.tasks.settings import ExtractiveQA

READER = SpanHead(ExtractiveQA("questions", "extractive_qa"))
SETTINGS: Student = load_params(Path(__file__).parents[1] / "params.yaml").student


class Doubter:
    """Sure of a wrong word in the first window, but surer that the answer is not there; fairly sure of the right one later."""

    device = torch.device("cpu")

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        self._wrong, self._right = (
            tokenizer(w, add_special_tokens=False)["input_ids"][0] for w in (" Quito", " Cusco")
        )

    def __call__(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> QuestionAnsweringModelOutput:
        logits = (input_ids == self._wrong).float() * 12 + (input_ids == self._right).float() * 6
        logits[:, 0] = (input_ids == self._wrong).any(-1) * 15.0
        return QuestionAnsweringModelOutput(start_logits=logits, end_logits=logits.clone())


def test_a_window_that_says_not_here_loses(tokenizer: PreTrainedTokenizerFast) -> None:
    passage = "Luis llegó a Quito. " + "Hoy no pasa nada en la ciudad. " * 12 + "Ana vive en Cusco."
    settings = replace(SETTINGS, max_length=48, stride=12)
    (found,) = answer(Doubter(tokenizer), tokenizer, [Input(passage, "¿Dónde?")], READER, settings)
    assert passage[found.start :].startswith("Cusco")


class Oracle:
    """A model that points at given words: high start and end logits on their first and last token."""

    device = torch.device("cpu")

    def __init__(self, tokenizer: PreTrainedTokenizerFast, begin: str, end: str) -> None:
        self._first = tokenizer(begin, add_special_tokens=False)["input_ids"][0]
        self._last = tokenizer(end, add_special_tokens=False)["input_ids"][-1]

    def __call__(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> QuestionAnsweringModelOutput:
        return QuestionAnsweringModelOutput(
            start_logits=(input_ids == self._first).float() * 9, end_logits=(input_ids == self._last).float() * 9
        )


@pytest.mark.parametrize("max_length", [40, 200])
def test_finds_the_span_in_any_window(max_length: int, tokenizer: PreTrainedTokenizerFast) -> None:
    passage = "Hoy no pasa nada en la ciudad. " * 8 + "Ana nació en Cusco mismo. " + "Luego tampoco pasa nada. " * 8
    settings = replace(SETTINGS, max_length=max_length, stride=12, eval_batch_size=2)
    (found,) = answer(Oracle(tokenizer, " Cusco", " mismo"), tokenizer, [Input(passage, "¿Dónde?")], READER, settings)
    assert found.text == "Cusco mismo"
    assert passage[found.start : found.start + len(found.text)] == found.text
    assert 0.5 < found.confidence <= 1


def test_the_end_never_comes_before_the_start(tokenizer: PreTrainedTokenizerFast) -> None:
    inputs = [Input("Luis llegó a Quito. Ana nació en Lima.", "¿Dónde?")]
    (found,) = answer(Oracle(tokenizer, " Lima", " Quito"), tokenizer, inputs, READER, SETTINGS)
    assert found.text


def test_answers_come_in_the_order_of_the_inputs(tokenizer: PreTrainedTokenizerFast) -> None:
    inputs = [Input(f"{'palabra ' * n}Cusco mismo.", "¿Dónde?") for n in (30, 2, 15)]
    found = answer(Oracle(tokenizer, " Cusco", " mismo"), tokenizer, inputs, READER, SETTINGS)
    assert [f.start for f in found] == [one.text.index("Cusco") for one in inputs]
