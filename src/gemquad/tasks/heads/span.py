"""The head of an extractive reader: where in its passage the answer begins and ends (Devlin et al. 2019, arXiv 1810.04805).

A span's probability is that of its first token times that of its last, each over the passage tokens of its window and the
token that stands for "not here"; of a passage's windows the likeliest span wins.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForQuestionAnswering, PreTrainedTokenizerBase
from transformers.utils import ModelOutput

from gemquad.schema import Question, SyntheticPair
from gemquad.spans import Span
from gemquad.tasks.answers import Answer
from gemquad.tasks.heads.base import Input, Reading
from gemquad.tasks.heads.columns import ANSWER, PASSAGE, QUESTION, SCORE, START
from gemquad.tasks.heads.windows import NOT_HERE, Window, target, windows
from gemquad.tasks.settings import ExtractiveQA


class SpanHead:
    """Two scores per token: for the answer's first and for its last."""

    architecture = AutoModelForQuestionAnswering
    columns = (QUESTION, PASSAGE)
    outputs = (ANSWER, START, SCORE)

    def __init__(self, settings: ExtractiveQA) -> None:
        self.settings = settings

    @property
    def options(self) -> dict[str, Any]:
        """The architecture needs none."""
        return {}

    def input(self, record: Question | SyntheticPair) -> Input:
        """Passage and question, with the place of the answer: of a gold question, its first answer."""
        if isinstance(record, Question):
            start, text = record.answer_starts[0], record.answers[0]
        else:
            start, text = record.answer_start, record.answer
        return Input(record.passage, record.question, Span(start, start + len(text)))

    def check(self, inputs: Sequence[Input]) -> None:
        """Any questions will do."""

    def encode(self, inputs: Sequence[Input], tokenizer: PreTrainedTokenizerBase, settings: Reading) -> list[Window]:
        """The windows of every passage."""
        return windows(inputs, tokenizer, settings.max_length, settings.stride)

    def training_item(self, encoded: Window, inputs: Sequence[Input]) -> dict[str, Any]:
        """Token ids, and the positions of the answer's first and last token."""
        answer = inputs[encoded.example].target
        assert isinstance(answer, Span), "training examples have answers"
        start, end = target(encoded, answer)
        return {"input_ids": encoded.input_ids, "start_positions": start, "end_positions": end}

    def answers(
        self, batch: Sequence[Window], output: ModelOutput, inputs: Sequence[Input], settings: Reading
    ) -> list[Answer]:
        """The likeliest span of each window, from start and end logits, each [windows, tokens]."""
        starts, ends = output["start_logits"].float().cpu(), output["end_logits"].float().cpu()
        return [
            _best_span(window, starts[row], ends[row], inputs[window.example].text, settings.max_answer_tokens)
            for row, window in enumerate(batch)
        ]

    @property
    def example(self) -> dict[str, str]:
        """A question whose answer is a word."""
        return {"question": "Where does Ana live?", "passage": "Ana lives in Lima."}

    def asked(self, row: Mapping[str, str]) -> Input:
        """Passage and question."""
        return Input(row["passage"], row["question"])

    def told(self, answer: Answer) -> dict[str, Any]:
        """The answer, its place and its probability."""
        return {"answer": answer.text, "start": answer.start, "score": answer.confidence}


def _best_span(window: Window, starts: Tensor, ends: Tensor, passage: str, longest: int) -> Answer:
    positions = [i for i, span in enumerate(window.spans) if span]
    if not positions:  # the tokenizer sees nothing in the passage, e.g. control characters alone
        return Answer("", 0, 0.0)
    index = torch.tensor([NOT_HERE, *positions])
    scores = starts[index].log_softmax(-1)[1:, None] + ends[index].log_softmax(-1)[None, 1:]
    allowed = torch.ones_like(scores, dtype=torch.bool).triu().tril(longest - 1)
    flat = scores.masked_fill(~allowed, -torch.inf).flatten()
    choice = int(flat.argmax())
    first, last = divmod(choice, len(positions))
    first_span, last_span = window.spans[positions[first]], window.spans[positions[last]]
    assert first_span and last_span
    text = passage[first_span.start : last_span.end]
    return Answer(text, first_span.start, float(flat[choice].exp()))
