from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import PreTrainedTokenizerFast
from transformers.modeling_outputs import QuestionAnsweringModelOutput

from gemquad.params import Student, load_params
from gemquad.student import inference
from gemquad.student.inference import _batches, _likeliest, answer, candidates
from gemquad.tasks.answers import Answer
from gemquad.tasks.extractive_qa.head import SpanHead
from gemquad.tasks.extractive_qa.windows import Window
from gemquad.tasks.head import Encoded, Input
from gemquad.tasks.settings import ExtractiveQA
from gemquad.text.spans import Span

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


def test_any_number_of_inputs_is_encoded_in_pieces(
    tokenizer: PreTrainedTokenizerFast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some are cut into windows, and the shortest come last."""
    inputs = [Input(f"{'palabra ' * n}Cusco mismo.", "¿Dónde?") for n in (30, 70, 15, 2, 60, 1, 0)]
    settings = replace(SETTINGS, max_length=48, stride=12)
    oracle = Oracle(tokenizer, " Cusco", " mismo")
    at_once = answer(oracle, tokenizer, inputs, READER, settings)
    encoded = []

    class Watched(SpanHead):
        def encode(self, inputs: Sequence[Input], *others: Any) -> list[Window]:
            encoded.append(len(inputs))
            return super().encode(inputs, *others)

    monkeypatch.setattr(inference, "_PIECE", 3)
    in_pieces = answer(oracle, tokenizer, inputs, Watched(READER.settings), settings)
    assert encoded == [3, 3, 1]
    assert [(one.text, one.start) for one in in_pieces] == [(one.text, one.start) for one in at_once]
    assert [one.confidence for one in in_pieces] == pytest.approx([one.confidence for one in at_once], abs=1e-6)
    assert [one.start for one in in_pieces] == [one.text.index("Cusco") for one in inputs]


def test_progress_counts_inputs_and_not_their_windows(
    tokenizer: PreTrainedTokenizerFast, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs = [Input("palabra " * n, "¿Dónde?") for n in (70, 1)]
    answer(Oracle(tokenizer, "a", "b"), tokenizer, inputs, READER, replace(SETTINGS, max_length=48, stride=12))
    assert capsys.readouterr().err.startswith("answering: 100% 2/2 [")


def test_no_batch_has_more_tokens_than_it_may() -> None:
    encoded = [Encoded(number, [2] * length) for number, length in enumerate((2, 3, 4, 5, 9, 30))]
    found = [[len(one.input_ids) for one in batch] for batch in _batches(encoded, 12)]
    assert found == [[2, 3, 4], [5], [9], [30]]


def by_hand(window: Window, starts: torch.Tensor, ends: torch.Tensor, longest: int) -> list[tuple[Span, float]]:
    """Every span of a window in turn, the likeliest first."""
    at = [number for number, span in enumerate(window.spans) if span]
    first, last = (logits[[0, *at]].log_softmax(-1)[1:] for logits in (starts, ends))
    spans = [(i, j) for i in range(len(at)) for j in range(i, min(i + longest, len(at)))]
    ranked = sorted(spans, key=lambda span: -float(first[span[0]] + last[span[1]]))
    return [
        (Span(window.spans[at[i]].start, window.spans[at[j]].end), float((first[i] + last[j]).exp())) for i, j in ranked
    ]


def test_all_windows_at_once_say_what_each_says_alone(tokenizer: PreTrainedTokenizerFast) -> None:
    inputs = [Input(f"Hoy es {n}. {'Luis lee. ' * n}Ana vive en Cusco.", "¿Dónde?") for n in (1, 5, 20)]
    inputs.append(Input("\x00", "¿Dónde?"))
    settings = replace(SETTINGS, max_length=64, stride=12, max_answer_tokens=3)
    windows = READER.encode(inputs, tokenizer, settings)
    torch.manual_seed(0)
    starts, ends = torch.randn(2, len(windows), max(len(one.input_ids) for one in windows)) * 3
    output = QuestionAnsweringModelOutput(start_logits=starts, end_logits=ends)
    found = READER.answers(windows, output, inputs, settings, 4)
    for row, window in enumerate(windows):
        if not any(window.spans):
            assert found[row] == [Answer("", 0, 0.0)]
            continue
        text = inputs[window.example].text
        for said, (span, probability) in zip(found[row], by_hand(window, starts[row], ends[row], 3)[:4], strict=True):
            assert (said.text, said.start) == (text[span.start : span.end], span.start)
            assert said.confidence == pytest.approx(probability, abs=1e-6)
    assert READER.answers(windows, output, inputs, settings, 1) == [own[:1] for own in found]


def test_a_window_has_no_more_answers_than_spans(tokenizer: PreTrainedTokenizerFast) -> None:
    (window,) = READER.encode([Input("Ana vive.", "¿Dónde?")], tokenizer, SETTINGS)
    spans = len([span for span in window.spans if span])
    flat = torch.zeros(1, len(window.input_ids))
    output = QuestionAnsweringModelOutput(start_logits=flat, end_logits=flat)
    (found,) = READER.answers([window], output, [Input("Ana vive.")], SETTINGS, 1000)
    assert len(found) == spans * (spans + 1) // 2
    assert [one.confidence for one in found] == pytest.approx([1 / (spans + 1) ** 2] * len(found))
    (best,) = READER.answers([window], output, [Input("Ana vive.")], SETTINGS, 1)
    assert best == found[:1], "among equals the same one"


def test_candidates_of_all_windows_are_merged_and_each_place_counts_once(tokenizer: PreTrainedTokenizerFast) -> None:
    """Neighbouring windows share words, so that the same span is found in both."""
    passage = "Hoy no pasa nada en la ciudad. " * 8 + "Ana nació en Cusco mismo. " + "Luego tampoco pasa nada. " * 8
    settings = replace(SETTINGS, max_length=40, stride=12)
    oracle = Oracle(tokenizer, " Cusco", " mismo")
    (found,) = candidates(oracle, tokenizer, [Input(passage, "¿Dónde?")], READER, settings, 20)
    assert len(found) == 20 == len({(one.text, one.start) for one in found})
    assert [one.confidence for one in found] == sorted((one.confidence for one in found), reverse=True)
    assert all(passage[one.start :].startswith(one.text) for one in found)
    assert found[:1] == answer(oracle, tokenizer, [Input(passage, "¿Dónde?")], READER, settings)
    ranked = _likeliest([Answer("a", 0, 0.2), Answer("b", 3, 0.5), Answer("a", 0, 0.4), Answer("a", 9, 0.4)], 3)
    assert ranked == [Answer("b", 3, 0.5), Answer("a", 0, 0.4), Answer("a", 9, 0.4)]
