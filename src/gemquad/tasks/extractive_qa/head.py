"""The head of an extractive reader: where in its passage the answer begins and ends (Devlin et al. 2019, arXiv 1810.04805).

A span's probability is that of its first token times that of its last, each over the passage tokens of its window and the
token that stands for "not here"; of a passage's windows the likeliest span wins.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModelForQuestionAnswering, PreTrainedTokenizerBase
from transformers.utils import ModelOutput

from gemquad.schema import Question, SilverPair, SyntheticPair
from gemquad.tasks.answers import Answer
from gemquad.tasks.columns import ANSWER, PASSAGE, QUESTION, SCORE, START
from gemquad.tasks.extractive_qa.windows import NOT_HERE, Window, target, windows
from gemquad.tasks.head import Input, ReadingSettings
from gemquad.tasks.settings import ExtractiveQA
from gemquad.text.spans import Span


class SpanHead:
    """Scores every token of a window as the first and as the last token of the answer."""

    architecture = AutoModelForQuestionAnswering
    input_columns = (QUESTION, PASSAGE)
    output_columns = (ANSWER, START, SCORE)

    def __init__(self, settings: ExtractiveQA) -> None:
        self.settings = settings

    @property
    def options(self) -> dict[str, Any]:
        """No options: the architecture has two outputs whatever the task."""
        return {}

    def input(self, record: Question | SyntheticPair) -> Input:
        """Passage and question, with the place of the answer: of a gold question, its first answer."""
        if isinstance(record, Question):
            start, text = record.answer_starts[0], record.answers[0]
        else:
            start, text = record.answer_start, record.answer
        weight = record.weight if isinstance(record, SilverPair) else 1.0
        return Input(record.passage, record.question, Span(start, start + len(text)), weight)

    def check(self, inputs: Sequence[Input]) -> None:
        """Accept any questions: they can be learnt from whatever their answers are."""

    def losses(self, output: ModelOutput, batch: Mapping[str, Tensor]) -> Tensor:
        """Of each window the cross-entropy of first and last token, (windows,); transformers' own counts padding too."""
        padding = batch["attention_mask"] == 0  # (windows, tokens)
        logits = [output[f"{end}_logits"].float().masked_fill(padding, -torch.inf) for end in ("start", "end")]
        targets = [batch[f"{end}_positions"] for end in ("start", "end")]  # each (windows,)
        first, last = (nn.functional.cross_entropy(*one, reduction="none") for one in zip(logits, targets, strict=True))
        return (first + last) / 2

    def encode(
        self, inputs: Sequence[Input], tokenizer: PreTrainedTokenizerBase, settings: ReadingSettings
    ) -> list[Window]:
        """The windows of every passage behind its question."""
        return windows(inputs, tokenizer, settings.max_length, settings.stride)

    def training_item(self, encoded: Window, inputs: Sequence[Input]) -> dict[str, Any]:
        """Token ids, and the positions of the answer's first and last token."""
        answer = inputs[encoded.example].target
        assert isinstance(answer, Span), "training examples have answers"
        start, end = target(encoded, answer)
        return {**encoded.tokens, "start_positions": start, "end_positions": end}

    def answers(
        self,
        batch: Sequence[Window],
        output: ModelOutput,
        inputs: Sequence[Input],
        settings: ReadingSettings,
        most: int,
    ) -> list[list[Answer]]:
        """The likeliest spans of each window, from start and end logits, each (windows, tokens)."""
        positions = [[at for at, span in enumerate(window.spans) if span] for window in batch]  # of passage tokens
        best = _likeliest(output["start_logits"], output["end_logits"], positions, settings.max_answer_tokens, most)
        return [
            _answers([span for span in window.spans if span], found, inputs[window.example].text)
            for window, found in zip(batch, best, strict=True)
        ]

    @property
    def example_row(self) -> dict[str, str]:
        """A question with a one-word answer."""
        return {"question": "Where does Ana live?", "passage": "Ana lives in Lima."}

    def input_of_row(self, row: Mapping[str, str]) -> Input:
        """The passage and the question of a row."""
        return Input(row["passage"], row["question"])

    def output_row(self, answer: Answer) -> dict[str, Any]:
        """The answer, its start in the passage and its probability, 0 to 1."""
        return {"answer": answer.text, "start": answer.start, "score": answer.confidence}


def _likeliest(
    starts: Tensor, ends: Tensor, positions: Sequence[Sequence[int]], longest: int, most: int
) -> list[list[tuple[int, int, float]]]:
    """Of each window the likeliest spans' first and last token, as numbers into its `positions`, and their probability.

    Computed for all windows at once where their logits are, so that the host waits for the device once.
    """
    rows = [torch.tensor([NOT_HERE, *own]) for own in positions]
    # (windows, 1 + passage tokens), -1 where a window has fewer; the row of two zeros makes it two wide at least
    index = pad_sequence([*rows, torch.zeros(2, dtype=torch.long)], batch_first=True, padding_value=-1)[:-1]
    index = index.to(starts.device)
    # Log-probabilities of the first and of the last token, (windows, passage tokens); NOT_HERE counts in the softmax alone
    first, last = (
        logits.float().gather(1, index.clamp(min=0)).masked_fill(index < 0, -torch.inf).log_softmax(-1)[:, 1:]
        for logits in (starts, ends)
    )
    # For each first token the `longest` last ones it may have: (windows, passage tokens, longest)
    lasts = nn.functional.pad(last, (0, longest - 1), value=-torch.inf).unfold(1, longest, 1)
    every = (first[..., None] + lasts).flatten(1)  # (windows, passage tokens * longest)
    # Among equals the first one, as `max` has it: the best answer is the same however many are asked for
    ranked = every.max(-1, keepdim=True) if most == 1 else every.sort(stable=True, dim=-1, descending=True)
    scores, choices = ranked.values[:, :most], ranked.indices[:, :most]  # each (windows, most)
    # (2, windows, most): one transfer from the device
    found = torch.stack([scores.exp().double(), choices.double()]).tolist()
    # A choice numbers (first, last - first) pairs row by row, `longest` to a row
    return [
        [
            (int(choice) // longest, int(choice) // longest + int(choice) % longest, probability)
            for probability, choice in zip(*own, strict=True)
        ]
        for own in zip(*found, strict=True)
    ]


def _answers(spans: Sequence[Span], found: Sequence[tuple[int, int, float]], passage: str) -> list[Answer]:
    """The spans as answers, without those that are impossible: behind the passage, or of probability 0."""
    if not spans:  # the tokenizer sees nothing in the passage, e.g. control characters alone
        return [Answer("", 0, 0.0)]
    possible = [found[0], *(one for one in found[1:] if one[2] > 0)]
    return [
        Answer(passage[spans[first].start : spans[last].end], spans[first].start, probability)
        for first, last, probability in possible
    ]
