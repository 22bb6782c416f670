"""Decode requests in slots, each row by its own plan, sampling settings and seed; a row that ends makes room for one that waits."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from gemquad.errors import UserError
from gemquad.generation.decoder.attention import NAME, KeyValues, Packed
from gemquad.generation.decoder.batching import chunks, shared_prefixes
from gemquad.generation.decoder.head import OutputHead
from gemquad.generation.decoder.slots import DecoderRow, Slots
from gemquad.generation.decoder.step import Chooser
from gemquad.generation.decoder.transcript import transcribe
from gemquad.generation.decoder.vocabulary import Vocabulary
from gemquad.tasks.requests import GenerationResult

_LOOK = 8  # steps between two looks at a device that is not the host
_ENOUGH = 0.1  # rows enter, or gaps are closed, when so many of the slots are free: to do it for each would cost more
_TOKENS, _TOKENS_ON_HOST = 8192, 1024  # of prompts in one forward pass; a CPU's caches hold no more
_MULTIPLE = 64  # sizes that a captured step depends on grow in multiples of it
_DEVIATION = 1e-2  # of logits in bf16 by the order of sums; another method is far beyond


class Decoder:
    """A causal language model with what decoding needs to know of its vocabulary.

    Args:
        turn_ends: tokens that end a turn of a chat model.
        token_budget: rows on their way times the widest of them, prompt and completion.

    Raises:
        UserError: the model's attention cannot be replaced, or its logits are more than its output embeddings make of its states.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        turn_ends: Sequence[int] = (),
        token_budget: int = 16384,
    ) -> None:
        self.model, self.tokenizer, self.token_budget = model, tokenizer, token_budget
        self.device = model.device
        self.head = OutputHead(model)
        self.vocabulary = Vocabulary(tokenizer, model.config.get_text_config().vocab_size, self.device, turn_ends)
        # On the host a number can be asked for at no cost, so nothing is computed that no row needs.
        self.on_host = self.device.type == "cpu"
        self._tokens = _TOKENS_ON_HOST if self.on_host else _TOKENS
        self._take_over_attention()

    def token_ids(self, text: str) -> list[int]:
        """The token ids of `text`, without special tokens."""
        return self.tokenizer(text, add_special_tokens=False)["input_ids"] if text else []

    @torch.inference_mode()
    def decode(self, rows: Sequence[DecoderRow]) -> list[GenerationResult]:
        """Decode all rows to their end; returns results in the rows' order. Shared prefixes are computed once."""
        course = _Course(self, rows)
        found: dict[int, GenerationResult] = {}
        while course.enter():
            course.run()
            found.update(course.leave())
        return [found[number] for number in range(len(rows))]

    def read(
        self,
        store: KeyValues,
        slots: Sequence[int],
        sequences: Sequence[list[int]],
        shared: Sequence[int],
        known: dict[tuple[int, ...], KeyValues] | None = None,
    ) -> list[Tensor]:
        """Prefill each sequence of tokens into its slot; the first `shared[i]` tokens of equal ones are computed once.

        `known` are the keys and values of prefixes; it comes to hold those of these sequences and no others.

        Returns:
            Of each sequence the last hidden states of the tokens that it does not share, [tokens, hidden].
        """
        prefixes = {} if known is None else known
        keys = [tuple(sequence[:tokens]) for sequence, tokens in zip(sequences, shared, strict=True)]
        needed = {key: prefixes.get(key) or self._prefix(key) for key in dict.fromkeys(keys) if key}
        prefixes.clear()
        prefixes.update(needed)
        for key, prefix in prefixes.items():
            sharing = [slot for slot, own in zip(slots, keys, strict=True) if own == key]
            store.begin(torch.tensor(sharing, device=self.device), prefix)
        states: list[Tensor] = []
        rest = [(s, tokens, sequence[tokens:]) for s, tokens, sequence in zip(slots, shared, sequences, strict=True)]
        for some in chunks(rest, [len(own) for _, _, own in rest], self._tokens):
            states += self._read_packed(store, some)
        return states

    def hidden(self, tokens: Tensor, packed: Packed) -> Tensor:
        """The last hidden states of packed tokens, [tokens, hidden]."""
        output = self.model.base_model(
            input_ids=tokens[None], position_ids=packed.positions[None], packed=packed, use_cache=False
        )
        states: Tensor = output.last_hidden_state[0]
        return states

    def _prefix(self, tokens: Sequence[int]) -> KeyValues:
        store = KeyValues(1, len(tokens))
        for at in range(0, len(tokens), self._tokens):
            self._read_packed(store, [(0, at, list(tokens[at : at + self._tokens]))])
        return store

    def _read_packed(self, store: KeyValues, pieces: Sequence[tuple[int, int, list[int]]]) -> list[Tensor]:
        """One forward pass over (slot, first position, tokens); the hidden states of each."""
        lengths = [len(tokens) for _, _, tokens in pieces]
        ids, positions, slots = (
            torch.tensor(numbers, device=self.device, dtype=torch.long)
            for numbers in (
                [token for _, _, tokens in pieces for token in tokens],
                [begin + at for _, begin, tokens in pieces for at in range(len(tokens))],
                [slot for slot, _, tokens in pieces for _ in tokens],
            )
        )
        columns = max(begin + len(tokens) for _, begin, tokens in pieces)
        return list(self.hidden(ids, Packed(store, slots, positions, columns, lengths)).split(lengths))

    @torch.inference_mode()
    def _take_over_attention(self) -> None:
        """Let the model call our attention, and see that it reads two packed sequences as it reads the second alone."""
        if self.model.config._attn_implementation == NAME:
            return
        probe = list(range(1, 33))
        expected = self.model(input_ids=torch.tensor([probe], device=self.device)).logits[0, -1].float()
        is_same = torch.tensor(False)
        if self.model._supports_attention_backend:
            self.model.set_attn_implementation(NAME)
            _, states = self.read(KeyValues(2, len(probe)), [0, 1], [probe[::-1], probe], [0, 0])
            found = self.head.all(states[-1:])[0].float()
            likeness = torch.nn.functional.cosine_similarity(found, expected, dim=0)
            size = found.norm() / expected.norm()  # another one is another temperature
            is_same = (likeness > 1 - _DEVIATION) & ((size - 1).abs() < 10 * _DEVIATION)
        if not is_same:
            raise UserError(
                f"backend=transformers cannot decode with {type(self.model).__name__}: its attention or its output layer is "
                "not of the kind that transformers' AttentionInterface describes. Choose another generator, or run this one "
                "through backend=openai or backend=vllm."
            )


@dataclass(frozen=True)
class _Numbered:
    """A row with its number, and how many of its prompt's first tokens it shares with others."""

    number: int
    row: DecoderRow
    shared: int

    @property
    def width(self) -> int:
        return len(self.row.prompt) + self.row.room


class _Course:
    """Rows on their way through slots.

    On the host the slots in use are the first ones, and only they are computed. On another device all are, always in one shape, so
    that a step can be captured once as a CUDA graph and replayed.
    """

    def __init__(self, decoder: Decoder, rows: Sequence[DecoderRow]) -> None:
        self._decoder = decoder
        # The last token of a prompt is left to the first step.
        shared = shared_prefixes([row.prompt[:-1] for row in rows])
        self._waiting = deque(map(_Numbered, range(len(rows)), rows, shared))
        self._chooser = Chooser(decoder.head, decoder.vocabulary, selective=decoder.on_host)
        self._store = KeyValues(0, 0)
        self._slots: Slots | None = None
        self._owners: list[_Numbered | None] = []
        self._full = 0
        self._prefixes: dict[tuple[int, ...], KeyValues] = {}
        self._graph: torch.cuda.CUDAGraph | None = None

    def enter(self) -> bool:
        """Give free slots to waiting rows, once enough are free; returns whether any row is active."""
        used = [owner for owner in self._owners if owner]
        if len(used) <= (1 - _ENOUGH) * self._full:
            rows = self._affordable(used)
            if rows:
                self._admit(rows)
            elif self._decoder.on_host:
                self._close_gaps()
            self._full = len(used) + len(rows)
        return self._full > 0

    def run(self) -> None:
        """Take one step, or as many as are taken between two reads of the device's state."""
        for _ in range(1 if self._decoder.on_host else _LOOK):
            if self._graph:
                self._graph.replay()
            else:
                self._step()  # first of all in any case: it makes what a captured step must find, such as storage
                self._capture()

    def leave(self) -> Iterator[tuple[int, GenerationResult]]:
        """The results of the rows that have ended, whose slots are freed."""
        assert self._slots
        done = self._slots.done.tolist()
        ended = {at: owner for at, owner in enumerate(self._owners) if owner and done[at]}
        if ended:
            at = torch.tensor(list(ended), device=self._decoder.device)
            chosen = (tensor[at].tolist() for tensor in (self._slots.steps, self._slots.tokens, self._slots.events))
            for (slot, owner), steps, tokens, events in zip(ended.items(), *chosen, strict=True):
                self._owners[slot] = None
                yield owner.number, transcribe(owner.row, tokens[:steps], events[:steps], self._decoder.tokenizer)

    def _affordable(self, used: Sequence[_Numbered]) -> list[_Numbered]:
        """Waiting rows, while all rows times the widest stay within the budget; one at least where none is on its way."""
        rows: list[_Numbered] = []
        widest = max((owner.width for owner in used), default=0)
        while self._waiting:
            widest, count = max(widest, self._waiting[0].width), len(used) + len(rows)
            if count and (count + 1) * widest > self._decoder.token_budget:
                break
            rows.append(self._waiting.popleft())
        return rows

    def _admit(self, rows: Sequence[_Numbered]) -> None:
        """Fill free slots, or new ones behind them, and read the prompts but for their last tokens."""
        free = [at for at, owner in enumerate(self._owners) if not owner]
        slots = [*free, *range(len(self._owners), len(self._owners) + len(rows))][: len(rows)]
        self._owners += [None] * (max(slots) + 1 - len(self._owners))
        for slot, row in zip(slots, rows, strict=True):
            self._owners[slot] = row
        most = _rounded(max(row.row.settings.top_k for row in rows))
        stayed = [
            self._store.grow(len(self._owners), _rounded(max(row.width for row in rows))),
            self._put(slots, Slots.of([row.row for row in rows], self._decoder.device)),
            most <= self._chooser.most,
        ]
        self._chooser.most = max(most, self._chooser.most)
        if not all(stayed):
            self._graph = None
        prompts = [row.row.prompt[:-1] for row in rows]
        self._decoder.read(self._store, slots, prompts, [row.shared for row in rows], self._prefixes)

    def _put(self, slots: Sequence[int], state: Slots) -> bool:
        if self._slots is None:
            self._slots = state
            return False
        return self._slots.put(slots, state)

    def _step(self) -> None:
        """Read the next token of every slot, and choose the one after it."""
        assert self._slots
        slots = self._slots.first(len(self._owners))
        columns = int(slots.position.max()) + 1 if self._decoder.on_host else self._store.columns
        packed = Packed(
            self._store, torch.arange(len(slots.token), device=self._decoder.device), slots.position, columns
        )
        self._chooser.choose(slots, self._decoder.hidden(slots.token, packed))

    def _capture(self) -> None:
        if self._decoder.device.type == "cuda":
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph):
                self._step()

    def _close_gaps(self) -> None:
        """Move the last rows into the free slots before them."""
        used = {slot: owner for slot, owner in enumerate(self._owners) if owner}
        gaps = [slot for slot in range(len(used)) if slot not in used]
        for gap, (last, owner) in zip(gaps, reversed(used.items()), strict=False):
            assert self._slots
            self._store.move(last, gap, owner.width)
            self._slots.move(last, gap)
            self._owners[gap] = owner
        del self._owners[len(used) :]


def _rounded(size: int) -> int:
    return -(-size // _MULTIPLE) * _MULTIPLE
