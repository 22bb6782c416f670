"""Decode one batch of requests, each row by its own plan, sampling settings and seed.

A plan is a list of fields: text that is given (`lead`), then text that the model writes, free or extracted from the passage,
until a line break. Question-first is [question, answer]; answer-first is [answer, question].
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import Cache, PreTrainedModel, PreTrainedTokenizerBase

from gemquad.generation.decoder.batching import left_pad, shared_prefixes
from gemquad.generation.decoder.cache import growing_cache, started_cache
from gemquad.generation.decoder.constraint import AnswerConstraint, PassageTokens
from gemquad.generation.decoder.sampling import draw, uniforms
from gemquad.generation.request import Field, Generated, Settings
from gemquad.spans import Span

_LEAVING = 0.9  # rows leave together, as soon as this part or less is still running: leaving copies the cache


@dataclass(frozen=True)
class Row:
    """A request ready to decode: token ids of its prompt, its passage in tokens, its plan and its settings."""

    prompt: list[int]
    passage: PassageTokens
    fields: Sequence[Field]
    settings: Settings


class Decoder:
    """A causal language model with what decoding needs to know of its vocabulary."""

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, turn_ends: Sequence[int] = ()
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.line_break = self.token_ids("\n")[-1]
        pieces = tokenizer.batch_decode([[i] for i in range(len(tokenizer))])
        pure = {i for i, piece in enumerate(pieces) if piece.startswith("\n")} | {tokenizer.eos_token_id, *turn_ends}
        self.pure_ending_set = pure
        self.pure_endings = torch.tensor(sorted(pure), device=model.device)
        # Some vocabularies have the last character of a line and its break in one token, "?\n" for one.
        self.mixed_endings = {i for i, piece in enumerate(pieces) if "\n" in piece} - pure
        self.blank = {i for i, piece in enumerate(pieces) if not piece.strip()}
        self.empty_endings = torch.tensor(sorted(pure | (self.mixed_endings & self.blank)), device=model.device)

    def token_ids(self, text: str) -> list[int]:
        """`text` as tokens, without special ones."""
        return self.tokenizer(text, add_special_tokens=False)["input_ids"] if text else []

    @torch.inference_mode()
    def decode(self, rows: Sequence[Row]) -> list[Generated]:
        """Run all rows to their end; rows that finish leave the batch."""
        writers = [_Writer(row, self) for row in rows]
        active = writers
        ids, mask, positions, cache = self.start([row.prompt for row in rows])
        while True:
            logits = self.logits(ids, mask, positions, cache, last=1)
            tokens = self._choose(active, logits[:, -1])
            keep = [i for i, writer in enumerate(active) if not writer.done]
            if not keep:
                return [writer.generated for writer in writers]
            if len(keep) <= _LEAVING * len(active):
                selected = torch.tensor(keep, device=mask.device)
                cache.batch_select_indices(selected)
                mask, positions = mask[selected], positions[selected]
                active = [active[i] for i in keep]
                tokens = [tokens[i] for i in keep]
            ids = torch.tensor(tokens, device=mask.device)[:, None]
            mask = torch.cat([mask, mask.new_ones(len(active), 1)], dim=-1)
            positions = positions[:, -1:] + 1

    def start(self, sequences: Sequence[list[int]], least: int = 1) -> tuple[Tensor, Tensor, Tensor, Cache]:
        """Token ids to compute, mask, positions, and a cache of the prefixes that `sequences` share.

        All rows compute as many tokens (`least` or more) as the row with the longest part of its own: a row with a shorter one
        computes the end of its shared prefix again, where padding would stand otherwise.
        """
        ids, mask, positions = left_pad(sequences, self.model.device)
        shared = shared_prefixes(sequences)
        own = max(least, *(len(sequence) - tokens for sequence, tokens in zip(sequences, shared, strict=True)))
        used = [max(len(sequence) - own, 0) for sequence in sequences]
        if not any(used):
            return ids, mask, positions, self._empty_cache()
        keys = [tuple(sequence[:tokens]) for sequence, tokens in zip(sequences, shared, strict=True)]
        prefixes = {key: self._prefix(key) for key in dict.fromkeys(keys) if key}
        some = next(iter(prefixes.values()))
        cache = started_cache([prefixes.get(key, some) for key in keys], used)
        return ids[:, -own:], mask, positions[:, -own:], cache

    def logits(self, ids: Tensor, mask: Tensor, positions: Tensor, cache: Cache, last: int) -> Tensor:
        """Compute what `start` left to compute, or the next tokens: logits of the `last` positions, [rows, last, vocabulary]."""
        output = self.model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=last,
        )
        logits: Tensor = output.logits
        return logits

    def _prefix(self, tokens: Sequence[int]) -> Cache:
        """Keys and values of one sequence."""
        cache = self._empty_cache()
        ids = torch.tensor([tokens], device=self.model.device)
        self.model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        return cache

    def _empty_cache(self) -> Cache:
        return growing_cache(self.model.config.get_text_config().num_hidden_layers)

    def _choose(self, writers: Sequence["_Writer"], logits: Tensor) -> list[int]:
        """The next token of every row; `logits` is [rows, vocabulary]."""
        free = [i for i, writer in enumerate(writers) if writer.samples_freely]
        drawn: dict[int, int] = {}
        if free:
            settings = [writers[i].row.settings for i in free]
            numbers = [writers[i].next_uniform() for i in free]
            chosen = logits if len(free) == len(writers) else logits[free]
            unbegun = [place for place, i in enumerate(free) if writers[i].must_begin]
            if unbegun:
                endings = self.empty_endings.expand(len(unbegun), -1)
                chosen = chosen.clone()
                chosen[unbegun] = chosen[unbegun].scatter(-1, endings, -torch.inf)
            tokens = draw(chosen, settings, numbers)
            drawn = dict(zip(free, tokens.tolist(), strict=True))
        return [writer.step(logits[i], drawn.get(i)) for i, writer in enumerate(writers)]


class _Writer:
    """A row on its way: which field it is in, what it has written, what it must write next."""

    def __init__(self, row: Row, decoder: Decoder) -> None:
        self.row = row
        self.generated = Generated(prompt_tokens=len(row.prompt))
        self.done = False
        self._decoder = decoder
        self._fields = deque(row.fields)
        self._forced: deque[int] = deque()
        self._uniforms = iter(uniforms(row.settings.seed, sum(f.max_tokens + 1 for f in row.fields)))
        self._enter_field()

    @property
    def samples_freely(self) -> bool:
        return not self.done and not self._forced and self._field.mode != "extract"

    @property
    def must_begin(self) -> bool:
        """Whether the field may not end yet: nothing but white space is written."""
        return self._field.mode == "filled" and self._decoder.blank.issuperset(self._written)

    def next_uniform(self) -> float:
        return float(next(self._uniforms))

    def step(self, logits: Tensor, drawn: int | None) -> int:
        """Choose the next token, record it, and return it for the next forward pass."""
        if self.done:
            return self._decoder.line_break
        self.generated.completion_tokens += 1
        if self._forced:
            return self._forced.popleft()
        if drawn is not None:
            return self._write_free(drawn)
        return self._write_extracted(logits)

    def _write_free(self, token: int) -> int:
        if token in self._decoder.pure_ending_set:
            return self._leave_field([])
        if len(self._written) == self._field.max_tokens:
            return self._give_up()
        self._written.append(token)
        return self._leave_field([], token) if token in self._decoder.mixed_endings else token

    def _write_extracted(self, logits: Tensor) -> int:
        assert self._constraint is not None
        allowed = self._constraint.allowed()
        may_end = self._constraint.may_end()
        if not allowed and not may_end:
            return self._give_up()
        scores = logits[torch.tensor(allowed, dtype=torch.long, device=logits.device)].float()
        if may_end:
            ending = float(logits[self._decoder.pure_endings].float().logsumexp(-1))
            scores = torch.cat([scores, scores.new_tensor([ending + self._field.ending_bonus])])
        choice = self._choose_extracted(scores)
        if choice == len(allowed):
            return self._leave_field(self._constraint.spans())
        token = allowed[choice]
        self._constraint.advance(token)
        self._written.append(token)
        return token

    def _choose_extracted(self, scores: Tensor) -> int:
        if self._field.greedy:
            return int(scores.argmax())
        settings = Settings(self.row.settings.temperature, len(scores), 1.0, 0)
        return int(draw(scores[None], [settings], [self.next_uniform()]))

    def _enter_field(self) -> None:
        self._field = self._fields.popleft()
        self._written: list[int] = []
        extracts = self._field.mode == "extract"
        self._constraint = AnswerConstraint(self.row.passage, self._field.max_tokens) if extracts else None

    def _give_up(self) -> int:
        """The field ran into its limit; what was written so far is kept for the record."""
        self._record_text()
        self.done = True
        return self._decoder.line_break

    def _record_text(self) -> None:
        self.generated.texts[self._field.name] = str(self._decoder.tokenizer.decode(self._written)).split("\n")[0]

    def _leave_field(self, spans: list[Span], last_token: int | None = None) -> int:
        """End the field with a line break, or with `last_token` where that holds one."""
        self._record_text()
        self.generated.spans[self._field.name] = spans
        if self._fields:
            self._forced.extend(self._decoder.token_ids(self._fields[0].lead))
            self._enter_field()
        else:
            self.generated.finished = self.done = True
        return self._decoder.line_break if last_token is None else last_token
