"""A tiny random model decodes like a real one: what matters here is the bookkeeping, not the text."""

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, DynamicCache

from gemquad.generation.cache import growing_cache
from gemquad.generation.constraint import tokenize_passage
from gemquad.generation.decoding import Decoder, Request
from gemquad.generation.likelihood import log_likelihoods
from gemquad.generation.sampling import Settings
from gemquad.generation.transformers_backend import load_decoder
from gemquad.params import ModelSource
from gemquad.tasks.base import Field

PASSAGE = "Ana Torres nació en Lima en 1920 y abrió una escuela de música en la costa."


@pytest.fixture(scope="module")
def decoder(tiny_gemma: Path) -> Decoder:
    return load_decoder(ModelSource(str(tiny_gemma)), "float32")


def request(decoder: Decoder, seed: int, order: str = "question-first", temperature: float = 0.8) -> Request:
    question = Field("question", "" if order == "question-first" else "Pregunta:", "free", 8)
    answer = Field("answer", "Respuesta:" if order == "question-first" else "", "extract", 6, ending_bonus=3.0)
    return Request(
        prompt=decoder.tokenizer("Texto: " + "nota " * (seed % 5) + PASSAGE + "\nPregunta:")["input_ids"],
        passage=tokenize_passage(PASSAGE, decoder.tokenizer),
        fields=[question, answer] if order == "question-first" else [answer, question],
        settings=Settings(temperature, 20 + seed, 0.9, seed),
    )


@pytest.mark.parametrize("order", ["question-first", "answer-first"])
def test_answers_are_where_their_spans_say(decoder: Decoder, order: str) -> None:
    results = decoder.decode([request(decoder, seed, order) for seed in range(32)])
    extracted = [result for result in results if result.spans.get("answer")]
    assert len(extracted) > 3
    for result in extracted:
        span = result.spans["answer"][0]
        assert PASSAGE[span.start : span.end] == result.texts["answer"].strip()
        assert result.logprobs["answer"] < 0


def test_a_row_does_not_depend_on_its_neighbours(decoder: Decoder) -> None:
    requests = [request(decoder, seed) for seed in range(24)]
    alone = [decoder.decode([one])[0] for one in requests]
    together = decoder.decode(requests)
    assert [r.texts for r in together] == [r.texts for r in alone]
    for one, many in zip(alone, together, strict=True):
        assert many.logprobs == pytest.approx(one.logprobs, abs=1e-4)


def test_seeds_differ_and_repeat(decoder: Decoder) -> None:
    first, again, other = (decoder.decode([request(decoder, seed, temperature=2.0)])[0] for seed in (1, 1, 2))
    assert first == again
    assert first.texts != other.texts or first.tokens != other.tokens


def test_an_unfinished_field_is_reported(decoder: Decoder) -> None:
    results = decoder.decode([request(decoder, seed) for seed in range(32)])
    assert any(not result.finished for result in results)
    for result in results:
        assert result.finished == (set(result.logprobs) == {"question", "answer"})
        assert "question" in result.texts


def test_the_growing_cache_equals_transformers_own(decoder: Decoder) -> None:
    ids = torch.tensor([decoder.token_ids(PASSAGE * 4)])
    ours, theirs = growing_cache(2), DynamicCache(config=decoder.model.config)
    for piece in (ids[:, :-90], *ids[:, -90:].split(1, dim=1)):
        a = decoder.model(piece, past_key_values=ours, use_cache=True).logits
        b = decoder.model(piece, past_key_values=theirs, use_cache=True).logits
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


def test_log_likelihood_is_that_of_a_plain_forward_pass(decoder: Decoder, tiny_gemma: Path) -> None:
    texts = [("Texto: Ana", " vive en Lima\n"), ("Texto: Luis y Ana", " nació\n")]
    model = AutoModelForCausalLM.from_pretrained(tiny_gemma).requires_grad_(False)
    for (prefix, continuation), value in zip(texts, log_likelihoods(decoder, texts, 2, "scoring"), strict=True):
        before, after = decoder.tokenizer(prefix)["input_ids"], decoder.token_ids(continuation)
        logprobs = model(torch.tensor([before + after])).logits[0].log_softmax(-1)
        expected = sum(float(logprobs[len(before) - 1 + i, token]) for i, token in enumerate(after))
        assert value == pytest.approx(expected, abs=1e-3)
