"""A tiny random model decodes like a real one: what matters here is the bookkeeping, not the text."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
import torch
from torch import Tensor
from transformers import (
    AutoModelForCausalLM,
    BloomConfig,
    BloomForCausalLM,
    CohereConfig,
    CohereForCausalLM,
    Gemma3Config,
    Gemma3ForCausalLM,
    Gemma3ForConditionalGeneration,
    Gemma3TextConfig,
    GraniteConfig,
    GraniteForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from gemquad.errors import UserError
from gemquad.generation.backends.in_process import load_model, load_tokenizer
from gemquad.generation.decoder.attention import KeyValues, Packed
from gemquad.generation.decoder.batching import shared_prefixes
from gemquad.generation.decoder.constraint import tokenize_passage
from gemquad.generation.decoder.decoding import Decoder
from gemquad.generation.decoder.head import OutputHead
from gemquad.generation.decoder.likelihood import log_likelihoods
from gemquad.generation.decoder.slots import DecoderRow, Slots
from gemquad.generation.decoder.step import Chooser
from gemquad.generation.decoder.vocabulary import Vocabulary
from gemquad.params import ModelSource
from gemquad.tasks.requests import Field, SamplingSettings

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


def row(
    decoder: Decoder, seed: int, order: str = "question-first", temperature: float = 0.8, shown: str = ""
) -> DecoderRow:
    question = Field("question", "" if order == "question-first" else "Pregunta:", "free", 8)
    answer = Field("answer", "Respuesta:" if order == "question-first" else "", "extract", 6, stop_bias=3.0)
    return DecoderRow(
        prompt=decoder.tokenizer(shown + "Texto: " + "nota " * (seed % 5) + PASSAGE + "\nPregunta:")["input_ids"],
        passage=tokenize_passage(PASSAGE, decoder.tokenizer),
        fields=[question, answer] if order == "question-first" else [answer, question],
        leads=[[], decoder.token_ids("Respuesta:" if order == "question-first" else "Pregunta:")],
        settings=SamplingSettings(temperature, 20 + seed, 0.9, seed),
    )


def sharing_rows(decoder: Decoder) -> list[DecoderRow]:
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


def texts_row(decoder: Decoder, mode: Literal["free", "filled"], seed: int) -> DecoderRow:
    """A text and a second one, as a pair is written."""
    fields = [Field("text", "", mode, 6), Field("second", "Respuesta:", mode, 6)]
    return replace(row(decoder, seed, temperature=1.5), fields=fields, leads=[[], decoder.token_ids("Respuesta:")])


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
    tokenizer = load_tokenizer(source)
    tokenizer.add_tokens([" \n", "?\n"])
    blank, mixed = tokenizer.convert_tokens_to_ids([" \n", "?\n"])
    vocabulary = Vocabulary(tokenizer, len(tokenizer), torch.device("cpu"))
    assert {blank, mixed} <= vocabulary.mixed
    assert blank in vocabulary.empty_endings and mixed not in vocabulary.empty_endings
    assert vocabulary.pure < set(vocabulary.empty_endings.tolist())
    assert vocabulary.is_mixed[mixed] and not vocabulary.is_pure[mixed] and vocabulary.is_blank[blank]


def test_the_end_of_a_turn_ends_a_field(tiny_gemma: Path) -> None:
    decoder = loving(tiny_gemma, " la", much=1.0)
    settings = SamplingSettings(0.0, 1, 1.0, 0)
    greedy = replace(row(decoder, 1), fields=[Field("text", "", "free", 6)], leads=[[]], settings=settings)
    (written,) = decoder.decode([greedy])
    assert written.texts["text"]
    turn_end = decoder.token_ids(written.texts["text"])[0]
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
    rows = [replace(one, settings=SamplingSettings(2.0, 100, 1.0, seed)) for seed in range(8)]
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


@torch.inference_mode()
def test_packed_sequences_are_read_as_in_a_plain_forward_pass(decoder: Decoder, model: PreTrainedModel) -> None:
    """Prefixes of different length, one row without, into slots in any order; longer than the sliding window of 16."""
    sequences = ragged(decoder)
    shared = shared_prefixes(sequences)
    assert shared[3] == 0 and len(set(shared)) == 3
    slots = [4, 0, 6, 1, 2, 5]
    store = KeyValues(7, max(map(len, sequences)) + 3)
    for own, tokens, sequence in zip(decoder.read(store, slots, sequences, shared), shared, sequences, strict=True):
        plain = model(torch.tensor([sequence])).logits[0, tokens:]
        torch.testing.assert_close(decoder.head.all(own), plain, atol=1e-4, rtol=1e-3)


@torch.inference_mode()
def test_prefixes_that_are_known_are_not_read_again(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    sequences = ragged(decoder)
    shared = shared_prefixes(sequences)
    known: dict[tuple[int, ...], KeyValues] = {}
    store = KeyValues(6, max(map(len, sequences)))
    first = decoder.read(store, range(6), sequences, shared, known)
    assert sorted(map(len, known)) == sorted(set(shared) - {0})
    read: list[int] = []
    hidden = decoder.hidden
    monkeypatch.setattr(decoder, "hidden", lambda tokens, packed: read.append(len(tokens)) or hidden(tokens, packed))
    again = decoder.read(store, range(6), sequences, shared, known)
    assert read == [sum(map(len, sequences)) - sum(shared)]
    for one, other in zip(first, again, strict=True):
        torch.testing.assert_close(one, other)


def test_rows_enter_as_others_end(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight slots for 24 rows; each row has the text that it has alone."""
    rows = sharing_rows(decoder)
    widest = max(len(one.prompt) + one.room for one in rows)
    narrow = Decoder(decoder.model, decoder.tokenizer, token_budget=8 * widest)
    steps: list[list[int]] = []
    choose = Chooser.choose

    def noted(chooser: Chooser, slots: Slots, hidden: Tensor) -> None:
        steps.append(slots.steps.tolist())
        choose(chooser, slots, hidden)

    monkeypatch.setattr(Chooser, "choose", noted)
    found = narrow.decode(rows)
    monkeypatch.undo()
    assert found == decoder.decode(rows)
    assert max(map(len, steps)) >= 8
    assert any(min(own) == 0 < max(own) for own in steps), "a row enters while others are on their way"


def test_a_device_is_asked_as_often_for_many_rows_as_for_few(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way of an accelerator, on the CPU: nothing is asked for but between eight steps, and then the ended rows at once."""
    rows = [row(decoder, seed) for seed in range(64)]
    remote = Decoder(decoder.model, decoder.tokenizer)
    remote.on_host = False
    asked: list[str] = []
    for name in ("item", "tolist", "nonzero", "cpu", "numpy", "__bool__", "__int__", "__float__", "__index__"):
        answer = getattr(Tensor, name)
        monkeypatch.setattr(Tensor, name, lambda *args, a=answer, n=name, **named: asked.append(n) or a(*args, **named))
    counts = {}
    for size in (4, 64):
        asked.clear()
        results = remote.decode(rows[:size])
        counts[size] = len(asked)
        looks = -(-max(one.completion_tokens for one in results) // 8)
        assert counts[size] <= 4 * looks, "whether rows are done, and of those that are steps, tokens and events"
        assert results == decoder.decode(rows[:size])
    assert counts[4] > 0


@torch.inference_mode()
def test_a_step_asks_the_device_for_nothing(decoder: Decoder) -> None:
    """Tensors on torch's meta device have no values: whatever asks for one fails."""
    meta = torch.device("meta")
    model = Gemma3ForCausalLM(decoder.model.config).to(meta)
    rows = [row(decoder, seed, order) for seed in range(3) for order in ("question-first", "answer-first")]
    slots = Slots.of(rows, meta)
    chooser = Chooser(OutputHead(model), Vocabulary(decoder.tokenizer, len(decoder.tokenizer), meta), selective=False)
    chooser.most = 64
    every = torch.arange(len(rows), device=meta)
    packed = Packed(KeyValues(len(rows), 128), every, slots.position, 128)
    states = model.base_model(slots.token[None], position_ids=slots.position[None], packed=packed, use_cache=False)
    chooser.choose(slots, states.last_hidden_state[0])
    with pytest.raises(RuntimeError):
        Chooser(OutputHead(model), chooser._vocabulary, selective=True).choose(slots, states.last_hidden_state[0])


def test_a_model_with_attention_of_its_own_is_a_user_error(decoder: Decoder) -> None:
    config = BloomConfig(vocab_size=len(decoder.tokenizer), hidden_size=16, n_layer=1, n_head=2, initializer_range=1.0)
    bloom = BloomForCausalLM(config).eval()
    with pytest.raises(UserError, match=r"cannot decode with BloomForCausalLM.*backend=openai or backend=vllm"):
        Decoder(bloom, decoder.tokenizer)


def shape(decoder: Decoder) -> dict[str, int]:
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    return {**sizes, "num_key_value_heads": 2, "vocab_size": len(decoder.tokenizer)}


def with_images(shape: dict[str, int]) -> Gemma3ForConditionalGeneration:
    """Gemma 3 from 4B on: a text model within one that also reads images."""
    eyes = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 28,
    }
    text = Gemma3TextConfig(**shape, head_dim=8, query_pre_attn_scalar=8, sliding_window=16)
    return Gemma3ForConditionalGeneration(
        Gemma3Config(text_config=text, vision_config={**eyes, "patch_size": 14}, mm_tokens_per_image=4)
    )


@torch.inference_mode()
@pytest.mark.parametrize(
    "make",
    [
        lambda shape: Qwen3ForCausalLM(Qwen3Config(**shape, head_dim=8)),
        lambda shape: LlamaForCausalLM(LlamaConfig(**shape, tie_word_embeddings=True)),
        with_images,
        lambda shape: CohereForCausalLM(
            CohereConfig(**shape, logit_scale=0.125)
        ),  # unscaled, Aya's were eight times as large
    ],
    ids=["qwen3", "llama", "gemma3", "cohere"],
)
def test_generators_of_the_hub_give_the_logits_of_a_plain_pass(
    make: Callable[[dict[str, int]], PreTrainedModel], decoder: Decoder
) -> None:
    model = make(shape(decoder)).eval()
    expected = model(torch.tensor([[2, 7, 9]])).logits[0]
    own = Decoder(model, decoder.tokenizer)
    (states,) = own.read(KeyValues(1, 3), [0], [[2, 7, 9]], [0])
    assert torch.allclose(own.head.all(states), expected, atol=1e-5)
    assert torch.allclose(own.head.some(states, torch.tensor([5, 8])), expected[:, [5, 8]], atol=1e-5)


def test_logits_of_another_size_are_a_user_error(decoder: Decoder) -> None:
    granite = GraniteForCausalLM(GraniteConfig(**shape(decoder), logits_scaling=8.0)).eval()
    with pytest.raises(UserError, match=r"cannot decode with GraniteForCausalLM.*its attention or its output layer"):
        Decoder(granite, decoder.tokenizer)


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
