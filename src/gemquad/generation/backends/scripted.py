"""A generator without a model: for tests, and to try a pipeline's plumbing at thousands of prompts per second."""

import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gemquad.generation.backends.protocol import Capabilities
from gemquad.tasks.requests import Field, GenerationResult, Request
from gemquad.text.spans import Span, words

_ROWS_PER_BATCH = 256
_LONGEST_ANSWER = 3  # words


class ScriptedBackend:
    """Writes lines of words drawn from the source (without one, from the prompt), and answers that stand in it, by the seed."""

    capabilities = Capabilities(
        seeds=True, independent=True, constraint=True, likelihoods=True, ignored=("temperature", "top_k", "top_p")
    )
    identity: dict[str, Any] = {"backend": "scripted", "model": "scripted"}  # noqa: RUF012  (never written to; a ClassVar would not be the protocol's property)

    def batches(self, requests: Sequence[Request]) -> list[list[int]]:
        """The requests in their order, a fixed number to a batch."""
        order = list(range(len(requests)))
        return [order[at : at + _ROWS_PER_BATCH] for at in range(0, len(order), _ROWS_PER_BATCH)]

    def run(self, batches: Iterable[list[Request]]) -> Iterator[tuple[list[Request], list[GenerationResult]]]:
        """Complete or score every request of each batch immediately, without a model."""
        for batch in batches:
            yield batch, [_judge(request) if request.continuation else _write(request) for request in batch]

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """The number of white-space-separated words of each text."""
        return [len(text.split()) for text in texts]


def _judge(request: Request) -> GenerationResult:
    return GenerationResult(
        logprob=-float(len(request.continuation)), prompt_tokens=len(request.prompt.split()), finished=True
    )


def _write(request: Request) -> GenerationResult:
    draw = random.Random(request.settings.seed)
    generated = GenerationResult(prompt_tokens=len(request.prompt.split()), finished=True)
    for field in request.fields:
        if field.mode == "extract":
            span = _span(request.source, draw)
            generated.texts[field.name] = request.source[span.start : span.end]
            generated.spans[field.name] = [span]
        else:
            generated.texts[field.name] = _line(_vocabulary(request, field), field, draw)
        generated.completion_tokens += len(generated.texts[field.name].split())
    return generated


def _span(source: str, draw: random.Random) -> Span:
    found = words(source)
    if not found:
        return Span(0, 0)
    first = draw.randrange(len(found))
    last = min(first + draw.randrange(_LONGEST_ANSWER), len(found) - 1)
    return Span(found[first].start, found[last].end)


def _vocabulary(request: Request, field: Field) -> list[str]:
    """What a line is written with; in the prompt, scripts without spaces give characters."""
    if request.source:
        return request.source.split()
    shown = f"{request.prompt}\n{field.lead}"
    return [shown[word.start : word.end] for word in words(shown)]


def _line(vocabulary: Sequence[str], field: Field, draw: random.Random) -> str:
    return " ".join(draw.choices(vocabulary, k=min(field.max_tokens, draw.randint(3, 8)))) + "?"
