"""Answer questions: the best span over all windows of a passage."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from gemquad.params import Student
from gemquad.progress import Progress
from gemquad.student.features import NOT_HERE, Example, Window, windows


@dataclass(frozen=True)
class Answer:
    """`passage[start:start + len(text)] == text`; `confidence` is the span's probability within its window, 0 to 1."""

    text: str
    start: int
    confidence: float


@torch.inference_mode()
def answer(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    examples: Sequence[Example],
    settings: Student,
    label: str = "answering",
) -> list[Answer]:
    """The student's answer to each example, in order.

    Windows are batched by length. A span's probability is that of its first token times that of its last, each over the
    passage tokens of its window and the token that stands for "not here"; of a passage's windows the likeliest span wins.
    """
    best: list[Answer | None] = [None] * len(examples)
    cut = sorted(windows(examples, tokenizer, settings.max_length, settings.stride), key=lambda w: len(w.input_ids))
    with Progress(label, len(cut), "questions") as progress:
        for at in range(0, len(cut), settings.eval_batch_size):
            batch = cut[at : at + settings.eval_batch_size]
            starts, ends = _scores(model, tokenizer, batch)
            for row, window in enumerate(batch):
                found = _best_span(window, starts[row], ends[row], examples, settings.max_answer_tokens)
                current = best[window.example]
                if current is None or found.confidence > current.confidence:
                    best[window.example] = found
            progress.advance(len(batch))
    return [found for found in best if found is not None]


def _scores(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, batch: list[Window]) -> tuple[Tensor, Tensor]:
    """Start and end logits, each [windows, tokens], float32 on the CPU."""
    padded = tokenizer.pad(
        {"input_ids": [window.input_ids for window in batch]}, padding_side="right", return_tensors="pt"
    )
    output = model(
        input_ids=padded["input_ids"].to(model.device), attention_mask=padded["attention_mask"].to(model.device)
    )
    return output.start_logits.float().cpu(), output.end_logits.float().cpu()


def _best_span(window: Window, starts: Tensor, ends: Tensor, examples: Sequence[Example], longest: int) -> Answer:
    positions = [i for i, span in enumerate(window.spans) if span]
    index = torch.tensor([NOT_HERE, *positions])
    scores = starts[index].log_softmax(-1)[1:, None] + ends[index].log_softmax(-1)[None, 1:]
    allowed = torch.ones_like(scores, dtype=torch.bool).triu().tril(longest - 1)
    flat = scores.masked_fill(~allowed, -torch.inf).flatten()
    choice = int(flat.argmax())
    first, last = divmod(choice, len(positions))
    first_span, last_span = window.spans[positions[first]], window.spans[positions[last]]
    assert first_span and last_span
    text = examples[window.example].passage[first_span.start : last_span.end]
    return Answer(text, first_span.start, float(flat[choice].exp()))
