"""A tiny random model decodes like a real one: what matters here is the bookkeeping, not the text."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
import torch
from transformers import AutoModelForCausalLM, DynamicCache, PreTrainedModel

from gemquad.generation.backends.in_process import load_model, load_tokenizer
from gemquad.generation.decoder.batching import shared_prefixes
from gemquad.generation.decoder.cache import growing_cache, started_cache
from gemquad.generation.decoder.constraint import tokenize_passage
from gemquad.generation.decoder.decoding import Decoder, Row
from gemquad.generation.decoder.likelihood import log_likelihoods
from gemquad.generation.request import Field, Settings
from gemquad.params import ModelSource

PASSAGE = "Ana Torres nació en Lima en 1920 y abrió una escuela de música en la costa."
SOLVED = f"Texto: {PASSAGE}\nPregunta: ¿Dónde nació Ana?\nRespuesta: Lima\n\n"
OTHER = "Texto: Luis vive en Cusco, lejos de la costa.\nPregunta: ¿Quién vive en Cusco?\nRespuesta: Luis\n\n"


@pytest.fixture(scope="module")
def decoder(tiny_gemma: Path) -> Decoder:
    source = ModelSource(str(tiny_gemma))
    return Decoder(load_model(source, "float32"), load_tokenizer(source))


@pytest.fixture(scope="module")
def model(tiny_gemma: Path) -> PreTrainedModel:
    return AutoModelForCausalLM.from_pretrained(tiny_gemma).requires_grad_(False)


def row(decoder: Decoder, seed: int, order: str = "question-first", temperature: float = 0.8, shown: str = "") -> Row:
    question = Field("question", "" if order == "question-first" else "Pregunta:", "free", 8)
    answer = Field("answer", "Respuesta:" if order == "question-first" else "", "extract", 6, ending_bonus=3.0)
    return Row(
        prompt=decoder.tokenizer(shown + "Texto: " + "nota " * (seed % 5) + PASSAGE + "\nPregunta:")["input_ids"],
        passage=tokenize_passage(PASSAGE, decoder.tokenizer),
        fields=[question, answer] if order == "question-first" else [answer, question],
        settings=Settings(temperature, 20 + seed, 0.9, seed),
    )


def sharing_rows(decoder: Decoder) -> list[Row]:
    """Rows after two sets of exemplars, one of them long, and rows after none; of different lengths."""
    shown = [SOLVED * 3, "", OTHER, SOLVED * 3, OTHER, SOLVED * 3]
    return [row(decoder, seed, shown=shown[seed % len(shown)]) for seed in range(24)]


def ragged(decoder: Decoder) -> list[list[int]]:
    """Token ids with two long prefixes of different length and with none, then ends of different length."""
    ends = ["Ana", "Ana vive en Lima y trabaja en Cusco", "Luis", "Ana", "nota nota nota", "Luis vive"]
    begins = [SOLVED * 2, SOLVED * 2, OTHER, "", OTHER, SOLVED * 2]
    return [decoder.tokenizer(begin + end)["input_ids"] for begin, end in zip(begins, ends, strict=True)]


def loving(folder: Path, text: str, much: float = 0.5) -> Decoder:
    """The tiny model, which now writes the token of `text` more often than any other."""
    source = ModelSource(str(folder))
    model, tokenizer = load_model(source, "float32"), load_tokenizer(source)
    ids = tokenizer("Texto: Ana vive en Lima.\nPregunta:", return_tensors="pt")["input_ids"]
    (token,) = tokenizer(text, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        direction = model.model(ids).last_hidden_state[0].mean(0)
        model.get_input_embeddings().weight[token] = much * direction
    return Decoder(model, tokenizer)


def texts_row(decoder: Decoder, mode: Literal["free", "filled"], seed: int) -> Row:
    """A text and a second one, as a pair is written."""
    fields = [Field("text", "", mode, 6), Field("second", "Respuesta:", mode, 6)]
    return replace(row(decoder, seed, temperature=1.5), fields=fields)


@pytest.mark.parametrize("loved", ["\n", " "])
def test_a_filled_field_is_never_finished_without_a_word(loved: str, tiny_gemma: Path) -> None:
    decoder = loving(tiny_gemma, loved)
    free = decoder.decode([texts_row(decoder, "free", seed) for seed in range(24)])
    assert any(not text.strip() for one in free for name, text in one.texts.items() if name in one.spans)
    filled = decoder.decode([texts_row(decoder, "filled", seed) for seed in range(24)])
    ended = [text for one in filled for name, text in one.texts.items() if name in one.spans]
    assert len(ended) > 5 and all(text.strip() for text in ended)


def test_what_is_filled_leaves_the_other_rows_as_they_are(tiny_gemma: Path) -> None:
    decoder = loving(tiny_gemma, "\n")
    rows = [texts_row(decoder, "filled" if seed % 3 else "free", seed) for seed in range(24)]
    together = decoder.decode(rows)
    assert together == [decoder.decode([one])[0] for one in rows]
    assert together[::3] == decoder.decode(rows[::3])


def test_a_line_break_after_nothing_but_a_space_is_an_empty_ending(tiny_gemma: Path) -> None:
    source = ModelSource(str(tiny_gemma))
    model, tokenizer = load_model(source, "float32"), load_tokenizer(source)
    tokenizer.add_tokens([" \n", "?\n"])
    blank, mixed = tokenizer.convert_tokens_to_ids([" \n", "?\n"])
    decoder = Decoder(model, tokenizer)
    assert {blank, mixed} <= decoder.mixed_endings
    assert blank in decoder.empty_endings and mixed not in decoder.empty_endings
    assert decoder.pure_ending_set < set(decoder.empty_endings.tolist())


def test_the_end_of_a_turn_ends_a_field(tiny_gemma: Path) -> None:
    decoder = loving(tiny_gemma, " la", much=1.0)
    greedy = replace(row(decoder, 1), fields=[Field("text", "", "free", 6)], settings=Settings(0.0, 1, 1.0, 0))
    (written,) = decoder.decode([greedy])
    assert written.texts["text"]
    turn_end = int(decoder.logits(*decoder.start([greedy.prompt]), last=1)[0, -1].argmax())
    (ended,) = Decoder(decoder.model, decoder.tokenizer, turn_ends=(turn_end,)).decode([greedy])
    assert (ended.texts, ended.finished, ended.completion_tokens) == ({"text": ""}, True, 1)


@pytest.mark.parametrize("order", ["question-first", "answer-first"])
def test_answers_are_where_their_spans_say(decoder: Decoder, order: str) -> None:
    results = decoder.decode([row(decoder, seed, order) for seed in range(32)])
    extracted = [result for result in results if result.spans.get("answer")]
    assert len(extracted) > 3
    for result in extracted:
        span = result.spans["answer"][0]
        assert PASSAGE[span.start : span.end] == result.texts["answer"].strip()


def test_a_row_does_not_depend_on_its_neighbours(decoder: Decoder) -> None:
    rows = [row(decoder, seed) for seed in range(24)]
    assert decoder.decode(rows) == [decoder.decode([one])[0] for one in rows]


def test_a_row_that_shares_its_beginning_decodes_as_it_does_alone(decoder: Decoder) -> None:
    rows = sharing_rows(decoder)
    shared = shared_prefixes([one.prompt for one in rows])
    assert len(set(shared)) >= 3 and max(shared) > 100
    alone = [decoder.decode([one])[0] for one in rows]
    assert decoder.decode(rows) == alone
    assert len({result.texts["question"] for result in alone}) > 12


def test_identical_prompts_decode_by_their_own_seeds(decoder: Decoder) -> None:
    one = row(decoder, 0, shown=SOLVED)
    rows = [replace(one, settings=Settings(2.0, 100, 1.0, seed)) for seed in range(8)]
    together = decoder.decode(rows)
    assert together == [decoder.decode([other])[0] for other in rows]
    assert len({result.texts["question"] for result in together}) > 4


def test_seeds_differ_and_repeat(decoder: Decoder) -> None:
    first, again, other = (decoder.decode([row(decoder, seed, temperature=2.0)])[0] for seed in (1, 1, 2))
    assert first == again
    assert first.texts != other.texts or first.completion_tokens != other.completion_tokens


def test_an_unfinished_field_is_reported(decoder: Decoder) -> None:
    results = decoder.decode([row(decoder, seed) for seed in range(32)])
    assert any(result.finished for result in results)
    assert any(not result.finished for result in results)
    for result in results:
        assert result.finished == (set(result.spans) == {"question", "answer"})
        assert set(result.spans) <= set(result.texts)
        assert "question" in result.texts


def test_tokens_are_counted(decoder: Decoder) -> None:
    rows = [row(decoder, seed) for seed in range(32)]
    lead = len(decoder.token_ids("Respuesta:"))
    for one, result in zip(rows, decoder.decode(rows), strict=True):
        assert result.prompt_tokens == len(one.prompt)
        assert 1 <= result.completion_tokens <= (8 + 1) + lead + (6 + 1)


def test_the_growing_cache_equals_transformers_own(decoder: Decoder) -> None:
    ids = torch.tensor([decoder.token_ids(PASSAGE * 4)])
    ours, theirs = growing_cache(2), DynamicCache(config=decoder.model.config)
    for piece in (ids[:, :-90], *ids[:, -90:].split(1, dim=1)):
        a = decoder.model(piece, past_key_values=ours, use_cache=True).logits
        b = decoder.model(piece, past_key_values=theirs, use_cache=True).logits
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_started_rows_equal_a_plain_forward_pass(decoder: Decoder, model: PreTrainedModel) -> None:
    """Prefixes of different length, one row without, then tokens one by one, while rows leave."""
    sequences = ragged(decoder)
    shared = shared_prefixes(sequences)
    assert shared[3] == 0 and len(set(shared)) == 3
    ids, mask, positions, cache = decoder.start(sequences)
    assert ids.shape[1] < min(shared[0], shared[2])
    continuation = decoder.token_ids(PASSAGE * 3)
    left = list(range(len(sequences)))
    for step, token in enumerate(continuation):
        logits = decoder.model(
            input_ids=ids, attention_mask=mask, position_ids=positions, past_key_values=cache, use_cache=True
        ).logits[:, -1]
        if step % 10 == 0:
            for place, number in enumerate(left):
                plain = model(torch.tensor([sequences[number] + continuation[:step]])).logits[0, -1]
                torch.testing.assert_close(logits[place], plain, atol=1e-4, rtol=1e-3)
        if step in (5, 30):
            left = left[::2]
            chosen = torch.arange(0, len(mask), 2)
            cache.batch_select_indices(chosen)
            mask, positions = mask[chosen], positions[chosen]
        ids = torch.full((len(left), 1), token)
        mask = torch.cat([mask, mask.new_ones(len(left), 1)], dim=-1)
        positions = positions[:, -1:] + 1
    assert left == [0, 4]


@torch.inference_mode()
def test_a_started_cache_begins_with_a_part_of_each_prefix(decoder: Decoder, model: PreTrainedModel) -> None:
    tokens = [decoder.token_ids(SOLVED)[:40], decoder.token_ids(OTHER)[:30]]
    prefixes = [growing_cache(2), growing_cache(2)]
    for prefix, own in zip(prefixes, tokens, strict=True):
        decoder.model(torch.tensor([own]), past_key_values=prefix, use_cache=True)
    used = [25, 7, 0, 30]
    begins = [tokens[0][:25], tokens[1][:7], [], tokens[1]]
    cache = started_cache([prefixes[0], prefixes[1], prefixes[0], prefixes[1]], used)
    assert cache.get_seq_length() == 30
    ids = torch.tensor([decoder.token_ids(" Ana vive en Lima")] * 4)
    mask = torch.tensor([[0] * (30 - count) + [1] * (count + ids.shape[1]) for count in used])
    positions = (mask.cumsum(-1) - 1).clamp(min=0)[:, -ids.shape[1] :]
    logits = decoder.model(
        input_ids=ids, attention_mask=mask, position_ids=positions, past_key_values=cache, use_cache=True
    ).logits
    for number, begin in enumerate(begins):
        plain = model(torch.tensor([[*begin, *ids[number].tolist()]])).logits[0, len(begin) :]
        torch.testing.assert_close(logits[number], plain, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize(
    "texts",
    [
        [("Texto: Ana", " vive en Lima\n"), ("Texto: Luis y Ana", " nació\n")],
        [(SOLVED + "Respuesta:", " Lima\n"), (SOLVED + "Respuesta:", " la costa\n"), ("Texto: Ana", " nació\n")],
        [
            (SOLVED, " Ana\n"),
            (SOLVED + OTHER, f" {PASSAGE}\n"),
            (OTHER, " Luis\n"),
            (OTHER + "Luis", " vive en Cusco\n"),
        ],
        [(SOLVED + "Respuesta:", " Lima\n")] * 3,
        [("", " Lima\n"), ("", f" {PASSAGE}\n")],
    ],
    ids=["nothing shared", "one prefix", "ragged prefixes", "identical", "no prefix"],
)
def test_log_likelihood_is_that_of_a_plain_forward_pass(
    texts: list[tuple[str, str]], decoder: Decoder, model: PreTrainedModel
) -> None:
    tokens = [(decoder.tokenizer(before)["input_ids"], decoder.token_ids(after)) for before, after in texts]
    for (before, after), value in zip(tokens, log_likelihoods(decoder, tokens), strict=True):
        logprobs = model(torch.tensor([before + after])).logits[0].log_softmax(-1)
        expected = sum(float(logprobs[len(before) - 1 + i, token]) for i, token in enumerate(after))
        assert value == pytest.approx(expected, abs=1e-3)
