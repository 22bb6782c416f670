"""The generator in this process, through transformers."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from gemquad.compute import compute_dtype, device
from gemquad.generation.backends.protocol import Capabilities
from gemquad.generation.chat import chat_tokens, turn_ends
from gemquad.generation.decoder.batching import plan_batches
from gemquad.generation.decoder.constraint import PassageTokens, tokenize_passage
from gemquad.generation.decoder.decoding import Decoder
from gemquad.generation.decoder.likelihood import log_likelihoods
from gemquad.generation.decoder.slots import DecoderRow
from gemquad.params import Generation, ModelSource
from gemquad.pretrained import Origin, load, load_weights
from gemquad.student.fitness import check_tokenizer
from gemquad.tasks.requests import GenerationResult, Request
from gemquad.weights import fingerprint, remedy, resolve

# Raise it when the same request comes to give another text: completions kept from before are not used then.
_VERSION = 1

# A batch is kept whole or not at all, and in bf16 its texts depend on it. So rows make room for those of their own batch alone.
_FILLS = 4


class TransformersBackend:
    """Rows in slots under a token budget, shared prefixes computed once, answers constrained token by token."""

    capabilities = Capabilities(seeds=True, independent=True, constraint=True, likelihoods=True)

    def __init__(self, source: ModelSource, generation: Generation) -> None:
        self._source, self._generation = source, generation
        self._sources: dict[str, PassageTokens] = {}

    @cached_property
    def identity(self) -> dict[str, Any]:
        """The model, its weights' fingerprint, and the dtype that it computes in."""
        dtype = str(compute_dtype(self._generation.dtype)).removeprefix("torch.")
        identity = {
            "backend": "transformers",
            "version": _VERSION,
            "model": self._source.name,
            "weights": fingerprint(self._source),
            "dtype": dtype,
        }
        return {**identity, "chat": True} if self._source.chat else identity

    @cached_property
    def decoder(self) -> Decoder:
        """The model with its decoder, loaded on first use."""
        model = load_model(self._source, self._generation.dtype)
        ends = turn_ends(model) if self._source.chat else ()
        return Decoder(model, self.tokenizer, ends, self._generation.batch_tokens)

    @cached_property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The tokenizer alone, which planning batches and counting tokens need."""
        tokenizer = load_tokenizer(self._source)
        check_tokenizer(tokenizer, _origin(self._source))
        return tokenizer

    def batches(self, requests: Sequence[Request]) -> list[list[int]]:
        """Rows that share a prefix stand together, of similar length; to be written, a few times `generation.batch_tokens`."""
        prompts = self._tokens([request.prompt for request in requests])
        given = [
            self.tokenizer(request.continuation, add_special_tokens=False)["input_ids"] if request.continuation else []
            for request in requests
        ]
        sequences = [prompt + text for prompt, text in zip(prompts, given, strict=True)]
        room = [request.max_tokens for request in requests]
        fills = 1 if any(request.continuation for request in requests) else _FILLS
        return plan_batches(sequences, room, fills * self._generation.batch_tokens)

    def run(self, batches: Iterable[list[Request]]) -> Iterator[tuple[list[Request], list[GenerationResult]]]:
        """Decode one batch after the other; the model is loaded with the first."""
        assert self.decoder
        for batch in batches:
            yield batch, self._judge(batch) if batch[0].continuation else self.decoder.decode(self._rows(batch))

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """The exact number of tokens of each text."""
        return [len(tokens) for tokens in self._tokens(texts)]

    def _rows(self, batch: Sequence[Request]) -> list[DecoderRow]:
        prompts = self._tokens([request.prompt for request in batch])
        return [
            DecoderRow(
                prompt,
                self._source_tokens(request.source),
                request.fields,
                [self.decoder.token_ids(field.lead) for field in request.fields],
                request.settings,
            )
            for request, prompt in zip(batch, prompts, strict=True)
        ]

    def _judge(self, batch: Sequence[Request]) -> list[GenerationResult]:
        prompts = self._tokens([request.prompt for request in batch])
        texts = [(p, self.decoder.token_ids(r.continuation)) for p, r in zip(prompts, batch, strict=True)]
        return [
            GenerationResult(logprob=value, prompt_tokens=len(prefix) + len(given), finished=True)
            for (prefix, given), value in zip(texts, log_likelihoods(self.decoder, texts), strict=True)
        ]

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        if self._source.chat:
            return [chat_tokens(text, self.tokenizer) for text in texts]
        encoded: list[list[int]] = self.tokenizer(list(texts))["input_ids"]
        return encoded

    def _source_tokens(self, source: str) -> PassageTokens:
        if source not in self._sources:
            self._sources[source] = tokenize_passage(source, self.decoder.tokenizer)
        return self._sources[source]


def load_model(source: ModelSource, dtype: str) -> PreTrainedModel:
    """The causal language model that `source` names, ready to run.

    Raises:
        UserError: the model cannot be found, is damaged, or is no causal language model.
    """
    name, options = resolve(source)
    model: PreTrainedModel = load_weights(
        AutoModelForCausalLM, name, _origin(source), dtype=compute_dtype(dtype), **options
    )
    return model.eval().to(device())


def load_tokenizer(source: ModelSource) -> PreTrainedTokenizerBase:
    """The tokenizer of the model that `source` names.

    Raises:
        UserError: it cannot be found.
    """
    name, options = resolve(source)
    tokenizer: PreTrainedTokenizerBase = load(AutoTokenizer, name, _origin(source), **options)
    return tokenizer


def _origin(source: ModelSource) -> Origin:
    return Origin(f"generator '{source.name}'", remedy(source))
