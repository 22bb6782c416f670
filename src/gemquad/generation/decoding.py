"""Decode one batch of requests, each row by its own plan, sampling settings and seed.

A plan is a list of fields: text that is given (`lead`), then text that the model writes, free or extracted from the passage,
until a line break. Question-first is [question, answer]; answer-first is [answer, question].
"""

from collections import deque
from dataclasses import dataclass, field

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from gemquad.generation.batching import left_pad
from gemquad.generation.cache import growing_cache
from gemquad.generation.constraint import AnswerConstraint, PassageTokens
from gemquad.generation.sampling import Settings, draw
from gemquad.spans import Span
from gemquad.tasks.base import Field


@dataclass(frozen=True)
class Request:
    """A prompt ready to decode: its token ids, its passage (for extraction), its plan and its settings."""

    prompt: list[int]
    passage: PassageTokens
    fields: list[Field]
    settings: Settings


@dataclass
class Decoded:
    """What came of one request. `finished` is false where a field ran into its token limit.

    `logprobs[name]` sums the log-probabilities, at temperature 1 and without constraint, of a field's tokens and of the
    line break that ends it.
    """

    texts: dict[str, str] = field(default_factory=dict)
    spans: dict[str, list[Span]] = field(default_factory=dict)
    logprobs: dict[str, float] = field(default_factory=dict)
    tokens: int = 0
    finished: bool = False


class Decoder:
    """A causal language model with what decoding needs to know of its vocabulary."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.line_break = self.token_ids("\n")[-1]
        pieces = tokenizer.batch_decode([[i] for i in range(len(tokenizer))])
        pure = {i for i, piece in enumerate(pieces) if piece.startswith("\n")} | {tokenizer.eos_token_id}
        self.pure_ending_set = pure
        self.pure_endings = torch.tensor(sorted(pure), device=model.device)
        # Some vocabularies have the last character of a line and its break in one token, "?\n" for one.
        self.mixed_endings = {i for i, piece in enumerate(pieces) if "\n" in piece} - pure

    def token_ids(self, text: str) -> list[int]:
        """`text` as tokens, without special ones."""
        return self.tokenizer(text, add_special_tokens=False)["input_ids"] if text else []

    @torch.inference_mode()
    def decode(self, requests: list[Request]) -> list[Decoded]:
        """Run all requests to their end; rows that finish leave the batch."""
        rows = [_Row(request, self) for request in requests]
        active = rows
        ids, mask, positions = left_pad([row.request.prompt for row in rows], self.model.device)
        cache = growing_cache(self.model.config.get_text_config().num_hidden_layers)
        while True:
            output = self.model(
                input_ids=ids,
                attention_mask=mask,
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            )
            tokens = self._choose(active, output.logits[:, -1].float())
            keep = [i for i, row in enumerate(active) if not row.done]
            if not keep:
                return [row.decoded for row in rows]
            if len(keep) < len(active):
                selected = torch.tensor(keep, device=mask.device)
                cache.batch_select_indices(selected)
                mask, positions = mask[selected], positions[selected]
                active = [active[i] for i in keep]
                tokens = [tokens[i] for i in keep]
            ids = torch.tensor(tokens, device=mask.device)[:, None]
            mask = torch.cat([mask, mask.new_ones(len(active), 1)], dim=-1)
            positions = positions[:, -1:] + 1

    def _choose(self, rows: list["_Row"], logits: Tensor) -> list[int]:
        """The next token of every row; `logits` is [rows, vocabulary]."""
        normalizer = logits.logsumexp(-1)
        ending = logits[:, self.pure_endings].logsumexp(-1)
        free = [i for i, row in enumerate(rows) if row.samples_freely]
        drawn: dict[int, int] = {}
        if free:
            settings = [rows[i].request.settings for i in free]
            uniforms = [rows[i].next_uniform() for i in free]
            drawn = dict(zip(free, draw(logits[free], settings, uniforms).tolist(), strict=True))
        return [row.step(logits[i], float(normalizer[i]), float(ending[i]), drawn.get(i)) for i, row in enumerate(rows)]


class _Row:
    """One request on its way: which field it is in, what it has written, what it must write next."""

    def __init__(self, request: Request, decoder: Decoder) -> None:
        self.request = request
        self.decoded = Decoded()
        self.done = False
        self._decoder = decoder
        self._fields = deque(request.fields)
        self._forced: deque[int] = deque()
        self._uniforms = iter(request.settings.uniforms(sum(f.max_tokens + 1 for f in request.fields)))
        self._enter_field()

    @property
    def samples_freely(self) -> bool:
        return not self._forced and self._field.mode == "free"

    def next_uniform(self) -> float:
        return float(next(self._uniforms))

    def step(self, logits: Tensor, normalizer: float, ending: float, drawn: int | None) -> int:
        """Choose the next token, record it, and return it for the next forward pass."""
        self.decoded.tokens += 1
        if self._forced:
            return self._forced.popleft()
        if drawn is not None:
            return self._write_free(drawn, logits, normalizer, ending)
        return self._write_extracted(logits, normalizer, ending)

    def _write_free(self, token: int, logits: Tensor, normalizer: float, ending: float) -> int:
        if token in self._decoder.pure_ending_set:
            self._logprob += ending - normalizer
            return self._leave_field([])
        if len(self._written) == self._field.max_tokens:
            return self._give_up()
        self._logprob += float(logits[token]) - normalizer
        self._written.append(token)
        return self._leave_field([], token) if token in self._decoder.mixed_endings else token

    def _write_extracted(self, logits: Tensor, normalizer: float, ending: float) -> int:
        assert self._constraint is not None
        allowed = self._constraint.allowed()
        may_end = self._constraint.may_end()
        if not allowed and not may_end:
            return self._give_up()
        scores = logits[torch.tensor(allowed, dtype=torch.long, device=logits.device)]
        if may_end:
            scores = torch.cat([scores, scores.new_tensor([ending + self._field.ending_bonus])])
        choice = self._choose_extracted(scores)
        if choice == len(allowed):
            self._logprob += ending - normalizer
            return self._leave_field(self._constraint.spans())
        token = allowed[choice]
        self._logprob += float(scores[choice]) - normalizer
        self._constraint.advance(token)
        self._written.append(token)
        return token

    def _choose_extracted(self, scores: Tensor) -> int:
        if self._field.greedy:
            return int(scores.argmax())
        settings = Settings(self.request.settings.temperature, len(scores), 1.0, 0)
        return int(draw(scores[None], [settings], [self.next_uniform()]))

    def _enter_field(self) -> None:
        self._field = self._fields.popleft()
        self._written: list[int] = []
        self._logprob = 0.0
        extracts = self._field.mode == "extract"
        self._constraint = AnswerConstraint(self.request.passage, self._field.max_tokens) if extracts else None

    def _give_up(self) -> int:
        """The field ran into its limit; what was written so far is kept for the record."""
        self._record_text()
        self.done = True
        return self._decoder.line_break

    def _record_text(self) -> None:
        self.decoded.texts[self._field.name] = str(self._decoder.tokenizer.decode(self._written)).split("\n")[0]

    def _leave_field(self, spans: list[Span], last_token: int | None = None) -> int:
        """End the field with a line break, or with `last_token` where that holds one."""
        self._record_text()
        self.decoded.spans[self._field.name] = spans
        self.decoded.logprobs[self._field.name] = self._logprob
        if self._fields:
            self._forced.extend(self._decoder.token_ids(self._fields[0].lead))
            self._enter_field()
        else:
            self.decoded.finished = self.done = True
        return self._decoder.line_break if last_token is None else last_token
