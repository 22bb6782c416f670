"""From the tokens that were chosen for a row back to its texts, and the places of its answers."""

from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

from gemquad.generation.decoder.slots import DecoderRow
from gemquad.generation.decoder.step import TokenEvent
from gemquad.tasks.requests import GenerationResult


def transcribe(
    row: DecoderRow, tokens: Sequence[int], events: Sequence[int], tokenizer: PreTrainedTokenizerBase
) -> GenerationResult:
    """The result of `row`, from the tokens chosen at its steps and the `TokenEvent` of each.

    A field that ran into its limit has its text so far and no places.
    """
    generated = GenerationResult(prompt_tokens=len(row.prompt), completion_tokens=len(tokens))
    fields, written = iter(row.fields), list[int]()
    for token, event in zip(tokens, events, strict=True):
        if event in (TokenEvent.WRITTEN, TokenEvent.WRITTEN_AND_ENDED):
            written.append(token)
        if event in (TokenEvent.ENDED, TokenEvent.WRITTEN_AND_ENDED, TokenEvent.GIVEN_UP):
            field = next(fields)
            generated.texts[field.name] = str(tokenizer.decode(written)).split("\n")[0]
            if event != TokenEvent.GIVEN_UP:
                generated.spans[field.name] = row.passage.places(written) if field.mode == "extract" else []
            written = []
    generated.finished = len(generated.spans) == len(row.fields)
    return generated
