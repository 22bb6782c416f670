"""Questions and passages as windows of tokens.

A passage that does not fit is cut into windows that overlap by `stride` tokens, as in the SQuAD fine-tuning of Devlin et al.
(2019, arXiv 1810.04805); a window in which the answer is not whole trains towards its first token ("not here").
"""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from gemquad.tasks.head import Encoded, Input
from gemquad.text.spans import Span

NOT_HERE = 0
"""The position that means "no answer in this window": the first token."""

_SPECIAL_TOKENS = 4
"""Room for a tokenizer's own marks around question and passage."""


@dataclass(frozen=True)
class Window(Encoded):
    """A piece of a passage behind its question. `spans[i]` is the raw passage range of token `i`, None outside the passage."""

    spans: list[Span | None]


def windows(inputs: Sequence[Input], tokenizer: PreTrainedTokenizerBase, max_length: int, stride: int) -> list[Window]:
    """Tokenise question (`second`) first, passage (`text`) second; one or more windows for each input, in order.

    A question that would leave its passage less than half a window is cut.
    """
    if not inputs:
        return []
    encoded = tokenizer(
        [_cut(asked.second.strip(), tokenizer, max_length // 2 - _SPECIAL_TOKENS) for asked in inputs],
        [asked.text for asked in inputs],
        truncation="only_second",
        max_length=max_length,
        stride=stride,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    segments = encoded.get("token_type_ids") or [None] * len(encoded["input_ids"])
    result = []
    for i, input_ids in enumerate(encoded["input_ids"]):
        example = encoded["overflow_to_sample_mapping"][i]
        passage = inputs[example].text
        spans = [
            _visible(passage, start, end) if part == 1 else None
            for part, (start, end) in zip(encoded.sequence_ids(i), encoded["offset_mapping"][i], strict=True)
        ]
        result.append(Window(example, input_ids, spans, segments=segments[i]))
    return result


def target(window: Window, answer: Span) -> tuple[int, int]:
    """Token positions of the answer's first and last token; `NOT_HERE` twice where the window does not hold it whole."""
    inside = [i for i, span in enumerate(window.spans) if span and span.start < answer.end and span.end > answer.start]
    passage = [span for span in window.spans if span]
    if not inside or passage[0].start > answer.start or passage[-1].end < answer.end:
        return NOT_HERE, NOT_HERE
    return inside[0], inside[-1]


def _cut(question: str, tokenizer: PreTrainedTokenizerBase, longest: int) -> str:
    offsets = tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    return question if len(offsets) <= longest else question[: offsets[longest - 1][1]]


def _visible(text: str, start: int, end: int) -> Span | None:
    """A token's range without leading white space; None for a token of white space alone, which no answer begins or ends with."""
    stripped = start
    while stripped < end and text[stripped].isspace():
        stripped += 1
    return Span(stripped, end) if stripped < end else None
